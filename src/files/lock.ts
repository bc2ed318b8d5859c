import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { makePrivate } from './disk.ts';
import { hash } from './hash.ts';
import { fileLock } from './lock-file.ts';
import { type Attempt, acquire, type Holder, type Lock, type LockPlace } from './lock-place.ts';
import { socketLock } from './lock-socket.ts';

/** How a process waits for another one. */
export interface Waiting {
  /** What those who wait for this process are told. */
  readonly self?: () => Holder;
  /** Whether a process was stopped (Ctrl-Z): it is not waited for. */
  readonly isStopped?: (pid: number) => boolean;
  /** Called with each holder in turn, more than once. */
  readonly onHolder?: (holder: Holder) => void;
  /** Whether what this process waits for is there by another way. Asked twice a second. */
  readonly isDone?: () => boolean;
  /** A person is waited for: all such waits of a process count together. */
  readonly isForPerson?: boolean;
  /** How long to wait, in milliseconds; two minutes by default. */
  readonly patience?: number;
}

/** Called once, when somebody else is at it; with undefined if the holder says nothing about itself. */
export type OnWait = (holder: Holder | undefined) => void;

/** How long one process waits for another, in milliseconds. */
const patience = 120_000;

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
    const attempt = await acquire(place(), undefined, () => false).catch(() => undefined);
    if (attempt?.kind === 'held') await attempt.lock.release('');
    if (attempt) return kind;
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

/** The lock; the word of another process that held it; undefined where no lock is needed; `late` when the wait has been too long. */
type Entered = Lock | Said | 'late' | undefined;

interface Said {
  readonly word: string;
}

/** @throws Error where there can be no lock */
async function enter(first: LockPlace, onWait: OnWait, waiting: Waiting): Promise<Entered> {
  const { isForPerson = false, patience: own } = waiting;
  const until = performance.now() + (own ?? (isForPerson ? patience - waitedForPeople() : patience));
  if (isForPerson) beginToWait();
  try {
    return await enterUntil(until, first, onWait, waiting);
  } finally {
    if (isForPerson) endWait();
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
    if (attempt.kind === 'held') return attempt.lock;
    if (attempt.kind === 'busy') {
      const end = await waitFor(attempt, tell, waiting, until);
      if (end === 'done') return undefined;
      if (end === 'late' || typeof end === 'object') return end;
      if (end === 'asks') place = { ...place, prefix: `${place.prefix}code-` };
      round = 0;
    } else {
      // Two that tried at the same instant have both stepped back: not at the same instant again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10 + round, 50)));
    }
  }
  // Such as a network mount that does not show a file which has just been made.
  throw new Error('No lock can be had here');
}

/**
 * How waiting for a holder ends: it said a word; it let go without one, died or was stopped, so that the next may try; it asks a person while this
 * process has a code; what is waited for is there; or it has been too long.
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
      // One that has just got the lock has not said yet who it is.
      if (known || !waiting.self || now - begin > 1000) onWait(known);
      timer = setTimeout(look, Math.min(known ? 500 : 50, until - now));
    };
    other.ended.then((word) => finish(word ? { word } : 'next'));
    look();
  });
}

/** How long this process has waited for people, in milliseconds; waits at the same time count once. */
function waitedForPeople(): number {
  return waited + (waits > 0 ? performance.now() - since : 0);
}

let waited = 0;
let waits = 0;
let since = 0;

function beginToWait(): void {
  if (waits === 0) since = performance.now();
  waits += 1;
}

function endWait(): void {
  waits -= 1;
  if (waits === 0) waited += performance.now() - since;
}
