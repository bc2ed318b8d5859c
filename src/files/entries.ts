import { lstatSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkPrivate, discard, makePrivate, readOwn, replace } from './disk.ts';

/**
 * The files that awsmfa keeps for itself: one JSON object each, mode 0600, in a directory of the user's own. A file that is damaged, foreign
 * or somebody else's counts as not there.
 */
export type Entry = Readonly<Record<string, unknown>>;

/** The version of the format. A file of another one counts as not there. */
const version = 1;

export function readEntry(path: string): Entry | undefined {
  try {
    checkPrivate(dirname(path));
    const entry = JSON.parse(String(readOwn(path, 65_536)));
    return entry?.version === version ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error when it cannot be written, or when other users can write to its directory */
export function writeEntry(path: string, entry: Entry): void {
  const directory = dirname(path);
  makePrivate(directory);
  // An empty directory in its place holds nothing that could be lost.
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(path);
  replace(path, `${JSON.stringify({ version, ...entry })}\n`);
  sweep(directory);
}

/** The names of the entries in a directory that the pattern fits, which must name them exactly: they may be removed. */
export function entryNames(directory: string, pattern: RegExp): readonly string[] {
  try {
    const found = readdirSync(directory, { withFileTypes: true });
    return found.filter((each) => each.isFile() && pattern.test(each.name)).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Removes the temporary files of processes that were killed an hour ago or earlier. */
function sweep(directory: string): void {
  for (const name of entryNames(directory, /^[a-z]+(?:-\w*)*\.json\.\d+(?:-\w+)?\.tmp$/)) {
    const path = `${directory}/${name}`;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > 3_600_000) discard(path);
  }
}
