import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { RolePlan, SessionPlan } from '../session/plan.ts';
import { type Fault, readFault, said, where } from './answer.ts';
import type { StsEndpoint } from './endpoint.ts';
import { refusal } from './refusal.ts';

/**
 * What STS, or what stands before it, answered, as something a person can act on.
 *
 * @param accessKeyId of the credentials that called
 * @param now epoch milliseconds, to measure this clock against the answer's
 */
export function translate(
  error: unknown,
  plan: SessionPlan | RolePlan,
  accessKeyId: string,
  now: number,
): UserError {
  if (error instanceof UserError) return error;
  const fault = readFault(error);
  const { endpoint } = plan;
  const again =
    plan.serialNumber === undefined ? 'Try again in a moment.' : 'Try again in a moment, with a new code.';
  if (fault.status === undefined) return unreachable(fault, plan);
  // Throttling comes with HTTP 400, so that the code must be asked before the status.
  if (/Throttl|TooManyRequests|RequestLimitExceeded/i.test(fault.code)) {
    const message = `${where(endpoint)} is throttling: too many calls for this account just now (${said(fault)})`;
    return new UserError(Exit.unreachable, 'throttled', message, again);
  }
  if (fault.status >= 500 && fault.known) {
    const message = `${where(endpoint)} failed by itself: HTTP ${fault.status} ${said(fault)}`;
    return new UserError(Exit.unreachable, 'sts-failed', message, again);
  }
  if (!fault.known) return garbage(endpoint, `HTTP ${fault.status}`);
  return refusal(fault, plan, accessKeyId, now);
}

/** True when nothing was sent: the code is as good as before. */
export function hasNotArrived(error: unknown): boolean {
  return error instanceof UserError && error.code === notSent;
}

const notSent = 'unreachable';

/** An answer that STS would not give. */
export function garbage(endpoint: StsEndpoint, what: string): UserError {
  return new UserError(
    Exit.unreachable,
    'not-sts',
    `What answered at ${where(endpoint)} is not STS: ${what}`,
    'Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL in between.',
  );
}

function unreachable(
  { code, message }: Fault,
  { endpoint, serialNumber }: SessionPlan | RolePlan,
): UserError {
  const why = /^[A-Z_]+$/.test(code) ? code : `${code}: ${message}`;
  const spent = serialNumber ? ' If the code got through it is spent: use the next one.' : '';
  return new UserError(
    Exit.unreachable,
    // What was cut off, or took too long, may have arrived.
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|.*CERT.*|.*SIGNATURE.*)$/.test(code)
      ? notSent
      : 'no-answer',
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
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE',
};
