import { lstatSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { orUndefined } from '../errors.ts';
import { checkPrivate, discard, makePrivate, readOwn, replace } from './disk.ts';

/**
 * The files that awsmfa keeps for itself: one JSON object each, mode 0600, in a private directory of the user. A file that is
 * damaged, foreign or another user's counts as missing.
 */
export type Entry = Readonly<Record<string, unknown>>;

/** The version of the format. A file of another version counts as missing. */
const version = 1;

export function readEntry(path: string): Entry | undefined {
  return orUndefined(() => {
    checkPrivate(dirname(path));
    const entry = JSON.parse(String(readOwn(path, 65_536)));
    return entry?.version === version ? entry : undefined;
  });
}

/** @throws Error if it cannot be written, or if other users can write to its directory */
export function writeEntry(path: string, entry: Entry): void {
  const directory = dirname(path);
  makePrivate(directory);
  // An empty directory in its place holds nothing, so remove it.
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) rmdirSync(path);
  replace(path, `${JSON.stringify({ version, ...entry })}\n`);
  sweep(directory);
}

/** The names of the files in a directory that match the pattern. Match whole names, because callers remove the files. */
export function entryNames(directory: string, pattern: RegExp): readonly string[] {
  const found = orUndefined(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return found.filter((each) => each.isFile() && pattern.test(each.name)).map(({ name }) => name);
}

/** Removes temporary files that killed processes left, after an hour. */
function sweep(directory: string): void {
  for (const name of entryNames(directory, /^[a-z]+(?:-\w*)*\.json\.\d+(?:-\w+)?\.tmp$/)) {
    const path = `${directory}/${name}`;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > 3_600_000) discard(path);
  }
}

/**
 * Two rounds of FNV-1a, 64 bits as hex. Loading `node:crypto` costs 2 ms, a third of the time this program may
 * take; for the name of a file a collision is harmless, because the file holds the whole key, which is compared.
 */
export function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ (unit + index), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
