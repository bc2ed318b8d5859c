import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Credentials, deviceOfUser, shortKey } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { homeRegion, partitionOf } from '../profile/region.ts';
import { printable } from '../text.ts';
import { nameSts, notAws, readError } from './answer.ts';
import { clientConfig, nobody, watchAnswers } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { type StsCall, translateError, unknownKey, wrongDevice } from './errors.ts';

/** The owner of credentials, by GetCallerIdentity. No policy can deny this call. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** The result of GetCallerIdentity, also when it failed. */
export interface Reached {
  /** Undefined where the settings name no valid endpoint. */
  readonly endpoint: StsEndpoint | undefined;
  /** The URL that was called; undefined where no call was made. */
  readonly url?: string;
  /** Undefined without credentials, and when STS refused them. */
  readonly identity?: Identity;
  readonly error?: UserError;
  /** No name could be resolved, or there was no way out: most likely no network at all. */
  readonly offline: boolean;
  /** Of this clock against STS's, in seconds, positive when this one is ahead; undefined without an answer of STS. */
  readonly offset?: number;
  /** How long the answer took, in milliseconds. */
  readonly took?: number;
}

/**
 * Asks STS for the owner of credentials.
 *
 * @param profile for messages
 * @param now epoch milliseconds
 * @param seconds how long it may take in all; undefined for as long as the attempts take
 * @throws UserError when STS refuses them, or does not answer
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
 * The same, with the facts about the connection. Without credentials the call is not signed: the error of STS shows that
 * STS can be reached, and its clock.
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
  const measured = () => {
    const took = now() - before;
    const { date } = lastAnswer();
    return { took, ...(date ? { offset: offset(before + took / 2, date) } : {}) };
  };
  const reached = (more: Partial<Reached>, isSts = true): Reached => {
    const { url } = lastAnswer();
    return { endpoint, offline: false, ...(url ? { url } : {}), ...more, ...(isSts ? measured() : {}) };
  };
  try {
    const options = abortSignal ? { abortSignal } : {};
    const { Account: account, Arn: arn } = await client.send(new GetCallerIdentityCommand({}), options);
    if (!account || !arn) throw notAws(nameSts(endpoint), '', 'a 200 without an identity');
    return reached({ identity: { account, arn } });
  } catch (caught) {
    const slow = Object.assign(new Error(), { name: 'TimeoutError' });
    const { code } = readError(caught);
    if (!credentials && /^MissingAuthenticationToken/.test(code)) return reached({});
    const error = translateError(abortSignal?.aborted ? slow : caught, call, keys.accessKeyId, now());
    return reached({ error, offline: noNetwork.has(code) }, error.exit !== Exit.unreachable);
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

/**
 * Explains an error that has two possible causes with one more call, GetCallerIdentity, of three seconds at most: the
 * device is of another account or user, or the region is not enabled. Without an answer the error stays as it is.
 */
export async function explainByIdentity(
  error: UserError,
  call: StsCall,
  credentials: Credentials,
  now: () => number,
): Promise<UserError> {
  const { endpoint, profile } = call;
  const isDevice = error.code === wrongDevice;
  // Where a region has to be opted in and is not, its STS knows no key of the account (IAM user guide, "Managing
  // AWS STS in an AWS Region"). The region that every account of the partition has does.
  const region = isDevice || partitionOf(endpoint.region) !== 'aws' ? endpoint.region : homeRegion('aws');
  if (!isDevice && (error.code !== unknownKey || region === endpoint.region)) return error;
  try {
    const identity = await identify(credentials, profile, { ...endpoint, region, attempts: 1 }, now, 3);
    return isDevice ? deviceError(identity, call, credentials) : regionError(identity, call);
  } catch {
    return error;
  }
}

function deviceError(
  { account, arn }: Identity,
  { profile, serialNumber = '' }: StsCall,
  { accessKeyId }: Credentials,
): UserError {
  const [device, user, name] = [printable(serialNumber, 100), printable(arn, 100), printable(profile, 60)];
  const [, , , , deviceAccount] = serialNumber.split(':');
  const guess = deviceOfUser(arn);
  return new UserError(
    Exit.refused,
    wrongDevice,
    deviceAccount && deviceAccount !== account
      ? `The MFA device ${device} belongs to account ${printable(deviceAccount, 20)}, and the access key ${shortKey(accessKeyId)} of profile "${name}" belongs to account ${printable(account, 20)}`
      : `${user} (profile "${name}") has no MFA device ${device}`,
    guess === undefined || guess === serialNumber
      ? `Look up which devices ${user} has: IAM, Users, Security credentials.`
      : `Its device is most likely ${printable(guess, 100)}. IAM, Users, Security credentials lists its devices.`,
  );
}

function regionError({ account }: Identity, { endpoint, profile }: StsCall): UserError {
  return new UserError(
    Exit.refused,
    'region-disabled',
    `${endpoint.region} is not enabled for account ${printable(account, 20)} of profile "${printable(profile, 60)}": STS knows its keys in other regions only`,
    'Use another region with --sts-region, or ask an administrator to enable it in the account settings.',
  );
}
