import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { makePrivate } from './disk.ts';
import { hash } from './entries.ts';
import { fileLock, socketLock } from './lock-means.ts';
import { type Attempt, acquire, type Holder, type LockPlace } from './lock-place.ts';

/** How a process waits for another one. */
export interface Waiting {
  /** What the processes that wait for this one are told. */
  readonly self?: () => Holder;
  /** Whether a process was stopped (Ctrl-Z). Do not wait for it then. */
  readonly isStopped?: (pid: number) => boolean;
  /** Called with each holder in turn, more than once. */
  readonly onHolder?: (holder: Holder) => void;
  /** Whether this process has got what it waits for in another way. Asked twice a second. */
  readonly isDone?: () => boolean;
  /** The holder waits for a person. All such waits of a process share one time limit. */
  readonly isForPerson?: boolean;
  /** How long to wait, in milliseconds; two minutes by default. */
  readonly patience?: number;
}

/** Called once, when another process has the lock; with undefined if the holder says nothing about itself. */
export type OnWait = (holder: Holder | undefined) => void;

/**
 * Single flight between processes: one does the work for a key, the others get its result. A process that gets a code
 * without a question does not wait for one that asks a person: such processes share a lock of their own. A process that
 * cannot or need not wait any more does the work itself, and so does each process where there can be no lock.
 *
 * @param directory where the lock is; if it can have none, in a runtime directory
 * @param work done by the holder; what it returns is sent to all processes that wait, as text
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
  const entered = await inFirstPlace(directory, `lock-${hash(key)}-`, (place) =>
    enter(place, onWait, waiting),
  );
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

/** Where a lock of a directory really is: there, in a runtime directory, or a file in place of a socket. */
export type LockKind = 'there' | 'runtime' | 'file';

/** The kind of lock that a directory can have; undefined for none. */
export async function lockKind(directory: string): Promise<LockKind | undefined> {
  return inFirstPlace(directory, `lock-try-${process.pid}-`, async (place, kind) => {
    const attempt = await acquire(place, undefined, () => false);
    if (attempt.kind === 'held') await attempt.release('');
    return kind;
  });
}

/**
 * Uses the first place that can have a lock; undefined for none. Some network and shared file systems have no sockets,
 * and some sandboxes none at all; a directory may be read-only, or open to others.
 */
async function inFirstPlace<T>(
  directory: string,
  prefix: string,
  use: (place: LockPlace, kind: LockKind) => Promise<T>,
): Promise<T | undefined> {
  const here = () => {
    makePrivate(directory);
    return directory;
  };
  const named = `${prefix}${hash(directory)}-`;
  const places = [
    ['there', here, prefix, socketLock],
    ['runtime', runtimeDirectory, named, socketLock],
    ['file', here, `file-${prefix}`, fileLock],
    ['file', runtimeDirectory, `file-${named}`, fileLock],
  ] as const;
  for (const [kind, directoryOf, prefix, means] of places) {
    try {
      const directory = directoryOf();
      if (directory !== undefined) return await use({ directory, prefix, means }, kind);
    } catch {
      // Try the next place.
    }
  }
  return undefined;
}

/**
 * Mutual exclusion between processes: one after the other does its own work. Where there can be no lock (a directory
 * that is not there or not to be written to, a file system without sockets), or when the wait has been too long, the work is done without.
 *
 * @param directory is left as it is; the lock's file is there while it is held
 * @param prefix what the names of its files begin with, and no others
 * @param work is told whether there is a lock, and all other processes wait
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
  // No process leaves a word at such a lock.
  if (entered === undefined || 'word' in entered) return work(false);
  try {
    return await work(true);
  } finally {
    await entered.release('');
  }
}

/** How long one process waits for another, in milliseconds. */
const patience = 120_000;

/** The lock; the word of another process that held it; undefined where no lock is needed; `late` when the wait has been too long. */
type Entered = (Attempt & { kind: 'held' }) | Said | 'late' | undefined;

interface Said {
  readonly word: string;
}

/** How long this process has waited for people, in milliseconds. Waits at the same time count once. */
let waited = 0;
let waits = 0;
let since = 0;

/** Takes a lock, or waits for the process that has it. @throws Error where there can be no lock */
async function enter(place: LockPlace, onWait: OnWait, waiting: Waiting): Promise<Entered> {
  const begin = performance.now();
  if (!waiting.isForPerson) return enterUntil(begin + (waiting.patience ?? patience), place, onWait, waiting);
  const spent = waited + (waits > 0 ? begin - since : 0);
  if (waits === 0) since = begin;
  waits += 1;
  try {
    return await enterUntil(begin + (waiting.patience ?? patience - spent), place, onWait, waiting);
  } finally {
    waits -= 1;
    if (waits === 0) waited += performance.now() - since;
  }
}

async function enterUntil(
  until: number,
  first: LockPlace,
  onWait: OnWait,
  waiting: Waiting,
): Promise<Entered> {
  let place = first;
  let told = false;
  const tell: OnWait = (holder) => {
    if (!told) onWait(holder);
    told = true;
  };
  for (let round = 0; round < 100; round++) {
    const attempt = await acquire(place, waiting.self?.(), ({ pid }) => waiting.isStopped?.(pid) ?? false);
    if (attempt.kind === 'held') return attempt;
    if (attempt.kind === 'busy') {
      const end = await waitFor(attempt, tell, waiting, until);
      if (end === 'done') return undefined;
      if (end === 'late' || typeof end === 'object') return end;
      if (end === 'asks') place = { ...place, prefix: `${place.prefix}code-` };
      round = 0;
    } else {
      // Two processes that tried at the same instant have both stepped back. Random pauses keep them apart.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10 + round, 50)));
    }
  }
  // A network mount may not show a file which has just been made.
  throw new Error('No lock can be had here');
}

/**
 * How waiting for a holder ends. It sent a word. Or (`next`) it let go without one, died or was stopped, and the next
 * process may try. Or it asks a person while this process has a code. Or this process has got what it waits for. Or the wait has been too long.
 */
type End = Said | 'next' | 'asks' | 'done' | 'late';

function waitFor(
  { other, holder }: Attempt & { kind: 'busy' },
  onWait: OnWait,
  waiting: Waiting,
  until: number,
): Promise<End> {
  const hasCode = waiting.self?.().hasCode ?? false;
  const begin = performance.now();
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (end: End) => {
      clearTimeout(timer);
      other.leave();
      resolve(end);
    };
    const look = () => {
      const known = holder();
      const now = performance.now();
      if (known) waiting.onHolder?.(known);
      if (known && hasCode && !known.hasCode) return finish('asks');
      if (known && waiting.isStopped?.(known.pid)) return finish('next');
      if (waiting.isDone?.()) return finish('done');
      if (now >= until) return finish('late');
      // A process that has just got the lock has not written yet who it is.
      if (known || !waiting.self || now - begin > 1000) onWait(known);
      timer = setTimeout(look, Math.min(known ? 500 : 50, until - now));
    };
    other.ended.then((word) => finish(word ? { word } : 'next'));
    look();
  });
}

/**
 * A directory of the user's own for sockets: in XDG_RUNTIME_DIR, else `awsmfa-UID` in the directory for temporary files, where it must be a
 * real directory, because every user can make names there. Undefined where there can be none.
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
      // Try the next one.
    }
  }
  return undefined;
}
