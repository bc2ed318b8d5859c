/**
 * A value that prints as `[secret]` wherever it is printed by accident: in a template, in JSON, in an
 * inspected object, in an error. `reveal()` is the only way to the value, so that one search finds every use.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** A secret that is still in its key store. Code that forgets to read it from there fails. */
export class UnreadSecret extends Secret {
  constructor() {
    super('');
  }

  override reveal(): never {
    throw new Error('a secret that is still in its key store');
  }
}

/** A pair of keys, perhaps temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** With one, the keys are temporary. */
  readonly sessionToken: Secret | undefined;
  /** The key store with the secret, and the setting that names it. `openKeys` in `stores/` reads the secret. */
  readonly store?: { readonly value: string; readonly by: string };
}

/** Credentials from another provider. */
export interface Provided extends Credentials {
  /** Epoch seconds; undefined if the provider gives none. */
  readonly expiration?: number;
  readonly accountId?: string | undefined;
}

/** Temporary credentials as STS issues them. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken: Secret;
  /** Epoch seconds. */
  readonly expiration: number;
  /** The account of the credentials, twelve digits; undefined if it is not certain. */
  readonly accountId?: string | undefined;
  /** From another provider: the life that it was issued for is not known. */
  readonly isProvided?: true;
}

/** An instant in RFC 3339, UTC, whole seconds: `2026-11-21T11:47:46Z`, which SDKs and prompts read. */
export function rfc3339(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** A session on disk or between two processes. */
interface PlainSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: number;
  readonly accountId?: string | undefined;
}

export function toPlain(session: Session): PlainSession {
  return {
    accessKeyId: session.accessKeyId,
    secretAccessKey: session.secretAccessKey.reveal(),
    sessionToken: session.sessionToken.reveal(),
    expiration: session.expiration,
    accountId: session.accountId,
  };
}

/** Undefined for anything but a session: the file may be damaged, foreign or hostile. */
export function fromPlain(value: unknown): Session | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = value as Record<
    string,
    unknown
  >;
  if (!isCredential(accessKeyId) || !isCredential(secretAccessKey) || !isCredential(sessionToken)) {
    return undefined;
  }
  // 8.64e12 s is the last instant of a JavaScript Date.
  if (typeof expiration !== 'number' || !(expiration >= 0 && expiration <= 8.64e12)) return undefined;
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: new Secret(sessionToken),
    expiration: Math.floor(expiration),
    accountId: checkedAccount(accountId),
  };
}

/** The account of an ARN; undefined for anything else, such as the serial number of a hardware token. */
export function accountOf(arn: string | undefined): string | undefined {
  return /^arn:(?:[^:]*:){3}(\d{12})(?::|$)/.exec(arn ?? '')?.[1];
}

/**
 * The ARN of a user's MFA device with the name that the console proposes: the name of the user, without its path.
 * Undefined for any ARN but that of a user or the root user.
 */
export function deviceOfUser(arn: string): string | undefined {
  const [, account, user] = /^(arn:[\w-]+:iam::\d*):(?:user\/(?:.*\/)?([^/]+)|root)$/.exec(arn) ?? [];
  return account && `${account}:mfa/${user ?? 'root-account-mfa-device'}`;
}

/** Undefined for anything but twelve digits. */
export function checkedAccount(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{12}$/.test(value) ? value : undefined;
}

/** No environment variable can hold NUL, and no credential AWS issues has a control character. */
function isCredential(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && !/[\u0000-\u001f\u007f]/.test(value);
}

/** Whether there is a token, or an access key that starts with `ASIA` (IAM user guide, "Understanding unique ID prefixes"). */
export function isTemporary({ accessKeyId, sessionToken }: Credentials): boolean {
  return sessionToken !== undefined || accessKeyId.startsWith('ASIA');
}

/** An access key for people: `AKIA…MPLE`. */
export function shortKey(accessKeyId: string): string {
  return `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}
