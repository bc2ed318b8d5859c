import { UserError } from '../../errors.ts';
import type { SerialNumber } from '../../mfa/device.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import type { SessionRequest } from '../../request.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import { getSession } from '../../session/get-session.ts';
import { wrongDevice } from '../../sts/errors.ts';
import { reportSession } from '../report.ts';
import type { Guide } from './guide.ts';
import { findDevice } from './settings.ts';
import { storeSettings } from './store.ts';

/**
 * The session that proves the keys and the device; a device that AWS does not know is asked for once more.
 *
 * @param serialNumber undefined for a user without a device
 * @throws UserError
 */
export async function firstSession(
  profile: KeysProfile,
  serialNumber: SerialNumber | undefined,
  guide: Guide,
): Promise<void> {
  if (serialNumber === undefined) rememberNone(profile, guide);
  const { ui, world, options } = guide;
  const { serialNumber: asked } = options.request;
  const request: SessionRequest = {
    ...options.request,
    choice: { name: profile.name, by: '--profile' },
    region: undefined,
    ...(serialNumber === undefined && { code: { ...options.request.code, given: undefined } }),
    // The answer has been written to the profile.
    serialNumber: asked?.by.startsWith('--') ? undefined : asked,
  };
  try {
    reportSession(await getSession(request, ui, world), ui, world);
  } catch (error) {
    if (!isWrongDevice(error) || !guide.asks || asked?.by.startsWith('--')) throw error;
    ui.warn(error.message);
    const { serialNumber: other } = await findDevice(profile, guide);
    if (other === undefined) throw error;
    await storeSettings(profile, { mfa_serial: other }, guide);
    reportSession(await getSession(request, ui, world), ui, world);
  }
}

/** Or the session would look for a device once more, and ask. */
function rememberNone({ keys }: KeysProfile, { env, world }: Guide): void {
  const directory = cacheDirectory(env, world.home);
  try {
    if (directory !== undefined) openCache(directory).keepDevice(keys.accessKeyId, '');
  } catch {
    // Then it does ask.
  }
}

function isWrongDevice(error: unknown): error is UserError {
  return error instanceof UserError && error.code === wrongDevice;
}
