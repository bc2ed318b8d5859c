import { Secret, type Session } from '../credentials.ts';
import { sayDuration, sayTimeAndZone } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { printable, withoutUser } from '../text.ts';
import type { StsEndpoint } from './endpoint.ts';

/** An error that AWS answered with, or a network error. */
export interface ErrorAnswer {
  /** Of HTTP; undefined when nothing answered. */
  readonly status: number | undefined;
  /** AWS's code, or the network's. */
  readonly code: string;
  readonly message: string;
  /** Whether the answer named an error code: pages of proxies and login portals name none. */
  readonly known: boolean;
  readonly requestId: string | undefined;
  /** The server's clock, epoch milliseconds. */
  readonly serverTime: number | undefined;
}

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> };
}

/** The error that the AWS SDK threw, as data. */
export function readError(error: unknown): ErrorAnswer {
  const { name, code, message, $metadata, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const date = Date.parse($response?.headers?.date ?? '');
  return {
    status,
    code: status === undefined ? (code ?? name ?? '') : name,
    // A validation error repeats the parameter, and that may be the token code.
    message: printable(
      String(message ?? '')
        .trim()
        .replace(/Value '[^']*' at 'tokenCode'/g, "Value '…' at 'tokenCode'"),
    ),
    known: isAwsCode(name ?? 'Error'),
    requestId: $metadata?.requestId,
    serverTime: Number.isNaN(date) ? undefined : date,
  };
}

/** False for JavaScript's own names, and for the names that the SDK gives to an answer without an error code. */
export function isAwsCode(name: string): boolean {
  return !/^(Error|SyntaxError|TypeError|RangeError|Unknown|UnknownError|\w*ServiceException|\d+)$/.test(
    name,
  );
}

/** AWS's code and message. */
export function quoteAnswer({ code, message }: Pick<ErrorAnswer, 'code' | 'message'>): string {
  return message && message !== code ? `${printable(code, 60)}: ${message}` : printable(code, 60);
}

/** The error as `--debug` shows it. */
export function quoteForDebug(answer: ErrorAnswer): string {
  return `HTTP ${answer.status ?? 'none'}, request ${answer.requestId ?? 'none'}: ${quoteAnswer(answer)}`;
}

/** `STS in eu-west-1`, to begin a sentence. */
export function nameSts({ url, region }: StsEndpoint): string {
  return url ? `STS (${printable(withoutUser(url), 100)})` : `STS in ${region}`;
}

/** The service that was called, for messages. */
export interface Service {
  /** To begin a sentence: `IAM Identity Center`. */
  readonly name: string;
  /** For the middle of a sentence: ` for profile "work"`, or empty. */
  readonly of: string;
  /** Whether a token code went with the call. */
  readonly withCode: boolean;
}

/** One row of a table of errors. The first row that matches `CODE: message` of an answer explains it. */
export interface ErrorRow {
  /** Undefined for a row that does not apply to this call. */
  readonly when: RegExp | undefined;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * The error of a service, as something a person can act on.
 *
 * @param rows for the errors that the service answers with; the last one matches every error
 */
export function translate(
  error: unknown,
  service: Service,
  rows: (answer: ErrorAnswer) => readonly ErrorRow[],
): UserError {
  if (error instanceof UserError) return error;
  const answer = readError(error);
  return unavailableError(answer, service) ?? (explain(rows(answer), answer) as UserError);
}

/** The first row that matches; undefined where none does. */
export function explain(
  rows: readonly ErrorRow[],
  { code, message }: Pick<ErrorAnswer, 'code' | 'message'>,
): UserError | undefined {
  const row = rows.find(({ when }) => when?.test(`${code}: ${message}`));
  return row && new UserError(Exit.refused, row.code, row.message.replace(/^profile /, 'Profile '), row.hint);
}

/** An error of the network or inside the service; undefined for an error that the service answered with a code. */
export function unavailableError(answer: ErrorAnswer, service: Service): UserError | undefined {
  const { name, of, withCode } = service;
  const { status, code, known } = answer;
  const again = withCode ? 'Try again in a moment, with a new code.' : 'Try again in a moment.';
  if (status === undefined) return unreachable(answer, service);
  // STS throttles with HTTP 400, so the code is looked at before the status.
  if (/Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/i.test(code)) {
    const message = `${name} is throttling${of}: too many calls for this account just now (${quoteAnswer(answer)})`;
    return new UserError(Exit.unreachable, 'throttled', message, again);
  }
  if ((status >= 500 && known) || /^IDPCommunicationError/.test(code)) {
    const message = `${name} failed by itself${of}: HTTP ${status} ${quoteAnswer(answer)}`;
    return new UserError(Exit.unreachable, 'service-failed', message, again);
  }
  return known ? undefined : notAws(name, of, `HTTP ${status}`);
}

/** An answer that AWS would not give. */
export function notAws(name: string, of: string, what: string | undefined): UserError {
  return new UserError(
    Exit.unreachable,
    'not-aws',
    `What answered${of} is not ${name}${what === undefined ? '' : `: ${what}`}`,
    'Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL in between.',
  );
}

/** True when nothing was sent: the token code can still be used. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof UserError && error.code === notSent;
}

const notSent = 'unreachable';

function unreachable({ code, message }: ErrorAnswer, { name, of, withCode }: Service): UserError {
  const why = /^[A-Z_]+$/.test(code) ? code : `${code}: ${message}`;
  // A request that was cut off, or took too long, may have arrived.
  const isSent = !neverSent.test(code);
  const spent = withCode && isSent ? ' If the code got through it is spent: use the next one.' : '';
  return new UserError(
    Exit.unreachable,
    isSent ? 'no-answer' : notSent,
    `${name} could not be reached${of}: ${networkReason(code, message) ?? printable(why, 120)}`,
    `Look at the network, the region and the proxy settings, then try again.${spent}`,
  );
}

const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|EADDRNOTAVAIL|.*CERT.*|.*SIGNATURE.*)$/;

/**
 * A code of Node's network modules, in words; undefined for any other code.
 *
 * @param message Node's, which ends in the host or address: often that of a proxy
 */
export function networkReason(code: string, message = ''): string | undefined {
  if (/CERT|SIGNATURE/.test(code) && /^[A-Z_]+$/.test(code)) {
    return 'its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE';
  }
  const words = networkReasons[code];
  const [, where = ''] = / [A-Z_]+( [\w.:-]+)$/.exec(message) ?? [];
  return words && (code === 'TimeoutError' ? words : `${words} (${code}${where})`);
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EPROTO: 'no TLS connection',
  ENOTFOUND: 'its name is not known, is there a network?',
  EAI_AGAIN: 'names cannot be resolved, is there a network?',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no way there',
  EHOSTDOWN: 'no way there',
  ENETUNREACH: 'no network',
  ENETDOWN: 'no network',
  EADDRNOTAVAIL: 'no network',
  TimeoutError: 'no answer in time',
};

export const setClock = 'Set the clock (turn on automatic time), then try again with a new code.';

/**
 * How far this clock is off, in words: `20m behind`. It compares the times in the text of STS's error, else the date of
 * the answer. Undefined below 30 seconds, which no code minds.
 *
 * @param now epoch milliseconds
 */
export function clockOffset(
  { message, serverTime }: Pick<ErrorAnswer, 'message' | 'serverTime'>,
  now: number,
): string | undefined {
  // `…: SIGNED is now earlier than LIMIT (SERVER - 15 min.)`
  const [signed, , server] = [...message.matchAll(/\d{8}T\d{6}Z/g)].map(([basic]) => fromBasic(basic));
  const [here, there] =
    signed !== undefined && server !== undefined ? [signed, server] : [now, serverTime ?? now];
  const seconds = (here - there) / 1000;
  if (Math.abs(seconds) < 30) return undefined;
  return `${sayDuration(Math.abs(seconds))} ${seconds < 0 ? 'behind' : 'ahead'}`;
}

/** Epoch milliseconds of ISO 8601's basic form, `20220127T001427Z`. */
function fromBasic(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** Credentials as they are in an answer of STS. */
export interface AnsweredCredentials {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
  readonly Expiration?: Date | undefined;
}

/** AWS's tokens have up to 4 KiB today and may grow. A value of eight times that is not a token. */
const mostCharacters = 32_768;

/**
 * The session in an answer.
 *
 * @param now this clock, epoch milliseconds
 * @param serverTime the server's clock
 * @throws UserError for an answer that STS would not give, and for a session that has expired by this clock
 */
export function checkAnswer(
  answer: AnsweredCredentials,
  service: string,
  now: number,
  serverTime: number | undefined,
): Session {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer;
  const expiration = Math.floor((Expiration?.getTime() ?? Number.NaN) / 1000);
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || Number.isNaN(expiration)) {
    throw notAws(service, '', 'a 200 without credentials');
  }
  const parts = {
    'access key': AccessKeyId,
    'secret access key': SecretAccessKey,
    'session token': SessionToken,
  };
  for (const [name, text] of Object.entries(parts)) {
    if (/[\u0000-\u001f\u007f]/.test(text)) throw notAws(service, '', `a ${name} with a control character`);
    if (text.length > mostCharacters) throw notAws(service, '', `a ${name} of ${text.length} characters`);
  }
  if (expiration * 1000 <= now) throw expiredError(expiration, service, now, serverTime);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: new Secret(SessionToken),
    expiration,
  };
}

function expiredError(
  expiration: number,
  service: string,
  now: number,
  serverTime: number | undefined,
): UserError {
  const offset = clockOffset({ message: '', serverTime }, now);
  if (serverTime !== undefined && expiration * 1000 > serverTime && offset) {
    return new UserError(
      Exit.refused,
      'clock-off',
      `This clock is ${offset}: by this clock, the new session of ${service} has expired already`,
      setClock,
    );
  }
  return notAws(service, '', `a session that ended at ${sayTimeAndZone(expiration, now)}`);
}
