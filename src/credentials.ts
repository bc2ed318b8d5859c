import { Secret } from './secret.ts';

/** A pair of keys, perhaps temporary. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** With one, the keys are temporary. */
  readonly sessionToken: Secret | undefined;
  /** The key store that has the secret, and who names it. `openKeys` in `stores/` reads the secret. */
  readonly store?: { readonly value: string; readonly by: string };
}

/** Credentials of somebody else's making. */
export interface Provided extends Credentials {
  /** Epoch seconds, where the provider says. */
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
  /** The account that the credentials belong to, twelve digits; undefined where nothing says so for certain. */
  readonly accountId?: string | undefined;
}

/** The same instant in RFC 3339, UTC, whole seconds: `2026-11-21T11:47:46Z`, what SDKs and prompts read. */
export function rfc3339(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** What a session looks like between two processes or on disk. */
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

/** Undefined for anything that is not a session; the file may be damaged, foreign or hostile. */
export function fromPlain(value: unknown): Session | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken, expiration, accountId } = value as Record<
    string,
    unknown
  >;
  if (!isCredential(accessKeyId) || !isCredential(secretAccessKey) || !isCredential(sessionToken)) {
    return undefined;
  }
  // 8.64e12 s is the last instant a JavaScript Date can say.
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
 * What the console proposes to call the first device of a user, and of the root user: the name of the user, without
 * its path. Undefined for the ARN of anybody else.
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

/** With a token, or an access key that starts in `ASIA` (IAM user guide, "Understanding unique ID prefixes"). */
export function isTemporary({ accessKeyId, sessionToken }: Credentials): boolean {
  return sessionToken !== undefined || accessKeyId.startsWith('ASIA');
}

/** An access key for people: `AKIA…MPLE`. */
export function shortKey(accessKeyId: string): string {
  return `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}
