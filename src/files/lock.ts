import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { makePrivate } from './disk.ts';
import { hash } from './hash.ts';
import { fileLock } from './lock-file.ts';
import { acquire, type LockPlace } from './lock-place.ts';
import { socketLock } from './lock-socket.ts';
import { type Entered, enter, type OnWait, type Waiting } from './lock-wait.ts';

/**
 * Single flight between processes: one does the work for a key, the others get what it says in the end. A process that gets a code
 * without a question does not wait for one that asks a person: such processes share a lock of their own. One that cannot or need not
 * wait any more does the work itself, as does each process where there can be no lock.
 *
 * @param directory where the lock is; if it can have none, in a runtime directory
 * @param work done by the holder; what it returns goes to everybody who waits, as text
 * @param onLate called in place of the work when the wait has been too long
 * @returns what the holder's `work` returned, or `onLate`; undefined when this process did the work itself
 */
export async function singleFlight(
  directory: string,
  key: string,
  work: () => Promise<string>,
  onWait: OnWait,
  waiting: Waiting = {},
  onLate: () => Promise<string | undefined> = () => work().then(() => undefined),
): Promise<string | undefined> {
  const entered = await enterFirst(directory, `lock-${hash(key)}-`, onWait, waiting);
  if (entered === 'late') return onLate();
  if (entered && 'word' in entered) return entered.word;
  let word = '';
  try {
    word = await work();
  } finally {
    await entered?.release(word);
  }
  return undefined;
}

/** Where a lock in a directory really is: there, in a runtime directory, or a file in place of a socket. */
export type LockKind = 'there' | 'runtime' | 'file';

/** The kind of lock that there can be; undefined for none. */
export async function lockKind(directory: string): Promise<LockKind | undefined> {
  const prefix = `lock-try-${process.pid}-`;
  for (const { kind, place } of placesOf(directory, prefix)) {
    try {
      const attempt = await acquire(place(), undefined, () => false);
      if (attempt.kind === 'held') await attempt.lock.release('');
      return kind;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

/** Some network and shared file systems have no sockets, and some sandboxes none at all; a directory may be read-only, or open to others. */
async function enterFirst(
  directory: string,
  prefix: string,
  onWait: OnWait,
  waiting: Waiting,
): Promise<Entered> {
  for (const { place } of placesOf(directory, prefix)) {
    try {
      return await enter(place(), onWait, waiting);
    } catch {
      // The next one.
    }
  }
  return undefined;
}

/** Each is made when it is its turn, and throws where there can be none. */
function placesOf(
  directory: string,
  prefix: string,
): readonly { readonly kind: LockKind; readonly place: () => LockPlace }[] {
  const here = () => {
    makePrivate(directory);
    return directory;
  };
  const elsewhere = () => {
    const runtime = runtimeDirectory();
    if (runtime === undefined) throw new Error('no directory for a lock');
    return runtime;
  };
  const named = `${prefix}${hash(directory)}-`;
  return [
    { kind: 'there', place: () => ({ directory: here(), prefix, means: socketLock }) },
    { kind: 'runtime', place: () => ({ directory: elsewhere(), prefix: named, means: socketLock }) },
    { kind: 'file', place: () => ({ directory: here(), prefix: `file-${prefix}`, means: fileLock }) },
    { kind: 'file', place: () => ({ directory: elsewhere(), prefix: `file-${named}`, means: fileLock }) },
  ];
}

/**
 * Mutual exclusion between processes: one after the other does its own work. Where there can be no lock (a directory
 * that is not there or not to be written to, a file system without sockets), or when the wait has been too long, the work is done without.
 *
 * @param directory is left as it is; the lock's file is there while it is held
 * @param prefix what the names of its files begin with, and no others
 * @param work is told whether there is a lock, and everybody else waits
 * @param onLate called instead of the work when the wait has been too long
 */
export async function inTurn<T>(
  directory: string,
  prefix: string,
  work: (isLocked: boolean) => Promise<T>,
  onWait: OnWait,
  waiting: Waiting = {},
  onLate: () => Promise<T> = () => work(false),
): Promise<T> {
  const place = { directory, prefix, means: socketLock };
  const entered = await enter(place, onWait, waiting).catch(() => undefined);
  if (entered === 'late') return onLate();
  // Nobody leaves a word at such a lock.
  if (entered === undefined || 'word' in entered) return work(false);
  try {
    return await work(true);
  } finally {
    await entered.release('');
  }
}

/**
 * A directory of the user's own for sockets: in XDG_RUNTIME_DIR, else `awsmfa-UID` in the directory for temporary files, where it must be a
 * real directory, since everybody can make names there. Undefined where there can be none.
 */
export function runtimeDirectory(): string | undefined {
  const { XDG_RUNTIME_DIR } = process.env;
  for (const directory of [
    ...(XDG_RUNTIME_DIR?.startsWith('/') ? [`${XDG_RUNTIME_DIR}/awsmfa`] : []),
    `${tmpdir()}/awsmfa-${process.getuid?.() ?? 'lock'}`,
  ]) {
    try {
      makePrivate(directory);
      if (lstatSync(directory).isDirectory()) return directory;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
