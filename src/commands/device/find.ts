import { UserError } from '../../errors.ts';
import type { SerialNumber } from '../../mfa/device.ts';
import { type Discovery, discoverDevices } from '../../mfa/discover.ts';
import { tokenSource } from '../../mfa/source.ts';
import { printable } from '../../printable.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import { iamEndpoint, stsEndpoint } from '../../sts/endpoint.ts';
import type { FoundDevice, Search } from '../device.ts';
import { cannotAskForDevice, neither, onlyUnusable } from './none.ts';
import { canAsk, offerToRemember } from './remember.ts';

/**
 * The device of long-term keys for which nobody names one: what IAM lists, else an answer. On a terminal one question
 * more is asked, whether it shall be remembered as `mfa_serial`. Where no code could come from anywhere, only a user
 * without a device has a session before him, and AWS has half a second to say that he is one.
 *
 * @throws UserError cannotAsk, with what it may be; configuration, when the user has only devices that STS cannot use
 */
export async function findDevice(root: KeysProfile, search: Search): Promise<FoundDevice> {
  const noCode = whyNoCode(search);
  const discovery = await discover(root, search, noCode && 0.5);
  const { usable, unusable, denied } = discovery;
  const name = printable(root.name, 60);
  if (unusable.length > 0 && usable.length === 0) throw onlyUnusable(name, unusable);
  const isNone = !denied && usable.length === 0;
  if (isNone)
    say(
      search,
      `${name}: this user has no MFA device, so the session is one without MFA (awsmfa logout ${name} looks again)`,
    );
  const serialNumber =
    isNone || usable.length === 1 ? usable[0] : await asked(root, discovery, search, noCode);
  // Keys in the environment belong to no profile.
  const isForFile = serialNumber !== undefined && root.file !== undefined;
  const write = isForFile ? await offerToRemember(root.name, serialNumber, search) : async () => {};
  return {
    serialNumber,
    keep: async () => {
      keepInCache(root, serialNumber, search);
      await write();
    },
  };
}

/** Why no code can come from anywhere; undefined where one can. */
function whyNoCode({ flags, world, chosen: { profile } }: Search): UserError | undefined {
  try {
    tokenSource({ flags, world, profile });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/**
 * Says so when it takes longer than a moment.
 *
 * @param seconds as in `discoverDevices`
 */
export async function discover(
  { keys, name }: KeysProfile,
  search: Search,
  seconds?: number,
): Promise<Discovery> {
  const { flags, world, debug } = search;
  const { profile, env, files } = search.chosen;
  const places = {
    iam: iamEndpoint(flags, env, profile, files),
    sts: stsEndpoint(flags, env, profile, files),
  };
  const slow = setTimeout(() => say(search, `Asking AWS for the MFA device of ${printable(name, 60)}`), 1000);
  try {
    return await discoverDevices(keys, places, world, name, debug, seconds);
  } finally {
    clearTimeout(slow);
  }
}

async function asked(
  root: KeysProfile,
  { usable, guess }: Discovery,
  search: Search,
  noCode: UserError | undefined,
): Promise<SerialNumber | undefined> {
  const { flags, world } = search;
  if (noCode) throw neither(noCode, root, { usable, guess });
  if (!canAsk(search)) throw cannotAskForDevice(root, { usable, guess }, flags['no-prompt'] ?? false);
  const { askDevice, chooseDevice } = await import('../../mfa/device-prompt.ts');
  return usable.length > 0 ? chooseDevice(world, root.name, usable) : askDevice(world, root.name, guess);
}

function keepInCache(root: KeysProfile, serialNumber: SerialNumber | undefined, { cache }: Search): void {
  try {
    cache?.keepDevice(root.keys.accessKeyId, serialNumber ?? '');
  } catch {
    // That the cache cannot be written has been said; the next run looks again.
  }
}

function say({ flags, world }: Search, line: string): void {
  if (!flags.quiet) world.say(line);
}
