import type { SharedFiles } from '../config/files.ts';
import { checkedAccount, type Provided, Secret } from '../credentials.ts';
import { sayTimeAndZone } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { ProvidedProfile } from '../profile/profile.ts';
import {
  type ErrorRow,
  explain,
  isAwsCode,
  networkReason,
  notAws,
  quoteAnswer,
  unavailableError,
} from '../sts/answer.ts';
import type { AskedRegions } from '../sts/endpoint.ts';
import { optionWord, printable } from '../text.ts';
import type { World } from '../world.ts';

/** Gets the credentials of a profile. */
export type Provider = (asking: Asking) => Promise<Provided>;

export interface Asking {
  readonly profile: ProvidedProfile;
  readonly world: World;
  readonly regions: AskedRegions;
  readonly files: SharedFiles;
}

/** `profile "work"`, or `the environment`, for the middle of a sentence. */
export function named({ profile }: Asking): string {
  return profile.name === environmentProfile ? 'the environment' : `profile "${printable(profile.name, 60)}"`;
}

/** The name as an argument of a command that the user may copy: `--profile 'two words'`. */
export function profileOption({ profile }: Asking): string {
  return optionWord('--profile', profile.name);
}

/** Credentials that are not checked yet. */
export interface Raw {
  readonly accessKeyId: unknown;
  readonly secretAccessKey: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: Date | undefined;
  readonly accountId?: unknown;
}

/**
 * Checks credentials. An error says what is wrong, and shows no part of them.
 *
 * @param gave to begin a sentence: `IAM Identity Center gave profile "dev"`
 * @param hint what to do about credentials that have expired
 * @throws UserError
 */
export function checked(raw: Raw, { world }: Asking, gave: string, hint: string): Provided {
  const { accessKeyId, secretAccessKey, expiration } = raw;
  // Programs write `"SessionToken": null` or "" for keys that have none.
  const sessionToken = raw.sessionToken || undefined;
  if (!accessKeyId || !secretAccessKey) {
    const half = accessKeyId ? 'an access key ID without its secret' : 'a secret without its access key ID';
    throw unusable(`${gave} ${accessKeyId || secretAccessKey ? half : 'no access key'}`);
  }
  if (
    !isWellFormed(accessKeyId) ||
    !isWellFormed(secretAccessKey) ||
    !(sessionToken === undefined || isWellFormed(sessionToken))
  ) {
    throw unusable(`${gave} an access key with characters that no AWS key has`);
  }
  // ASIA: temporary (IAM user guide, "Understanding unique ID prefixes").
  if (sessionToken === undefined && accessKeyId.startsWith('ASIA')) {
    throw unusable(`${gave} a temporary access key without its session token`);
  }
  const seconds = expiration === undefined ? undefined : Math.floor(expiration.getTime() / 1000);
  if (Number.isNaN(seconds)) throw unusable(`${gave} an invalid expiration`);
  if (seconds !== undefined && seconds * 1000 <= world.now()) {
    throw new UserError(
      Exit.refused,
      'expired-credentials',
      `${gave} credentials that expired at ${sayTimeAndZone(seconds, world.now())}`,
      hint,
    );
  }
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken === undefined ? undefined : new Secret(sessionToken),
    ...(seconds === undefined ? {} : { expiration: seconds }),
    accountId: checkedAccount(raw.accountId),
  };
}

/** A blank or a control character breaks the signature, and STS's answer would show the key. */
function isWellFormed(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function unusable(message: string): UserError {
  return new UserError(
    Exit.configuration,
    'unusable-credentials',
    message,
    'Check the program or service that gives the credentials; awsmfa does not show them.',
  );
}

/** A service that gives credentials, and its errors. */
export interface Service {
  /** To begin a sentence: `IAM Identity Center`. */
  readonly name: string;
  /** What to do about credentials that have expired. */
  readonly renew: string;
  /**
   * The rows match `NAME: message`. The name is empty for an error of the SDK itself. An error that no row matches did not
   * come from AWS.
   *
   * @param quoted AWS's error, fit to be shown
   * @param status of HTTP, where the error says it
   */
  errors(quoted: string, status: number | undefined): readonly ErrorRow[];
}

/** The credentials of a service, checked, or its error. */
export async function provide(asking: Asking, service: Service, get: () => Promise<Raw>): Promise<Provided> {
  try {
    return checked(await get(), asking, `${service.name} gave ${named(asking)}`, service.renew);
  } catch (error) {
    throw providerError(error, asking, service);
  }
}

/**
 * An error of a provider of the SDK, as something a person can act on. The providers put most errors into the message of
 * their own error, so the message tells them apart.
 */
export function providerError(error: unknown, asking: Asking, service: Service): UserError {
  if (error instanceof UserError) return error;
  // The message is matched and not shown: it may quote a file or an answer with secrets.
  const { name, message } = unwrap(error);
  const { code, statusCode, $metadata } = error as SdkError;
  const whole = `${code ?? ''} ${name}: ${message}`;
  const of = ` for ${named(asking)}`;
  if (/Invalid URL|Region not accepted|Region is missing/.test(whole)) {
    return new UserError(
      Exit.configuration,
      'bad-endpoint',
      `${service.name} cannot be called${of}: an endpoint is not a URL, or a region is not valid`,
      'Look at region and endpoint_url of the profile and its services, AWS_REGION and AWS_ENDPOINT_URL….',
    );
  }
  const network = networkCode(whole);
  const isAws = name === '' || isAwsCode(name);
  const measured = $metadata?.httpStatusCode;
  const unavailable = unavailableError(
    {
      status: network ? undefined : (measured ?? statusOf(name)),
      code: network ?? name,
      message: '',
      known: true,
      requestId: undefined,
      serverTime: undefined,
    },
    { name: service.name, of, withCode: false },
  );
  if (unavailable && (network || isAws)) return unavailable;
  const rows = isAws ? service.errors(quote(name, message), statusCode) : [];
  return (
    explain(rows, { code: name, message }) ??
    notAws(service.name, of, measured === undefined ? undefined : `HTTP ${measured}`)
  );
}

interface SdkError {
  readonly code?: string;
  /** Of the instance metadata service. */
  readonly statusCode?: number;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** AWS's error. The message of `ValidationError` quotes the parameter, which may be a token. */
function quote(code: string, message: string): string {
  const shown = printable(message.replace(/(?<=\bValue )'[^']*'/g, '…').trim(), 200);
  return quoteAnswer({ code, message: shown });
}

/** AWS's name and message, such as `UnauthorizedException`; an empty name for an error of the SDK itself. */
function unwrap(error: unknown): { readonly name: string; readonly message: string } {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (!/ProviderError$/.test(name)) return { name, message };
  const wrapped = /^(?:Failed to refresh token: )?([A-Z]\w*): (.*)$/s.exec(message);
  return wrapped?.[1] ? { name: wrapped[1], message: wrapped[2] ?? '' } : { name: '', message };
}

/** The status of an error that is in the message of another, which does not tell it. */
function statusOf(name: string): number {
  return /^(InternalServer|InternalFailure|InternalError|ServiceUnavailable)/.test(name) ? 500 : 400;
}

/** A code of `networkReason`. */
function networkCode(text: string): string | undefined {
  const [code] = /\b(E[A-Z]+_?[A-Z]+)\b/.exec(text) ?? [];
  if (code && networkReason(code)) return code;
  if (/certificate/i.test(text)) return 'CERTIFICATE';
  if (/TimeoutError/.test(text)) return 'TimeoutError';
  return /AggregateError|socket hang up/.test(text) ? 'ECONNRESET' : undefined;
}
