import type { Flags, Invocation } from '../cli/invocation.ts';
import { configuredDevice, type SerialNumber } from '../mfa/device.ts';
import type { KeysProfile, Profile } from '../profile/profile.ts';
import type { Cache } from '../session/cache.ts';
import { rootOf } from '../session/plan.ts';
import type { Environment, World } from '../world.ts';
import type { Chosen } from './session.ts';

export interface KnownDevice {
  /** Undefined: no MFA. */
  readonly serialNumber: SerialNumber | undefined;
}

/**
 * The device as far as it is known without asking anybody: as configured, else the one that this access key was last
 * used with. Undefined when it has to be found out.
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
  // A role without a device may be assumed without one, as the AWS CLI does; only for a session it is looked for.
  return profile.kind === 'role' ? { serialNumber: undefined } : undefined;
}

export interface FoundDevice extends KnownDevice {
  /** Remembers what was found or answered, after STS has taken it. */
  readonly keep: () => Promise<void>;
}

/** Where a device is looked for, and who is asked. */
export interface Search {
  readonly flags: Flags;
  readonly chosen: Chosen;
  readonly world: World;
  readonly cache: Cache | undefined;
  /** For `--debug`. */
  readonly debug: (line: string) => void;
}

/** The device that is known, else the one that AWS knows, else the answer to a question. */
export async function deviceFor(
  { flags }: Invocation,
  chosen: Chosen,
  world: World,
  cache: Cache | undefined,
  debug: (line: string) => void,
): Promise<FoundDevice> {
  const search = { flags, chosen, world, cache, debug };
  try {
    const known = knownDevice(flags, world.env, chosen.profile, cache);
    if (known) return { ...known, keep: async () => {} };
  } catch (error) {
    return (await import('./device/instead.ts')).deviceInstead(error, search);
  }
  return (await import('./device/find.ts')).findDevice(rootOf(chosen.profile) as KeysProfile, search);
}
