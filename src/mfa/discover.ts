import { type Credentials, deviceOfUser } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { quoteForDebug, readError } from '../sts/answer.ts';
import type { StsEndpoint } from '../sts/endpoint.ts';
import { listMfaDevices } from '../sts/iam.ts';
import { identify } from '../sts/identity.ts';
import type { World } from '../world.ts';
import type { SerialNumber } from './device.ts';

/** What AWS says about the MFA devices of a user. */
export type Discovery = {
  readonly usable: readonly SerialNumber[];
  /** Security keys and passkeys: STS takes no codes of them. */
  readonly unusable: readonly string[];
  /** The most likely serial number, where IAM did not tell and the keys are a user's. */
  readonly guess: SerialNumber | undefined;
  /** IAM did not tell: it refused, or could not be reached. */
  readonly denied: boolean;
};

/** Where to ask; `iamEndpoint` and `stsEndpoint` make them. */
export interface Places {
  readonly iam: StsEndpoint;
  readonly sts: StsEndpoint;
}

/**
 * The MFA devices of the user with these long-term keys: IAM's list, else a guess from the user's name.
 *
 * @param profile for messages
 * @param debug takes AWS's own words
 * @param seconds how long it may take in all, where an answer that comes later is of no use: then nothing is known;
 *   undefined for as long as it takes
 * @throws UserError (refused, unreachable) when STS does not take the keys either, or cannot be reached as well: then
 *   there is no session to be had
 */
export async function discoverDevices(
  keys: Credentials,
  { iam, sts }: Places,
  { now }: Pick<World, 'now'>,
  profile: string,
  debug: (line: string) => void = () => {},
  seconds?: number,
): Promise<Discovery> {
  const start = performance.now();
  try {
    const serials = await listMfaDevices(keys, iam, seconds);
    debug(`ListMFADevices: ${serials.map((serial) => printable(serial, 100)).join(', ') || 'none'}`);
    return {
      usable: serials.filter(isUsable),
      unusable: serials.filter((serial) => !isUsable(serial)),
      guess: undefined,
      denied: false,
    };
  } catch (error) {
    // A proxy or a bundle that is set up wrongly is as wrong for STS.
    if (error instanceof UserError) throw error;
    debug(`ListMFADevices: ${quoteForDebug(readError(error))}`);
    const left = seconds && Math.max(0, seconds - (performance.now() - start) / 1000);
    const asked = identify(keys, profile, { ...sts, attempts: 1 }, now, left);
    const identity = await (left === undefined ? asked : asked.catch(noAnswer));
    return { usable: [], unusable: [], guess: identity && deviceOfUser(identity.arn), denied: true };
  }
}

function noAnswer(error: unknown): undefined {
  if (!(error instanceof UserError && error.exit === Exit.unreachable)) throw error;
}

/**
 * Whether STS takes codes of it: virtual devices, and hardware tokens, whose serial is no ARN. Security keys and
 * passkeys are `u2f/user/NAME/…` (IAM user guide, `ListMFADevices`), phone numbers were `sms-mfa/NAME`.
 */
export function isUsable(serial: string): boolean {
  return !serial.startsWith('arn:') || /^arn:[\w-]+:iam::\d*:mfa\//.test(serial);
}
