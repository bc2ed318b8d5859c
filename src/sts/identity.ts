import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from '../credentials.ts';
import { Exit, type UserError } from '../errors.ts';
import { nameSts, notAws, readError, type StsCall } from './answer.ts';
import { clientConfig, nobody, watchAnswers } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { translateError } from './errors.ts';

/** Whose credentials these are, as STS says. No policy can deny the question. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** How far a call of STS got. */
export interface Reached {
  /** Undefined when nobody could say where to call. */
  readonly endpoint: StsEndpoint | undefined;
  /** The URL of the call; undefined where it was never made. */
  readonly url?: string;
  /** Whose the credentials are; undefined when there were none, or they were refused. */
  readonly identity?: Identity;
  /** What went wrong, on the way or with the credentials. */
  readonly error?: UserError;
  /** No name could be resolved, or there was no way out: most likely no network at all. */
  readonly offline: boolean;
  /** Of this clock against STS's, in seconds, positive when this one is ahead; undefined without an answer of STS. */
  readonly offset?: number;
  /** How long the answer took, in milliseconds. */
  readonly took?: number;
}

/**
 * Asks STS whose credentials these are.
 *
 * @param profile for messages
 * @param now epoch milliseconds
 * @param seconds how long it may take in all; undefined for as long as the attempts take
 * @throws UserError when STS does not take them, or does not answer
 */
export async function identify(
  credentials: Credentials,
  profile: string,
  endpoint: StsEndpoint,
  now: () => number,
  seconds?: number,
): Promise<Identity> {
  const { identity, error } = await reach(credentials, profile, endpoint, now, seconds);
  if (identity) return identity;
  throw error;
}

/**
 * Asks STS whose the credentials are, and tells what can be learned from the answer, whatever it is. Without credentials
 * the call is not signed: STS refuses it, which shows that it is there, and what time it has.
 *
 * @param profile for messages
 * @param now epoch milliseconds
 * @param seconds how long it may take in all; undefined for as long as the attempts take
 * @throws UserError configuration, for a proxy or a bundle that cannot be used
 */
export async function reach(
  credentials: Credentials | undefined,
  profile: string,
  endpoint: StsEndpoint,
  now: () => number,
  seconds?: number,
): Promise<Reached> {
  const keys = credentials ?? nobody;
  const call: StsCall = { profile, endpoint, serialNumber: undefined, source: { step: 'keys', profile } };
  const config = await clientConfig(endpoint, keys);
  const client = new STSClient(credentials ? config : { ...config, signer: unsigned });
  const lastAnswer = watchAnswers(client);
  const abortSignal = seconds === undefined ? undefined : AbortSignal.timeout(Math.round(seconds * 1000));
  const before = now();
  const called = () => {
    const { url } = lastAnswer();
    return url === undefined ? {} : { url };
  };
  const answered = () => {
    const took = now() - before;
    const { date } = lastAnswer();
    return { took, ...called(), ...(date ? { offset: offset(before + took / 2, date) } : {}) };
  };
  try {
    const options = abortSignal ? { abortSignal } : {};
    const { Account: account, Arn: arn } = await client.send(new GetCallerIdentityCommand({}), options);
    if (!account || !arn) throw notAws(nameSts(endpoint), '', 'a 200 without an identity');
    return { endpoint, identity: { account, arn }, offline: false, ...answered() };
  } catch (caught) {
    const slow = Object.assign(new Error(), { name: 'TimeoutError' });
    const { code } = readError(caught);
    const error = translateError(abortSignal?.aborted ? slow : caught, call, keys.accessKeyId, now());
    if (!credentials && /^MissingAuthenticationToken/.test(code)) {
      return { endpoint, offline: false, ...answered() };
    }
    const isSts = error.exit !== Exit.unreachable;
    return { endpoint, error, offline: noNetwork.has(code), ...called(), ...(isSts ? answered() : {}) };
  } finally {
    client.destroy();
  }
}

/** A date has whole seconds: it was written half a second later on average. */
function offset(time: number, date: number): number {
  return Math.round((time - date - 500) / 1000);
}

const noNetwork = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
]);

const unsigned = { sign: async <Request>(request: Request) => request };
