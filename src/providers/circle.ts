import type { SharedFiles } from '../config/files.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import { type Profile, sourceOf } from '../profile/profile.ts';
import { resolveProfile } from '../profile/resolve.ts';
import type { CommandLines } from '../request.ts';
import { printable, splitWords } from '../text.ts';
import type { Environment } from '../world.ts';

/** A variable for child processes: the profiles whose `credential_process` is running, the outermost first, as JSON. */
const marker = 'AWSMFA_CREDENTIAL_PROCESS';

interface From {
  readonly env: Environment;
  readonly files: SharedFiles;
  /** The profile that a command line of awsmfa gets credentials for; undefined for one that gets none. */
  readonly profileOf: CommandLines['profileOf'];
}

/**
 * Refuses a profile whose `credential_process` needs the same profile again. Call it before the lock of the session is
 * taken: each process would wait for the one above. A circle in the files is found before a program is started; a circle
 * through another program is found by the awsmfa that closes it.
 *
 * @throws UserError configuration
 */
export function refuseCircle(profile: Profile, from: From): void {
  const path = [...profilesAbove(from.env)];
  for (let next: Profile | undefined = profile; next?.kind === 'process'; next = behind(next, from)) {
    if (path.includes(next.name)) throw circle(path, next.name);
    path.push(next.name);
  }
}

function circle(path: readonly string[], name: string): UserError {
  const names = [...path.slice(path.indexOf(name)), name].map((each) => printable(each, 60));
  return new UserError(
    Exit.configuration,
    'credential-process-circle',
    `The credential_process of profile "${printable(name, 60)}" is awsmfa, and needs itself: ${names.join(' → ')}`,
    'Let it name another profile, one that has keys or a source of its own.',
  );
}

/** The source profile of a `credential_process` that is awsmfa; undefined for any other program. */
function behind({ setting }: Profile, { env, files, profileOf }: From): Profile | undefined {
  const words = splitWords(setting('credential_process')?.value ?? '') ?? [];
  // The second where the first is `node`.
  const at = words.slice(0, 2).findIndex((word) => /(?:^|[\\/])awsmfa(?:\.\w+)?$/.test(word));
  const choice = at < 0 ? undefined : profileOf(words.slice(at + 1), env);
  return choice && orUndefined(() => sourceOf(resolveProfile(choice, files, env)));
}

/** Refuses a profile whose `credential_process` is running above this process. */
export function refuseRunning({ name }: Profile, env: Environment): void {
  const path = profilesAbove(env);
  if (path.includes(name)) throw circle(path, name);
}

/** The variables with which a child process finds a circle. */
export function markedBy(name: string, env: Environment): Environment {
  return { [marker]: JSON.stringify([...profilesAbove(env), name]) };
}

function profilesAbove(env: Environment): readonly string[] {
  const names: unknown = orUndefined(() => JSON.parse(env[marker] ?? '[]'));
  return Array.isArray(names) ? names.map(String) : [];
}

/**
 * Refuses a session that needs a code of the device whose `mfa_process` runs this awsmfa: each would wait for the other.
 * Call it before the lock too.
 *
 * @throws UserError configuration
 */
export function refuseOwnCode({ AWSMFA_MFA_PROFILE: name = '' }: Environment): never {
  throw new UserError(
    Exit.configuration,
    'mfa-process-circle',
    `The mfa_process of profile "${printable(name, 60)}" runs awsmfa, which needs its code`,
    'Let it take the code from somewhere else, without awsmfa.',
  );
}
