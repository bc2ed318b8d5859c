import type { Invocation } from '../cli/options.ts';
import { chooseProfile } from '../config/choice.ts';
import { loadSharedFiles } from '../config/files.ts';
import { resolveProfile } from '../config/profile.ts';
import { printable } from '../printable.ts';
import { cacheDirectory, openCache } from '../session/cache.ts';
import type { Outcome, World } from '../world.ts';

/** `awsmfa logout`: the cached sessions of a profile's access key, or all of them, are forgotten. */
export async function logout(invocation: Invocation, world: World): Promise<Outcome> {
  const { flags } = invocation;
  const { env } = world;
  const profile = flags.all
    ? undefined
    : resolveProfile(chooseProfile(invocation, env), loadSharedFiles(world), env);
  const directory = cacheDirectory(env, world.home);
  const count = directory === undefined ? 0 : openCache(directory).forget(profile?.accessKeyId);
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
