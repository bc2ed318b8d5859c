import { partition } from '@aws-sdk/core/client';
import { type Credentials, deviceOfUser, shortKey } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type StsCall, unknownKey, wrongDevice } from './answer.ts';
import { type Identity, identify } from './identity.ts';

/**
 * A refusal with two causes is looked at once more: whose key is it, where the device is not known; is it known
 * elsewhere, where the key is not. One call of GetCallerIdentity, three seconds at most; without an answer the refusal
 * stays as it is.
 */
export async function secondLook(
  error: UserError,
  call: StsCall,
  credentials: Credentials,
  now: () => number,
): Promise<UserError> {
  const look = looks[error.code];
  if (!look) return error;
  const endpoint = { ...call.endpoint, attempts: 1, ...look.at(call) };
  if (error.code === unknownKey && endpoint.region === call.endpoint.region) return error;
  try {
    const identity = await identify(credentials, call.profile, endpoint, now, 3);
    return look.say(identity, call, credentials) ?? error;
  } catch {
    return error;
  }
}

interface Look {
  /** Where it is asked. */
  readonly at: (call: StsCall) => { readonly region?: string };
  readonly say: (identity: Identity, call: StsCall, credentials: Credentials) => UserError | undefined;
}

const looks: Readonly<Record<string, Look>> = {
  [wrongDevice]: { at: () => ({}), say: deviceOf },
  // Where a region has to be opted in and is not, its STS knows no key of the account (IAM user guide, "Managing
  // AWS STS in an AWS Region"). The region that every account of the partition has does.
  [unknownKey]: { at: ({ endpoint }) => ({ region: homeOf(endpoint.region) }), say: regionOff },
};

function homeOf(region: string): string {
  return partition(region).name === 'aws' ? 'us-east-1' : region;
}

function deviceOf(
  { account, arn }: Identity,
  { profile, serialNumber = '' }: StsCall,
  { accessKeyId }: Credentials,
): UserError {
  const device = printable(serialNumber, 100);
  const [, , , , deviceAccount] = serialNumber.split(':');
  const guess = deviceOfUser(arn);
  const hint =
    guess === undefined || guess === serialNumber
      ? `Look up which devices ${printable(arn, 100)} has: IAM, Users, Security credentials.`
      : `Its own is most likely ${printable(guess, 100)}; IAM, Users, Security credentials says for certain.`;
  if (deviceAccount && deviceAccount !== account) {
    return refused(
      `The MFA device ${device} is of account ${printable(deviceAccount, 20)}, and the access key ${shortKey(accessKeyId)} of profile "${printable(profile, 60)}" is of account ${printable(account, 20)}`,
      hint,
    );
  }
  return refused(
    `${printable(arn, 100)} (profile "${printable(profile, 60)}") has no MFA device ${device}`,
    hint,
  );
}

function regionOff({ account }: Identity, { endpoint, profile }: StsCall): UserError {
  return new UserError(
    Exit.refused,
    'region-disabled',
    `${endpoint.region} is not enabled for account ${printable(account, 20)} of profile "${printable(profile, 60)}": STS knows its keys elsewhere, and not there`,
    'Use another region with --sts-region, or let an administrator enable it in the account settings.',
  );
}

function refused(message: string, hint: string): UserError {
  return new UserError(Exit.refused, wrongDevice, message, hint);
}
