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
import { printable } from '../printable.ts';
import { discard, makeParents, replace, writeNew } from './disk.ts';
import { hash } from './hash.ts';

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
 * Makes an empty file beside this one, and takes it away again: `access` would not know of every reason why not.
 *
 * @param old the file that is there
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

/** Where a file that is to be written really is. */
export interface Place {
  /** As the user knows it, for messages. */
  readonly path: string;
  /** Absolute, without symbolic links; perhaps not there yet. */
  readonly target: string;
  /** False for a path, not a link, whose directory is missing. */
  readonly hasDirectory: boolean;
}

/**
 * Follows symbolic links, also to a file that does not exist: it will be made there, if there is a directory for it.
 *
 * @throws UserError (cannot-write) for a loop, a link into nowhere, a directory that cannot be entered
 */
export function placeOf(path: string): Place {
  // A `~` that nobody could expand is no directory of that name where the user stands.
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
    // With more links than the system follows, ELOOP comes here before there could be no end.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const directory = realpathSync.native(dirname(path));
  if (!isLink(path)) return join(directory, basename(path));
  const to = readlinkSync(path);
  // Not `resolve`: it takes `a/..` for nothing, also where `a` is a link.
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
  // A new file could be made beside it: it is immutable, or its directory only takes more.
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
