import type { SharedFiles } from '../config/files.ts';
import { checkedAccount, type Provided } from '../credentials.ts';
import { sayTimeAndZone } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { ProvidedProfile } from '../profile/profile.ts';
import { Secret } from '../secret.ts';
import { optionWord } from '../shell-word.ts';
import {
  type ErrorAnswer,
  isAwsCode,
  networkReason,
  notAws,
  quoteAnswer,
  unavailableError,
} from '../sts/answer.ts';
import type { AskedRegions } from '../sts/endpoint.ts';
import type { World } from '../world.ts';

/** One way to credentials. */
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

/** What a provider found, before it has been looked at. */
export interface Raw {
  readonly accessKeyId: unknown;
  readonly secretAccessKey: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: Date | undefined;
  readonly accountId?: unknown;
}

/**
 * Credentials that can be used, or an error that says what is wrong with them and shows none of them.
 *
 * @param gave who gave them to whom: `IAM Identity Center gave profile "dev"`
 * @param hint what to do about credentials that have expired
 */
export function found(raw: Raw, { world }: Asking, gave: string, hint: string): Provided {
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
  if (Number.isNaN(seconds)) throw unusable(`${gave} an expiration that is no time`);
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
    'Look at what gives the credentials; awsmfa does not show them.',
  );
}

/** The service that was asked, and what its refusal means. */
export interface Service {
  /** To begin a sentence: `IAM Identity Center`. */
  readonly name: string;
  /** What to make of its own errors, and of what the SDK says by itself; undefined for what is neither. */
  refusal(said: Said): readonly [code: string, message: string, hint: string] | undefined;
}

export interface Said {
  /** The service's name of the error, such as `UnauthorizedException`; empty when it is the SDK that speaks. */
  readonly name: string;
  /** To be matched, not to be shown: it may quote a file or an answer with secrets. */
  readonly text: string;
}

/**
 * What a provider of the SDK threw, as something a person can act on. The providers put most errors into the text of
 * one of their own, so the text tells them apart.
 */
export function providerFault(error: unknown, asking: Asking, service: Service): UserError {
  if (error instanceof UserError) return error;
  const said = readSaid(error);
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } };
  const whole = `${code ?? ''} ${said.name}: ${said.text}`;
  const of = ` for ${named(asking)}`;
  if (/Invalid URL|Region not accepted|Region is missing/.test(whole)) {
    return new UserError(
      Exit.configuration,
      'bad-endpoint',
      `${service.name} cannot be called${of}: an endpoint is no URL, or a region none`,
      'Look at region and endpoint_url of the profile and its services, AWS_REGION and AWS_ENDPOINT_URL….',
    );
  }
  const network = networkCode(whole);
  const measured = $metadata?.httpStatusCode;
  const status = network ? undefined : (measured ?? statusOf(said.name));
  const answer: ErrorAnswer = {
    status,
    code: network ?? said.name,
    // It may quote a token or a file.
    message: '',
    known: true,
    requestId: undefined,
    serverTime: undefined,
  };
  const isAws = said.name === '' || isAwsCode(said.name);
  const way =
    network || isAws ? unavailableError(answer, { name: service.name, of, withCode: false }) : undefined;
  if (way) return way;
  const refusal = isAws ? service.refusal(said) : undefined;
  if (!refusal) return notAws(service.name, of, measured === undefined ? undefined : `HTTP ${measured}`);
  const [word, message, hint] = refusal;
  return new UserError(Exit.refused, word, message, hint);
}

/** AWS's error, in its words. `ValidationError` quotes what it was sent, which is a token. */
export function shown({ name, text }: Said): string {
  const message = printable(text.replace(/(?<=\bValue )'[^']*'/g, '…').trim(), 200);
  return quoteAnswer({ code: name, message });
}

function readSaid(error: unknown): Said {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (!/ProviderError$/.test(name)) return { name, text: message };
  const wrapped = /^(?:Failed to refresh token: )?([A-Z]\w*): (.*)$/s.exec(message);
  return wrapped?.[1] ? { name: wrapped[1], text: wrapped[2] ?? '' } : { name: '', text: message };
}

/** An error that is in the text of another has lost its status. */
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
