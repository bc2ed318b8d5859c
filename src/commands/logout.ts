import type { Invocation } from '../cli/options.ts';
import { chooseProfile } from '../config/choice.ts';
import { loadSharedFiles } from '../config/files.ts';
import { resolveProfile } from '../config/profile.ts';
import { printable } from '../printable.ts';
import { cacheDirectory, openCache } from '../session/cache.ts';
import { ownerOfProfile } from '../session/plan.ts';
import type { Outcome, World } from '../world.ts';

/** `awsmfa logout`: what is cached of a profile is forgotten, with all that came from the same access key; or everything. */
export async function logout(invocation: Invocation, world: World): Promise<Outcome> {
  const { flags } = invocation;
  const { env } = world;
  const profile = flags.all
    ? undefined
    : resolveProfile(chooseProfile(invocation, env), loadSharedFiles(world), env);
  const directory = cacheDirectory(env, world.home);
  const count = directory === undefined ? 0 : openCache(directory).forget(profile && ownerOfProfile(profile));
  if (!flags.quiet) {
    const whose = profile ? `${printable(profile.name, 60)}: ` : '';
    const sessions = `${count} session${count === 1 ? '' : 's'}`;
    world.say(count === 0 ? `${whose}no session was cached` : `${whose}${sessions} forgotten`);
    if (count > 0 && env.AWSMFA_PROFILE) {
      world.say('This shell still holds one until it ends: awsmfa clear takes it out');
    }
  }
  return { stdout: '', exit: 0 };
}
