import type { Flags, Invocation } from '../cli/options.ts';
import type { Profile } from '../config/profile.ts';
import { Exit, UserError } from '../errors.ts';
import { configuredDevice, type SerialNumber } from '../mfa/device.ts';
import { printable } from '../printable.ts';
import type { Cache } from '../session/cache.ts';
import { rootOf } from '../session/plan.ts';
import type { Environment, World } from '../world.ts';

export interface KnownDevice {
  /** Undefined: no MFA. */
  readonly serialNumber: SerialNumber | undefined;
}

/**
 * The device as far as it is known without asking anybody: as configured, else the one that this access key was last
 * used with. Undefined when somebody has to be asked.
 *
 * @throws UserError configuration for one that STS cannot use
 */
export function knownDevice(
  flags: Flags,
  env: Environment,
  profile: Profile,
  cache: Pick<Cache, 'device'> | undefined,
): KnownDevice | undefined {
  const configured = configuredDevice(flags, env, profile);
  const root = rootOf(profile);
  if (configured !== undefined || root.kind !== 'long-term') return { serialNumber: configured };
  const remembered = cache?.device(root.keys.accessKeyId);
  if (remembered !== undefined) return { serialNumber: remembered || undefined };
  // A role without a device may be assumed without one, as the AWS CLI does; only a session is asked about.
  return profile.kind === 'role' ? { serialNumber: undefined } : undefined;
}

export interface FoundDevice extends KnownDevice {
  /** Remembers an answer, after STS has taken it. */
  readonly keep: () => Promise<void>;
}

/** The device that is known, else the answer to a question. */
export async function deviceFor(
  { flags }: Invocation,
  profile: Profile,
  world: World,
  cache: Cache | undefined,
): Promise<FoundDevice> {
  const known = knownDevice(flags, world.env, profile, cache);
  if (known) return { ...known, keep: async () => {} };
  const root = rootOf(profile);
  const serialNumber = await askedDevice(flags, root.name, world);
  return {
    serialNumber: serialNumber || undefined,
    keep: async () => {
      try {
        if ('keys' in root) cache?.keepDevice(root.keys.accessKeyId, serialNumber);
      } catch {
        // That the cache cannot be written has been said; the next run asks again.
      }
    },
  };
}

async function askedDevice(flags: Flags, name: string, world: World): Promise<string> {
  const terminal = flags['no-prompt'] ? undefined : world.openTerminal();
  if (!terminal) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `Profile "${printable(name, 60)}" names no MFA device, and ${flags['no-prompt'] ? '--no-prompt forbids asking' : 'there is no terminal to ask on'}`,
      'Add mfa_serial = arn:aws:iam::ACCOUNT:mfa/NAME to the profile, or give --serial-number.',
    );
  }
  terminal.close();
  const { askDevice } = await import('../mfa/device-prompt.ts');
  return askDevice(world, name);
}
