import { loadSharedFiles } from '../config/files.ts';
import { orUndefined } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import { resolveProfile } from '../profile/resolve.ts';
import type { ProfileChoice, SessionRequest } from '../request.ts';
import { cacheDirectory, cacheOf } from '../session/cache.ts';
import { getSession } from '../session/get-session.ts';
import { ownerOfProfile } from '../session/plan.ts';
import { type SessionSection, sessionSections, writtenFrom } from '../session/written.ts';
import { optionWord, printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { reportSession } from './env.ts';

/** `awsmfa login`: a session in the cache, for every shell and tool that asks for it later. */
export async function login(request: SessionRequest, ui: Ui, world: World): Promise<Outcome> {
  reportSession(await getSession(request, ui, world), ui, world);
  return { stdout: '', exit: 0 };
}

/**
 * `awsmfa logout`: forgets what is cached of a profile, with all that came from the same access key.
 *
 * @param choice undefined to forget everything
 */
export async function logout(choice: ProfileChoice | undefined, ui: Ui, world: World): Promise<Outcome> {
  const { env } = world;
  const directory = cacheDirectory(env, world.home);
  const files = choice && loadSharedFiles(world);
  // A section of `write` is its source under another name.
  const profile = files && resolveProfile(choice, files, env, writtenFrom(files, directory));
  const count = cacheOf(world)?.forget(profile && ownerOfProfile(profile)) ?? 0;
  const whose = profile ? `${printable(profile.name, 60)}: ` : '';
  const sessions = `${count} session${count === 1 ? '' : 's'}`;
  ui.say(count === 0 ? `${whose}no session was cached` : `${whose}${sessions} forgotten`);
  if (count > 0 && env.AWSMFA_PROFILE) {
    ui.say('This shell still holds one until it ends: awsmfa clear takes it out');
  }
  // Forgetting must not fail because of the credentials file.
  for (const line of orUndefined(() => stillWritten(profile, directory, world)) ?? []) ui.say(line);
  return { stdout: '', exit: 0 };
}

/** Names the sections that still hold a session of `write`. */
function stillWritten(profile: Profile | undefined, directory: string | undefined, world: World): string[] {
  const files = loadSharedFiles(world);
  const now = world.now() / 1000;
  return sessionSections(files, directory)
    .filter((section) => section.session.expiration > now && (!profile || isOf(section, profile)))
    .map(({ section }) => {
      const remove = `awsmfa write --remove ${optionWord('--to', section)}`;
      return `[${printable(section, 60)}] in ${printable(files.credentialsPath)} still holds one: ${remove}`;
    });
}

function isOf({ written, profile: source }: SessionSection, profile: Profile): boolean {
  return written ? written.owner === ownerOfProfile(profile) : source === profile.name;
}
