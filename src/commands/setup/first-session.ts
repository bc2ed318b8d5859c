import type { Invocation } from '../../cli/invocation.ts';
import { UserError } from '../../errors.ts';
import type { SerialNumber } from '../../mfa/device.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import { wrongDevice } from '../../sts/refusal/context.ts';
import { report } from '../report.ts';
import { session } from '../session.ts';
import { findDevice } from './device.ts';
import type { Guide } from './guide.ts';
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
  const { world, flags } = guide;
  const { 'token-code': code, 'no-prompt': silent, quiet, debug } = flags;
  const invocation: Invocation = {
    command: 'setup',
    argument: undefined,
    flags: {
      profile: profile.name,
      ...(code === undefined ? {} : { 'token-code': code }),
      ...(silent && { 'no-prompt': true }),
      ...(quiet && { quiet }),
      ...(debug && { debug }),
    },
  };
  try {
    report(await session(invocation, world), invocation, world);
  } catch (error) {
    if (!isWrongDevice(error) || !guide.asks || flags['serial-number'] !== undefined) throw error;
    world.say(error.message);
    const { serialNumber: other } = await findDevice(profile, guide);
    if (other === undefined) throw error;
    await storeSettings(profile, { mfa_serial: other }, guide);
    report(await session(invocation, world), invocation, world);
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
