import type { SharedFiles } from '../config/files.ts';
import { type KnownDevice, knownDevice } from '../mfa/device.ts';
import { type KeysProfile, type Profile, sourceOf } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import type { Ui } from '../ui.ts';
import type { Environment, World } from '../world.ts';
import { cacheDirectory, openCache } from './cache.ts';
import { explained } from './explained.ts';

export interface DeviceOfProfile extends KnownDevice {
  readonly keep: () => Promise<void>;
  /** The profile, with its secret where that was read from a key store. */
  readonly profile: Profile;
}

/** What a request is about, without its device. */
interface ChosenProfile {
  readonly profile: Profile;
  readonly files: SharedFiles;
  readonly env: Environment;
}

/** The device that is known, else the one that AWS knows, else the answer to a question. */
export async function findDevice(
  request: SessionRequest,
  chosen: ChosenProfile,
  ui: Ui,
  world: World,
): Promise<DeviceOfProfile> {
  try {
    return await deviceFor(request, chosen, ui, world);
  } catch (error) {
    throw explained(error, request, chosen.profile);
  }
}

async function deviceFor(
  request: SessionRequest,
  { profile, env, files }: ChosenProfile,
  ui: Ui,
  world: World,
): Promise<DeviceOfProfile> {
  const directory = cacheDirectory(env, world.home);
  const cache = directory === undefined ? undefined : openCache(directory);
  if (request.noMfa) return { serialNumber: undefined, profile, keep: async () => {} };
  const remember = (accessKeyId: string, serial: string) => cache?.keepDevice(accessKeyId, serial);
  let wrong: unknown;
  try {
    const known = knownDevice(request.serialNumber, profile, (id) => cache?.device(id));
    if (known) return { ...known, profile, keep: async () => {} };
  } catch (error) {
    wrong = error;
  }
  // AWS is asked with the keys. What a store gave once is used for the session too.
  const { store } = (sourceOf(profile) as Partial<KeysProfile>).keys ?? {};
  const opened = store ? await (await import('../stores/tools.ts')).openProfile(profile, ui, world) : profile;
  const search = { request, profile: opened, env, files, ui, world, remember };
  const { deviceInstead, findDevice: find } = await import('../mfa/find-device.ts');
  const found = await (wrong === undefined ? find(search) : deviceInstead(wrong, search));
  return { ...found, profile: opened };
}
