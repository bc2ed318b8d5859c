import { randomBytes } from 'node:crypto';
import { fchmodSync, fchownSync, fstatSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { discard, makeParents, replace, writeNew } from './disk.ts';
import { hash } from './hash.ts';
import type { Place } from './link-target.ts';
import { cannotWrite } from './replace-fault.ts';

/**
 * Puts these bytes in the place of a file: written beside it, synced, renamed. Hard links and extended attributes (ACLs
 * with them) stay with the old file: an older backup that is a hard link keeps what it has.
 *
 * @param old the file that is there; nothing when there is none
 * @param isStill whether the file is still the one that these bytes were made for; asked right before the rename
 * @param mode of the new file: for secrets never wider than 0600, and never wider than it was
 * @returns false when it is not, or when somebody took the new one away before it was renamed
 * @throws UserError (cannot-write)
 */
export async function replaceFile(
  place: Place,
  bytes: Uint8Array,
  old: Stats | undefined,
  isStill: () => boolean,
  mode = old ? old.mode & 0o600 : 0o600,
): Promise<boolean> {
  const adjust = (file: number) => {
    if (old) takeOver(file, old, place);
    setMode(file, mode, old);
  };
  try {
    return replace(place.target, bytes, { temporary: temporaryFor(place), adjust, isStill });
  } catch (error) {
    if (isSwept(error)) return false;
    throw cannotWrite(place.path, error);
  }
}

/**
 * Makes an empty file beside this one, and takes it away again: `access` would not know of every reason why not.
 *
 * @throws UserError (cannot-write)
 */
export function checkDirectory(place: Place): void {
  const temporary = temporaryFor(place);
  try {
    writeNew(temporary, '');
  } catch (error) {
    throw cannotWrite(place.path, error);
  }
  discard(temporary);
}

function temporaryFor(place: Place): string {
  return `${dirname(place.target)}/${ourFiles(place)}${randomBytes(8).toString('hex')}.tmp`;
}

/**
 * On a network mount, or in a container of a virtual machine, the lock of another machine looks dead, and what it
 * writes at the moment like something that was left behind.
 */
function isSwept(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && syscall === 'rename';
}

/** Of the same owner: that is, when root writes a user's file. */
function takeOver(file: number, old: Stats, { path }: Place): void {
  const made = fstatSync(file);
  if (made.uid === old.uid && made.gid === old.gid) return;
  try {
    fchownSync(file, old.uid, old.gid);
  } catch {
    // Its group may have got it from the directory. Another's file would become ours, and closed to him.
    if (made.uid !== old.uid) throw cannotWrite(path, 'it belongs to another user');
  }
}

function setMode(file: number, mode: number, old: Stats | undefined): void {
  const made = fstatSync(file).mode & 0o777;
  if (made === mode) return;
  try {
    fchmodSync(file, mode);
  } catch (error) {
    // A file system without modes (FAT): then the old file had none either.
    if ((made & ~(old?.mode ?? 0o777) & 0o777) !== 0) throw error;
  }
}

/** `~/.aws` for a user who has none yet. @throws UserError (cannot-write) */
export function makeHome({ path, target }: Place): void {
  try {
    makeParents(dirname(target));
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/**
 * What the names of our files beside this one begin with. A hash, because neither a file name nor that of a socket may
 * be much longer than the name of the file already is.
 */
export function ourFiles({ target }: Place): string {
  return `.awsmfa-${hash(basename(target))}-`;
}

/**
 * Takes away what killed ones left behind.
 *
 * @param isLocked nobody else is writing; without a lock, what is an hour old is nobody's any more
 */
export function sweep(place: Place, isLocked: boolean): void {
  const directory = dirname(place.target);
  try {
    for (const name of readdirSync(directory)) {
      if (!name.startsWith(ourFiles(place)) || !name.endsWith('.tmp')) continue;
      const path = `${directory}/${name}`;
      if (isLocked || Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { force: true });
    }
  } catch {
    // A directory that cannot be listed or written to: writing says so.
  }
}
