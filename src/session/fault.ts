import { sayDuration } from '../config/duration.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { StsEndpoint } from './endpoint.ts';
import type { RolePlan, SessionPlan } from './plan.ts';

/**
 * What STS, or what stands before it, answered, as something a person can act on. AWS's texts are matched
 * loosely: they come with and without blanks at the end, and change.
 *
 * @param now epoch milliseconds, to measure this clock against the answer's
 */
export function translate(
  error: unknown,
  plan: SessionPlan | RolePlan,
  accessKeyId: string,
  now: number,
): UserError {
  if (error instanceof UserError) return error;
  const fault = read(error);
  const { endpoint } = plan;
  if (fault.status === undefined) return unreachable(fault, plan);
  if (/Throttl|TooManyRequests|RequestLimitExceeded/i.test(fault.code)) {
    return new UserError(
      Exit.unreachable,
      'throttled',
      `${where(endpoint)} is throttling: too many calls for this account just now (${said(fault)})`,
      'Wait some seconds and try again, with a new code.',
    );
  }
  if (fault.status >= 500 && fault.known) {
    return new UserError(
      Exit.unreachable,
      'sts-failed',
      `${where(endpoint)} failed by itself: HTTP ${fault.status} ${said(fault)}`,
      'Try again in a moment, with a new code.',
    );
  }
  if (!fault.known) return garbage(endpoint, `HTTP ${fault.status}`);
  return refusal(fault, plan, accessKeyId, now);
}

/** An answer that STS would not give. */
export function garbage(endpoint: StsEndpoint, what: string): UserError {
  return new UserError(
    Exit.unreachable,
    'not-sts',
    `What answered at ${where(endpoint)} is not STS: ${what}`,
    'Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL in between.',
  );
}

/** True when another code can mend it. */
export function isWrongCode(error: unknown): error is UserError {
  return error instanceof UserError && error.code === wrongCode;
}

const wrongCode = 'wrong-code';

interface Fault {
  readonly status: number | undefined;
  /** AWS's code, or the network's. */
  readonly code: string;
  readonly message: string;
  /** Whether the answer named an error code: pages of proxies and login portals name none. */
  readonly known: boolean;
  /** The server's clock, epoch milliseconds. */
  readonly serverTime: number | undefined;
}

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> };
}

function read(error: unknown): Fault {
  const { name, code, message, $metadata, $response } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const date = Date.parse($response?.headers?.date ?? '');
  return {
    status,
    code: status === undefined ? (code ?? name ?? '') : name,
    message: printable(String(message ?? '').trim()),
    known: !/^(Error|SyntaxError|TypeError|Unknown|UnknownError|STSServiceException|\d+)$/.test(
      name ?? 'Error',
    ),
    serverTime: Number.isNaN(date) ? undefined : date,
  };
}

function unreachable(
  { code, message }: Fault,
  { endpoint, serialNumber }: SessionPlan | RolePlan,
): UserError {
  const why = /^[A-Z_]+$/.test(code) ? code : `${code}: ${message}`;
  const spent = serialNumber ? ' If the code got through it is spent: use the next one.' : '';
  return new UserError(
    Exit.unreachable,
    'unreachable',
    `${where(endpoint)} could not be reached: ${networkReasons[code] ?? printable(why, 120)}`,
    `Look at the network, the region and the proxy settings, then try again.${spent}`,
  );
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused (ECONNREFUSED)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
  ENOTFOUND: 'its name is not known, is there a network? (ENOTFOUND)',
  EAI_AGAIN: 'names cannot be resolved, is there a network? (EAI_AGAIN)',
  ETIMEDOUT: 'no answer in time (ETIMEDOUT)',
  TimeoutError: 'no answer in time',
};

function refusal(fault: Fault, plan: SessionPlan | RolePlan, accessKeyId: string, now: number): UserError {
  const { code, message } = fault;
  const { endpoint, serialNumber = '' } = plan;
  const key = `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
  const of = `profile "${printable(plan.profile, 60)}"`;
  const offset = clockOffset(fault, now);
  if (/^Signature (expired|not yet current)/.test(message)) {
    return refused(
      'clock-off',
      `This clock is ${offset ?? 'too far off'}: AWS refuses to be called by it`,
      setClock,
    );
  }
  if (/one time pass code/.test(message) && !/must provide both/.test(message)) {
    return refused(
      wrongCode,
      `AWS refused the MFA code: wrong, too old, or used before${offset ? `; this clock is ${offset}` : ''}`,
      offset
        ? setClock
        : `Use the next code of ${printable(serialNumber, 100)}; each works once, for 30 seconds.`,
    );
  }
  if (/verify your MFA serial number/.test(message)) {
    return refused(
      'wrong-device',
      `AWS knows no MFA device ${printable(serialNumber, 100)} for the user of ${of}`,
      'Take the ARN from IAM, Users, Security credentials: …:mfa/NAME, in the account of this access key.',
    );
  }
  if (code === 'InvalidClientTokenId') {
    return refused(
      'unknown-key',
      `AWS does not know the access key ${key} of ${of}: deleted, disabled, or of another partition`,
      'Look in IAM whether the key is active, and renew it with: aws configure',
    );
  }
  if (code === 'SignatureDoesNotMatch') {
    return refused(
      'wrong-secret',
      /scoped/.test(message)
        ? `The region ${endpoint.region} does not fit the endpoint ${where(endpoint)}`
        : `The secret key of ${key} (${of}) is not the one AWS has`,
      /scoped/.test(message)
        ? 'Set --sts-region, or the endpoint, so that both name the same region.'
        : 'Copy the pair of keys again with: aws configure',
    );
  }
  if (code === 'RegionDisabledException') {
    return refused(
      'region-disabled',
      `STS is switched off for this account in ${endpoint.region}`,
      'Use another region with --sts-region, or let an administrator switch it on in IAM, Account settings.',
    );
  }
  return refused('refused', `AWS refused: ${said(fault)}`, 'With --debug awsmfa shows what it sent.');
}

const setClock = 'Set the clock (turn on automatic time), then try again with a new code.';

function refused(code: string, message: string, hint: string): UserError {
  return new UserError(Exit.refused, code, message, hint);
}

/** How far off this clock is, when it is far enough to matter to codes (30 s), in words. */
function clockOffset({ message, serverTime }: Fault, now: number): string | undefined {
  // `…: SIGNED is now earlier than LIMIT (SERVER - 15 min.)`
  const [signed, , server] = [...message.matchAll(/\d{8}T\d{6}Z/g)].map(([basic]) => fromBasic(basic));
  const seconds =
    signed !== undefined && server !== undefined
      ? (signed - server) / 1000
      : serverTime === undefined
        ? 0
        : (now - serverTime) / 1000;
  if (Math.abs(seconds) < 30) return undefined;
  return `${sayDuration(Math.abs(seconds))} ${seconds < 0 ? 'behind' : 'ahead'}`;
}

/** Epoch milliseconds of ISO 8601's basic form, `20220127T001427Z`. */
function fromBasic(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function said({ code, message }: Fault): string {
  return message ? `${printable(code, 60)}: ${message}` : printable(code, 60);
}

function where(endpoint: StsEndpoint): string {
  return endpoint.url ? `STS (${printable(endpoint.url, 100)})` : `STS in ${endpoint.region}`;
}
