import { UserError } from '../../errors.ts';
import type { SerialNumber } from '../../mfa/device.ts';
import { printable } from '../../printable.ts';
import { writeMfaSerial } from '../../profile/mfa-serial.ts';
import type { Search } from '../device.ts';
import { tilde } from '../tilde.ts';

/**
 * Asks whether a device shall be remembered as `mfa_serial` of a profile. Who wants quiet, or cannot be asked, is not
 * asked what need not be asked.
 *
 * @param profile as the config file has it
 * @returns what writes it, or does nothing when the answer was no
 */
export async function offerToRemember(
  profile: string,
  serialNumber: SerialNumber,
  search: Search,
): Promise<() => Promise<void>> {
  const { flags, world, chosen } = search;
  if (flags.quiet || !canAsk(search)) return async () => {};
  const { agree } = await import('../../mfa/device-prompt.ts');
  const path = tilde(chosen.files.configPath, world.home);
  const isYes = await agree(
    world,
    `MFA device of ${printable(profile, 60)}: ${printable(serialNumber, 256)}. Remember it as mfa_serial in ${path}?`,
  );
  return async () => {
    if (isYes) await write(profile, serialNumber, search);
  };
}

/** A file that cannot be written is no reason to lose the session. */
async function write(profile: string, serialNumber: SerialNumber, search: Search): Promise<void> {
  try {
    await writeMfaSerial(search.chosen.files.configPath, profile, serialNumber);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    search.world.say(`mfa_serial could not be remembered. ${error.message}`);
  }
}

/** Whether there is somebody to ask. */
export function canAsk({ flags, world }: Pick<Search, 'flags' | 'world'>): boolean {
  const terminal = flags['no-prompt'] ? undefined : world.openTerminal();
  terminal?.close();
  return terminal !== undefined;
}
