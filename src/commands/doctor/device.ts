import { UserError } from '../../errors.ts';
import { knownDevice } from '../../mfa/device.ts';
import { isUsable } from '../../mfa/discover.ts';
import { printable } from '../../printable.ts';
import type { Profile } from '../../profile/profile.ts';
import { sourceOf } from '../../profile/profile.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import type { Chosen } from '../../session/get-session.ts';
import { iamEndpoint } from '../../sts/endpoint.ts';
import { listMfaDevices } from '../../sts/iam.ts';
import type { Environment } from '../../world.ts';
import { broken, type Check, type Finding, ok, unknown } from './finding.ts';

/** The MFA device of the profile: named, of a kind that STS takes, and one of the user whose keys these are. */
export const device: Check = async ({ request, world, env, chosen, sts }) => {
  if (chosen instanceof UserError) return [unknown('no device to look at without a profile')];
  const { profile } = chosen;
  const directory = cacheDirectory(env, world.home);
  const cache = directory === undefined ? undefined : openCache(directory);
  const known = knownDevice(request.serialNumber, profile, (id) => cache?.device(id));
  const name = `"${printable(profile.name, 60)}"`;
  if (known && known.serialNumber === undefined) return [ok(`${name} does without MFA`)];
  const { identity } = await sts;
  const there = identity && (await devicesOf(profile, chosen, env));
  if (!known) return [unnamed(name, there)];
  const { serialNumber = '' } = known;
  return [identity ? compared(serialNumber, identity.account, there) : ok(printable(serialNumber, 120))];
};

/** Undefined where IAM does not tell: many users may not ask it. */
async function devicesOf(
  profile: Profile,
  { files }: Chosen,
  env: Environment,
): Promise<readonly string[] | undefined> {
  const root = sourceOf(profile);
  if (root.kind !== 'long-term') return undefined;
  try {
    return await listMfaDevices(root.keys, { ...iamEndpoint({}, env, root, files), attempts: 1 });
  } catch {
    return undefined;
  }
}

function unnamed(name: string, there: readonly string[] | undefined): Finding {
  const usable = there?.filter(isUsable) ?? [];
  if (there && usable.length === 0) {
    const why =
      there.length > 0 ? 'only security keys or passkeys, which STS takes no codes of' : 'none in AWS';
    return unknown(
      `${name} names no MFA device, and its user has ${why}`,
      'Register an authenticator app in IAM.',
    );
  }
  const which =
    usable.length > 0 ? `; its user has ${usable.map((one) => printable(one, 120)).join(', ')}` : '';
  return unknown(`${name} names no MFA device${which}`, 'Remember it with: awsmfa setup');
}

function compared(serial: string, account: string, there: readonly string[] | undefined): Finding {
  const shown = printable(serial, 120);
  const [, theirs] = /^arn:[^:]*:iam::(\d+):/.exec(serial) ?? [];
  if (theirs && theirs !== account) {
    return broken(`${shown} is not of the account of the keys, ${printable(account, 20)}`, correct(there));
  }
  if (there && !there.includes(serial)) {
    return broken(`${shown} is no MFA device of this user`, correct(there));
  }
  return ok(there ? `${shown}, as IAM has it` : shown);
}

function correct(there: readonly string[] | undefined): string {
  const usable = there?.filter(isUsable) ?? [];
  return usable.length > 0
    ? `The serial number should be ${usable.map((one) => printable(one, 120)).join(' or ')}`
    : 'Correct the serial number, or find the device with: awsmfa setup';
}
