import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { printable } from '../text.ts';

/**
 * Makes a private directory of the user, mode 0700 whatever the umask is. An existing one stays as it is.
 *
 * @throws Error if it cannot be made, or if other users can write to it
 */
export function makePrivate(directory: string): void {
  makeParents(directory);
  checkPrivate(directory);
}

/** @throws Error for a directory that is missing, or that other users can write to: they could replace what is in it */
export function checkPrivate(directory: string): void {
  const { uid, mode } = statSync(directory);
  if (process.getuid === undefined) return;
  const name = printable(directory, 200);
  if (uid !== process.getuid()) throw new Error(`${name} belongs to another user`);
  if ((mode & 0o022) !== 0) throw new Error(`other users can write to ${name}`);
}

/**
 * Makes the directory and those above it, mode 0700; existing ones stay as they are. Not with Node's `recursive`, which
 * never returns where no directory can be made below an existing one, as in `/proc`.
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
    // A umask may have taken away what the owner needs.
    chmodSync(directory, 0o700);
  } catch (error) {
    // It exists, or another process has just made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

export interface Replacement {
  /** Where the new file is written first: beside the old one. */
  readonly temporary?: string;
  /** Called with the open file before it is synced, to change its owner or mode. */
  readonly adjust?: (file: number) => void;
  /** Called right before the rename; false keeps the old file. */
  readonly isStill?: () => boolean;
}

/**
 * Replaces a file by a new one, mode 0600: writes it beside the old one, syncs it, renames it. A reader sees the old file
 * or the new one, also after a power cut.
 *
 * @returns what `isStill` said
 * @throws the file system's error; then the old file is there, and no part of the new one
 */
export function replace(path: string, content: string | Uint8Array, replacement: Replacement = {}): boolean {
  const { temporary = `${path}.${process.pid}-${randomName()}.tmp`, adjust, isStill } = replacement;
  try {
    writeNew(temporary, content, adjust);
    const goes = isStill?.() ?? true;
    if (goes) retryWhileOpen(() => renameSync(temporary, path));
    else discard(temporary);
    syncDirectory(dirname(path));
    return goes;
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function randomName(): string {
  return Math.random().toString(36).slice(2, 10);
}

/**
 * Windows cannot read a file that another program keeps open without sharing, nor rename over an open one. Virus scanners
 * and backups open files for a moment, so try for a second.
 *
 * @throws the last error of the file system
 */
export function retryWhileOpen<T>(action: () => T): T {
  for (let attempt = 0; ; attempt++) {
    try {
      return action();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const passes = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(code);
      if (!passes || attempt === 10) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 * attempt);
    }
  }
}

/** Removes a file, if it is there and can be removed. */
export function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its directory is gone, or cannot be written to.
  }
}

/**
 * After a rename, so that a power cut does not bring the old file back. Windows and some network mounts cannot sync a
 * directory, nor can a user who may not list it. The rename is valid without.
 */
function syncDirectory(directory: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(directory, 'r');
    fsyncSync(descriptor);
  } catch {
    // The file system cannot sync a directory.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Writes a new file, mode 0600, whole and on the disk. After an error a part of it may be left behind.
 *
 * @param adjust called with the open file before it is synced, to change its owner or mode
 */
export function writeNew(path: string, content: string | Uint8Array, adjust?: (file: number) => void): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    // All of it or an error: `writeSync` may write a part.
    writeFileSync(file, content);
    // A umask may have taken away what the owner needs.
    if (process.getuid && (fstatSync(file).mode & 0o600) !== 0o600) fchmodSync(file, 0o600);
    adjust?.(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** `replace` for a file in a directory of the user's own, which is made. */
export function replaceOwn(path: string, content: string): void {
  makePrivate(dirname(path));
  replace(path, content);
}

/** Removes a file, if it is there. */
export function removeOwn(path: string): void {
  rmSync(path, { force: true });
}

/**
 * The whole text of a file that is not one of awsmfa's own. There is no limit, and links are followed.
 *
 * @throws the file system's error
 */
export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

/** The path without symbolic links. @throws the file system's error */
export function realPath(path: string): string {
  return realpathSync.native(path);
}

/** Whether there is a file, a directory or a link, which may lead nowhere. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * The content of a file that belongs to the user; undefined if it is missing, too large, or another user's. Follows no link,
 * and does not wait for the other end of a FIFO.
 *
 * @param most bytes
 * @param forbidden bits that its mode must not have, on systems with modes
 */
export function readOwn(path: string, most: number, forbidden = 0): Buffer | undefined {
  let file: number | undefined;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = retryWhileOpen(() => openSync(path, flags));
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
