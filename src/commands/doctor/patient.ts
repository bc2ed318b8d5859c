import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { UserError } from '../../errors.ts';
import { withoutOurRegion } from '../../export/environment.ts';
import { configuredRegion } from '../../profile/profile.ts';
import type { Reached } from '../../sts/reach.ts';
import type { Environment, World } from '../../world.ts';
import { type Chosen, choose } from '../session.ts';
import { askSts } from './asking.ts';

/** What the checks look at. What several of them want to know is found out once. */
export interface Patient {
  readonly world: World;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  /** Or why they cannot be read. */
  readonly files: SharedFiles | UserError;
  /** The profile that a command would use now, or why there is none. */
  readonly chosen: Chosen | UserError;
  /** STS, asked with the keys of that profile. */
  readonly sts: Promise<Reached>;
}

export function examine(world: World): Patient {
  const files = attempt(() => loadSharedFiles(world));
  const heldRegion =
    files instanceof UserError ? undefined : configuredRegion(world.env.AWSMFA_PROFILE, files);
  const env = withoutOurRegion(world.env, heldRegion);
  const chosen = attempt(() => choose({ command: 'doctor', argument: undefined, flags: {} }, world));
  return { world, env, files, chosen, sts: askSts(chosen, env, world) };
}

/** What people can mend is a finding; what is a bug of ours stays one. */
export function attempt<T>(find: () => T): T | UserError {
  try {
    return find();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
