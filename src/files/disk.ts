import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The directory with mode 0700, also when somebody made it with a wider one. */
export function makeDirectory(directory: string): void {
  makeParents(directory);
  if ((statSync(directory).mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/**
 * The directory and those above it, with mode 0700 where they are missing; those that are there stay as they are. Not
 * `recursive`: Node's own never ends where no directory can be made below an existing one, as in `/proc`.
 */
export function makeParents(directory: string): void {
  try {
    makeOne(directory);
  } catch (error) {
    const parent = dirname(directory);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === directory) throw error;
    makeParents(parent);
    makeOne(directory);
  }
}

function makeOne(directory: string): void {
  try {
    mkdirSync(directory, 0o700);
  } catch (error) {
    // It was there, or another process has made it in the same instant.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * After a rename: a power cut must not bring the old name back. Windows and some network mounts cannot do it, nor can
 * it be done in a directory that may be written to and not listed; renamed it is all the same.
 */
export function syncDirectory(directory: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(directory, 'r');
    fsyncSync(descriptor);
  } catch {
    // What can be done has been done.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * A new file, mode 0600, whole and on the disk, or an error; a part of it may be left behind then.
 *
 * @param adjust is given the open file before it is synced, to change its owner or mode
 */
export function writeNew(path: string, content: string | Uint8Array, adjust?: (file: number) => void): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    // All of it or an error: `writeSync` may write a part.
    writeFileSync(file, content);
    adjust?.(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Puts a file, mode 0600, in place of the one that is there: written beside it, synced, renamed. */
export function replaceOwn(path: string, content: string): void {
  makeDirectory(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    rmSync(temporary, { force: true });
    writeNew(temporary, content);
    renameSync(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Removes a file, if it is there. */
export function removeOwn(path: string): void {
  rmSync(path, { force: true });
}

/**
 * What is in a file of the user's own; undefined for one that is not there, too large, or somebody else's. Never through a
 * link, and never waiting for a FIFO's other end.
 *
 * @param most bytes
 * @param forbidden bits that its mode must not have, where there are modes
 */
export function readOwn(path: string, most: number, forbidden = 0): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > most) return undefined;
    const hasOwners = process.getuid !== undefined;
    if (hasOwners && (stat.uid !== process.getuid?.() || (stat.mode & forbidden) !== 0)) return undefined;
    return readFileSync(file);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
