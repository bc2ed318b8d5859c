import { deviceOfUser, namedDevice } from '../../mfa/device.ts';
import { agree, insteadOf } from '../../mfa/device-prompt.ts';
import type { Profile } from '../../profile/profile.ts';
import type { FoundDevice, Search } from '../device.ts';
import { canAsk, offerToRemember } from './remember.ts';

/**
 * The ARN of a user where that of a device belongs is the slip that people make: on a terminal his device is offered,
 * and to correct the config file when it stands there.
 *
 * @param error what is wrong with the device that is configured
 * @throws it, where there is nothing to offer, or nobody who takes it
 */
export async function deviceInstead(error: unknown, search: Search): Promise<FoundDevice> {
  const { flags, chosen, world } = search;
  const named = namedDevice(flags, world.env, chosen.profile);
  const user = named?.value.trim() ?? '';
  const device = deviceOfUser(user);
  if (device === undefined || !canAsk(search)) throw error;
  if (!(await agree(world, insteadOf(user, device)))) throw error;
  const section = namesOf(chosen.profile).find((name) => hasIt(name, user, search));
  const keep = section === undefined ? async () => {} : await offerToRemember(section, device, search);
  return { serialNumber: device, keep };
}

/** The profile and its sources, each with the section where aws-mfa has its keys. */
function namesOf(profile: Profile): readonly string[] {
  const own = [profile.name, `${profile.name}-long-term`];
  return profile.kind === 'role' ? [...own, ...namesOf(profile.source)] : own;
}

/** The credentials file would win over what is written into the config file. */
function hasIt(name: string, user: string, { chosen: { files } }: Search): boolean {
  const inConfig = files.config(name)?.get('mfa_serial');
  return inConfig?.trim() === user && files.credentials(name)?.get('mfa_serial') === undefined;
}
