import { accessSync, constants, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromPlain } from '../../credentials.ts';
import { orUndefined } from '../../errors.ts';
import { readEntry } from '../../files/entries.ts';
import { lockKind, runtimeDirectory } from '../../files/lock.ts';
import { cacheDirectory } from '../../session/cache.ts';
import { printable, shellWord } from '../../text.ts';
import { broken, type Check, type Finding, ok, warning } from './patient.ts';

/** Checks the directory of the sessions: it belongs to this user alone, is writable, and can hold a lock. */
export const cache: Check = async ({ world, env }) => {
  const directory = cacheDirectory(env, world.home);
  if (directory === undefined) {
    return [warning('there is no home directory, and no session is kept', 'Set HOME, or AWSMFA_CACHE_DIR.')];
  }
  const shown = printable(directory, 200);
  const stats = statOf(directory);
  if (!stats) return [parent(directory)];
  if (!stats.isDirectory())
    return [broken(`${shown} is no directory`, `Remove it, or set AWSMFA_CACHE_DIR.`)];
  const wrong = access(directory, stats);
  if (wrong) return [wrong];
  const found = [await lockFinding(directory), damaged(directory)].filter((finding) => finding !== undefined);
  return found.length > 0 ? found : [ok(`${shown}, ${sessions(directory, world.now() / 1000)}`)];
};

/** awsmfa makes the directory with the first session. */
function parent(directory: string): Finding {
  let above = dirname(directory);
  while (!statOf(above) && above !== dirname(above)) above = dirname(above);
  const shown = printable(directory, 200);
  return isWritable(above)
    ? ok(`${shown} will be made with the first session`)
    : broken(
        `${shown} cannot be made: ${printable(above, 200)} is no directory that we may write`,
        'Make it one, or set AWSMFA_CACHE_DIR.',
      );
}

/** Undefined too if a file is in the way, or a directory cannot be entered. */
function statOf(path: string): Stats | undefined {
  return orUndefined(() => statSync(path));
}

/** Whether files can be made in a directory. */
function isWritable(directory: string): boolean {
  const works = orUndefined(() => {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  });
  return works ?? false;
}

function access(directory: string, { uid, mode }: Stats): Finding | undefined {
  const shown = printable(directory, 200);
  if (process.getuid && uid !== process.getuid()) {
    return broken(
      `${shown} belongs to another user (${uid})`,
      `Take it over: sudo chown -R "$(id -un)" ${shellWord(directory)}`,
    );
  }
  if (!isWritable(directory)) return broken(`${shown} is not writable`, `chmod 700 ${shellWord(directory)}`);
  // Files in it have mode 0600, but a user who can write the directory could replace them.
  if (process.getuid && (mode & 0o077) !== 0) {
    return warning(
      `${shown} has mode ${(mode & 0o777).toString(8)}: it is for nobody else`,
      `chmod 700 ${shellWord(directory)}`,
    );
  }
  return undefined;
}

/** Tries the lock of a session. */
async function lockFinding(directory: string): Promise<Finding | undefined> {
  const kind = await lockKind(directory);
  const shown = printable(directory, 200);
  const hint = 'On a network disk, set AWSMFA_CACHE_DIR to a directory on a local one.';
  if (kind === 'runtime')
    return ok(`${shown} has no sockets: the locks are in ${printable(runtimeDirectory() ?? '', 200)}`);
  if (kind === 'file') {
    return warning(
      `There are no sockets here: locks are files, and an error is not shared with commands that wait`,
      `Allow Unix sockets where awsmfa runs. ${hint}`,
    );
  }
  if (kind) return undefined;
  return warning(`${shown} cannot hold a lock: commands that run at once may each ask for a code`, hint);
}

function damaged(directory: string): Finding | undefined {
  const files = entries(directory).filter((name) => readEntry(`${directory}/${name}`) === undefined);
  if (files.length === 0) return undefined;
  const [first = ''] = files;
  const which =
    files.length === 1 ? printable(first, 150) : `${printable(first, 150)} and ${files.length - 1} more`;
  return warning(
    `${printable(directory, 200)}: ${which} cannot be read, and ${files.length === 1 ? 'counts' : 'count'} as not there`,
    'Nothing is lost but a code; to begin anew: awsmfa logout --all',
  );
}

function sessions(directory: string, now: number): string {
  const kept = entries(directory)
    .filter((name) => name.startsWith('session-'))
    .flatMap((name) => fromPlain(readEntry(`${directory}/${name}`)?.session) ?? []);
  const alive = kept.filter(({ expiration }) => expiration > now).length;
  return `${alive === 0 ? 'no session' : alive === 1 ? '1 session' : `${alive} sessions`} alive`;
}

function entries(directory: string): readonly string[] {
  const names = orUndefined(() => readdirSync(directory)) ?? [];
  return names.filter((name) => /^(?:session|device)-.*\.json$/.test(name));
}
