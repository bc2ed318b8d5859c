import { parseDocument } from '../../config/document.ts';
import { setKeys } from '../../config/edit.ts';
import { kindOf, profileHeader } from '../../config/headers.ts';
import { shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import { sourceOf } from '../../profile/profile.ts';
import type { FreshKeys } from './check-keys.ts';
import type { Guide } from './guide.ts';
import type { Problem } from './key-input.ts';
import { keysProfiles, resolved } from './keys.ts';

/**
 * @throws UserError (configuration) for a `--profile` that cannot be written, or that another kind of profile has;
 *   nobody is to look for his keys before he hears of it
 */
export function checkGivenName(guide: Guide): void {
  const given = guide.options.profile;
  const problem = given === undefined ? undefined : nameProblem(given, guide);
  if (problem) {
    const hint = 'Choose another name with --profile.';
    throw new UserError(Exit.configuration, 'bad-name', `--profile: ${problem}`, hint);
  }
}

/**
 * What the profile of new keys is called. With no profile there yet it is `default`, unasked: then every tool finds it
 * without a name.
 *
 * @throws UserError for a name that has other keys, unless they may be replaced
 */
export async function chooseName(fresh: FreshKeys, guide: Guide): Promise<string> {
  const { options, ui, files } = guide;
  const given = options.profile;
  if (given !== undefined) {
    if (await mayHave(given, fresh, guide)) return given;
    throw new UserError(Exit.interrupted, 'interrupted', 'Cancelled');
  }
  const suggestion = suggested(fresh, guide);
  if (files.names().length === 0) return suggestion;
  if (!guide.asks) {
    if (stateOf(suggestion, fresh, guide) === 'free') return suggestion;
    throw guide.unanswered('The profile of the new access key needs a name', 'Give it with --profile NAME.');
  }
  const { askText } = await import('./questions.ts');
  for (;;) {
    const name = await askText(
      { message: 'Name of its profile:', suggestion, problem: (text) => nameProblem(text.trim(), guide) },
      ui,
    );
    if (await mayHave(name.trim(), fresh, guide)) return name.trim();
  }
}

/**
 * A profile with this very access key has another secret for it, which was wrong. `AWS_PROFILE` says what tools will
 * look for; a second user is best called by his name.
 */
function suggested(fresh: FreshKeys, guide: Guide): string {
  const { env } = guide.world;
  const user = /:user\/(?:.*\/)?([^/]+)$/.exec(fresh.arn)?.[1];
  const same = keysProfiles(guide).find(({ keys }) => keys.accessKeyId === fresh.keys.accessKeyId);
  const names = [same?.name, env.AWS_PROFILE, env.AWS_DEFAULT_PROFILE, 'default', user];
  const free = (name: string | undefined) =>
    name && !nameProblem(name, guide) && stateOf(name, fresh, guide) === 'free';
  return names.find(free) ?? 'default';
}

/** Finds the reason why a name cannot be written. */
function nameProblem(name: string, guide: Guide): Problem {
  if (name === '') return 'A profile needs a name';
  if (name.startsWith('-')) return 'A name that begins with a hyphen would be taken for an option';
  const shown = `"${printable(name, 60)}"`;
  try {
    const empty = parseDocument('', '');
    setKeys(empty, name, []);
    setKeys(empty, profileHeader(name), []);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${shown} cannot be the name of a profile: it has ] or a line break, or is DEFAULT`;
  }
  if (kindOf(profileHeader(name))?.name !== name || name.trim() !== name) {
    return `${shown} would not be read back as the same name`;
  }
  const profile = resolved(name, guide);
  if (!profile || profile.kind === 'long-term' || profile.kind === 'temporary') return undefined;
  const root = sourceOf(profile);
  return `${shown} is a profile of another kind (${profile.kind})${root.kind === 'long-term' ? `; its access key is that of "${printable(root.name, 60)}"` : ''}`;
}

/** Whether the name has keys already, and other ones. */
export function stateOf(name: string, { keys }: FreshKeys, guide: Guide): 'free' | 'other' {
  const there = keysThere(name, guide);
  return !there || there.keys.accessKeyId === keys.accessKeyId ? 'free' : 'other';
}

/** The keys that the section has now, also those of a session. */
function keysThere(name: string, guide: Guide): KeysProfile | undefined {
  const profile = resolved(name, guide);
  return profile?.kind === 'long-term' || profile?.kind === 'temporary' ? profile : undefined;
}

/** Keys of another user are replaced only with a yes: there may be no other copy of them. */
async function mayHave(name: string, fresh: FreshKeys, guide: Guide): Promise<boolean> {
  const there = keysThere(name, guide);
  if (!there || stateOf(name, fresh, guide) === 'free' || guide.options.overwrite) return true;
  const has = `Profile "${printable(name, 60)}" has another access key, ${shortKey(there.keys.accessKeyId)}`;
  if (!guide.asks) {
    throw guide.unanswered(has, 'Replace it with --overwrite, or name another profile with --profile.');
  }
  const { askYes } = await import('./questions.ts');
  return askYes(`${has}. Replace it?`, false, guide.ui);
}
