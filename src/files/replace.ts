import { randomBytes } from 'node:crypto';
import {
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import { discard, makeParents, replace, writeNew } from './disk.ts';
import { hash } from './entries.ts';

/**
 * Replaces a file: writes the bytes beside it, syncs, renames. Hard links and extended attributes (with them ACLs) stay
 * with the old file, so a backup that is a hard link keeps its content.
 *
 * @param old the existing file; undefined if there is none
 * @param isStill whether the file is still the one that these bytes were made from; called right before the rename
 * @param mode of the new file: for secrets never wider than 0600, and never wider than it was
 * @returns false if it is not, or if another process removed the new file before the rename
 * @throws UserError (cannot-write)
 */
export async function replaceFile(
  place: Place,
  bytes: Uint8Array,
  old: Stats | undefined,
  isStill: () => boolean,
  mode = old ? old.mode & 0o600 : 0o600,
): Promise<boolean> {
  checkWritable(place, old);
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
 * Checks whether `replaceFile` could write: makes an empty file beside this one and removes it. `access` does not know all
 * reasons.
 *
 * @param old the existing file
 * @throws UserError (cannot-write)
 */
export function checkReplaceable(place: Place, old: Stats | undefined): void {
  checkWritable(place, old);
  const temporary = temporaryFor(place);
  try {
    writeNew(temporary, '');
  } catch (error) {
    throw cannotWrite(place.path, error);
  }
  discard(temporary);
}

/** On Windows nothing is renamed over a file with the attribute "read-only", which Node shows as its mode. */
function checkWritable({ path }: Place, old: Stats | undefined): void {
  if (process.platform === 'win32' && old && (old.mode & 0o222) === 0)
    throw cannotWrite(path, 'it is read-only');
}

function temporaryFor(place: Place): string {
  return `${dirname(place.target)}/${ourFiles(place)}${randomBytes(8).toString('hex')}.tmp`;
}

/**
 * Whether another process swept the new file. On a network mount, or in a container of a virtual machine, the lock of
 * another machine looks dead, and the file that it writes looks abandoned.
 */
function isSwept(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && syscall === 'rename';
}

/** Keeps the owner of the old file, which differs when root writes a user's file. */
function takeOver(file: number, old: Stats, { path }: Place): void {
  const made = fstatSync(file);
  if (made.uid === old.uid && made.gid === old.gid) return;
  try {
    fchownSync(file, old.uid, old.gid);
  } catch {
    // The group may come from the directory. But a file of another user must not become ours, which would lock him out.
    if (made.uid !== old.uid) throw cannotWrite(path, 'it belongs to another user');
  }
}

function setMode(file: number, mode: number, old: Stats | undefined): void {
  const made = fstatSync(file).mode & 0o777;
  if (made === mode) return;
  try {
    fchmodSync(file, mode);
  } catch (error) {
    // On a file system without modes (FAT) the old file had no such mode either.
    if ((made & ~(old?.mode ?? 0o777) & 0o777) !== 0) throw error;
  }
}

/** Makes the directory of the file, such as `~/.aws` for a new user. @throws UserError (cannot-write) */
export function makeHome({ path, target }: Place): void {
  try {
    makeParents(dirname(target));
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/**
 * The prefix of awsmfa's own files beside this one. A hash, because the names of files and sockets have a limit, and the
 * name of the file may already be long.
 */
export function ourFiles({ target }: Place): string {
  return `.awsmfa-${hash(basename(target))}-`;
}

/**
 * Removes the temporary files that killed processes left.
 *
 * @param isLocked no other process is writing; without a lock, only files older than an hour are removed
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
    // The directory cannot be listed or written to. The write that follows reports it.
  }
}

/** The real place of a file to write. */
export interface Place {
  /** The user's path, for messages. */
  readonly path: string;
  /** Absolute, without symbolic links; perhaps not there yet. */
  readonly target: string;
  /** False for a path, not a link, whose directory is missing. */
  readonly hasDirectory: boolean;
}

/**
 * Follows symbolic links, also to a missing file: it will be made there, if its directory exists.
 *
 * @throws UserError (cannot-write) for a loop, a link into nowhere, a directory that cannot be entered
 */
export function placeOf(path: string): Place {
  // A `~` that could not be expanded must not become a directory of that name.
  if (path.startsWith('~')) throw cannotWrite(path, 'there is no home directory');
  try {
    return { path, target: follow(path), hasDirectory: true };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !isLink(path)) return { path, target: path, hasDirectory: false };
    throw cannotWrite(path, isMissing ? 'it is a link into a directory that does not exist' : error);
  }
}

/** @throws the file system's error */
function follow(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    // A circle of links ends with ELOOP here.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const directory = realpathSync.native(dirname(path));
  if (!isLink(path)) return join(directory, basename(path));
  const to = readlinkSync(path);
  // Not `resolve`: it drops `a/..` even if `a` is a link.
  return follow(isAbsolute(to) ? to : `${directory}/${to}`);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** The error for a shared file that cannot be replaced. @param cause the file system's error, or the reason in words */
export function cannotWrite(path: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause;
  return new UserError(
    Exit.configuration,
    'cannot-write',
    `Cannot write ${printable(path)}: ${reasonOf(cause)}`,
    'Nothing was changed; correct that, or name another file in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE.',
  );
}

function reasonOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  const { code = '', syscall } = cause as NodeJS.ErrnoException;
  // The new file was made, and only the rename failed: the old file is immutable, or its directory is append-only.
  if (syscall === 'rename' && (code === 'EPERM' || code === 'EACCES')) {
    return process.platform === 'win32' ? 'another program keeps it open' : 'no permission to replace it';
  }
  return reasons[code] ?? printable(cause instanceof Error ? cause.message.replace(/,.*$/s, '') : code);
}

const reasons: Readonly<Record<string, string | undefined>> = {
  EACCES: 'no permission to make files in its directory',
  EPERM: 'no permission to make files in its directory',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than files may be here (ulimit -f)',
  EIO: 'the disk has an error',
  EBUSY: 'it is in use, or mounted as a single file (mount its directory instead)',
  EXDEV: 'it is mounted as a single file (mount its directory instead)',
  ETXTBSY: 'it is in use',
  ENOENT: 'no file can be made in its directory',
  ENOTDIR: 'what should be its directory is a file',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links, or a link to itself',
  ENAMETOOLONG: 'its name is too long',
};
