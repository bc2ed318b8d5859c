import { UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import { rootOf } from '../../session/plan.ts';
import { knownDevice } from '../device.ts';
import { broken, type Check, ok, unknown } from './finding.ts';

/** The MFA device of the profile: named, usable, and of the same account as the keys. */
export const device: Check = async ({ world, env, chosen, sts }) => {
  if (chosen instanceof UserError) return [unknown('no device to look at without a profile')];
  const { profile } = chosen;
  const root = rootOf(profile);
  const directory = cacheDirectory(env, world.home);
  const known = knownDevice({}, env, profile, directory === undefined ? undefined : openCache(directory));
  const name = printable(profile.name, 60);
  if (!known)
    return [
      unknown(
        `"${name}" names no MFA device: awsmfa will ask for it`,
        'To find and remember it: awsmfa setup',
      ),
    ];
  const { serialNumber } = known;
  if (serialNumber === undefined) return [ok(`"${name}" does without MFA`)];
  const shown = printable(serialNumber, 120);
  const { identity } = await sts;
  const account = /^arn:[^:]*:iam::(\d+):/.exec(serialNumber)?.[1];
  if (identity && account && 'keys' in root && account !== identity.account) {
    return [
      broken(
        `${shown} is of account ${account}, and the keys of "${printable(root.name, 60)}" are of ${printable(identity.account, 20)}`,
        'Name a device of the same user: awsmfa setup, or correct mfa_serial.',
      ),
    ];
  }
  return [ok(shown)];
};
