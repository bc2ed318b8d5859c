import type { KeysProfile } from '../config/profile.ts';
import { Exit, UserError } from '../errors.ts';
import type { SerialNumber } from '../mfa/device.ts';
import { type Discovery, discoverDevices } from '../mfa/discover.ts';
import { printable } from '../printable.ts';
import { iamEndpoint, stsEndpoint } from '../session/endpoint.ts';
import type { FoundDevice, Search } from './device.ts';
import { canAsk, offerToRemember } from './remember-device.ts';

/**
 * The device of long-term keys for which nobody names one: what IAM lists, else an answer. On a terminal one question
 * more is asked, whether it shall be remembered as `mfa_serial`.
 *
 * @throws UserError cannotAsk, with what it may be; configuration, when the user has only devices that STS cannot use
 */
export async function findDevice(root: KeysProfile, search: Search): Promise<FoundDevice> {
  const discovery = await discover(root, search);
  const { usable, unusable, denied } = discovery;
  const name = printable(root.name, 60);
  if (unusable.length > 0 && usable.length === 0) throw onlyUnusable(name, unusable);
  const isNone = !denied && usable.length === 0;
  if (isNone)
    say(
      search,
      `${name}: this user has no MFA device, so the session is one without MFA (awsmfa logout ${name} looks again)`,
    );
  const serialNumber = isNone || usable.length === 1 ? usable[0] : await asked(root, discovery, search);
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

/** Says so when it takes longer than a moment. */
export async function discover({ keys, name }: KeysProfile, search: Search): Promise<Discovery> {
  const { flags, world, debug } = search;
  const { profile, env, files } = search.chosen;
  const places = {
    iam: iamEndpoint(flags, env, profile, files),
    sts: stsEndpoint(flags, env, profile, files),
  };
  const slow = setTimeout(() => say(search, `Asking AWS for the MFA device of ${printable(name, 60)}`), 1000);
  try {
    return await discoverDevices(keys, places, world, name, debug);
  } finally {
    clearTimeout(slow);
  }
}

async function asked(
  root: KeysProfile,
  { usable, guess }: Discovery,
  search: Search,
): Promise<SerialNumber | undefined> {
  const { flags, world } = search;
  if (!canAsk(search)) throw cannotAsk(root, { usable, guess }, flags['no-prompt'] ?? false);
  const { askDevice, chooseDevice } = await import('../mfa/device-prompt.ts');
  return usable.length > 0 ? chooseDevice(world, root.name, usable) : askDevice(world, root.name, guess);
}

function keepInCache(root: KeysProfile, serialNumber: SerialNumber | undefined, { cache }: Search): void {
  try {
    cache?.keepDevice(root.keys.accessKeyId, serialNumber ?? '');
  } catch {
    // That the cache cannot be written has been said; the next run looks again.
  }
}

export function onlyUnusable(name: string, unusable: readonly string[]): UserError {
  const devices = `${unusable.length === 1 ? 'is a security key or passkey' : 'are security keys or passkeys'}, and STS takes codes only`;
  return new UserError(
    Exit.configuration,
    'bad-device',
    `The MFA device${unusable.length === 1 ? '' : 's'} of "${name}" ${devices}: ${listed(unusable)}`,
    'Register an authenticator app as one more device (IAM, Users, Security credentials), and try again.',
  );
}

function cannotAsk(
  { name, file }: KeysProfile,
  { usable, guess }: Pick<Discovery, 'usable' | 'guess'>,
  isForbidden: boolean,
): UserError {
  const several = usable.length > 0 ? `, its user has ${usable.length}` : '';
  const why = isForbidden ? '--no-prompt forbids asking' : 'there is no terminal to ask on';
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `Profile "${printable(name, 60)}" names no MFA device${several}, and ${why}`,
    `${file ? 'Add mfa_serial to the profile' : 'Export AWS_MFA_SERIAL'}, or give --serial-number: ${hint(usable, guess)}`,
  );
}

function hint(usable: readonly string[], guess: string | undefined): string {
  if (usable.length > 0) return `${listed(usable)}.`;
  return guess ? `most likely ${printable(guess, 256)}.` : 'it looks like arn:aws:iam::ACCOUNT:mfa/NAME.';
}

function listed(serials: readonly string[]): string {
  return serials.map((serial) => printable(serial, 256)).join(', ');
}

function say({ flags, world }: Search, line: string): void {
  if (!flags.quiet) world.say(line);
}
