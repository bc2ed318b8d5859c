import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { UserError } from '../../errors.ts';
import { withoutOurRegion } from '../../export/environment.ts';
import { configuredRegion } from '../../profile/profile.ts';
import type { SessionRequest } from '../../request.ts';
import { type Chosen, chooseFor } from '../../session/get-session.ts';
import type { Reached } from '../../sts/identity.ts';
import type { Ui } from '../../ui.ts';
import type { Environment, World } from '../../world.ts';
import { askSts } from './asking.ts';

/** What the checks look at. What several of them want to know is found out once. */
export interface Patient {
  readonly request: SessionRequest;
  /** A variable that every command would refuse. */
  readonly wrong: UserError | undefined;
  readonly ui: Ui;
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

export function examine(
  request: SessionRequest,
  wrong: UserError | undefined,
  ui: Ui,
  world: World,
): Patient {
  const files = attempt(() => loadSharedFiles(world));
  const heldRegion =
    files instanceof UserError ? undefined : configuredRegion(world.env.AWSMFA_PROFILE, files);
  const env = withoutOurRegion(world.env, heldRegion);
  const chosen = attempt(() => chooseFor(request, ui, world));
  return { request, wrong, ui, world, env, files, chosen, sts: askSts(chosen, env, world) };
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
