import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { makePrivate } from './disk.ts';
import { hash } from './hash.ts';
import { type Attempt, acquire, type Holder, type Lock, type LockPlace } from './lock-socket.ts';

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
  /** When waiting ends, in milliseconds of `performance.now()`; two minutes from now by default. */
  readonly until?: number;
}

/** Called once, when somebody else is at it; with undefined if the holder says nothing about itself. */
export type OnWait = (holder: Holder | undefined) => void;

/** How long one process waits for another, in milliseconds. */
export const patience = 120_000;

/**
 * Single flight between processes: one does the work for a key, the others get what it says in the end. A process that gets a code
 * without a question does not wait for one that asks a person: such processes share a lock of their own. One that cannot or need not
 * wait any more does the work itself, as does each process where there can be no lock.
 *
 * @param directory where the lock is; if it can have none, in a runtime directory
 * @param work done by the holder; what it returns goes to everybody who waits, as text
 * @returns what the holder's `work` returned, or undefined when this process did the work itself
 */
export async function singleFlight(
  directory: string,
  key: string,
  work: () => Promise<string>,
  onWait: OnWait,
  waiting: Waiting = {},
): Promise<string | undefined> {
  const entered = await enterFirst(directory, `lock-${hash(key)}-`, onWait, waiting);
  if (typeof entered === 'string') return entered;
  let word = '';
  try {
    word = await work();
  } finally {
    await entered?.release(word);
  }
  return undefined;
}

/** Some network and shared file systems have no sockets; a directory may be read-only, or open to others. */
async function enterFirst(
  directory: string,
  prefix: string,
  onWait: OnWait,
  waiting: Waiting,
): Promise<Entered> {
  try {
    makePrivate(directory);
    return await enter({ directory, prefix }, onWait, waiting);
  } catch {
    const runtime = runtimeDirectory();
    if (runtime === undefined) return undefined;
    const place = { directory: runtime, prefix: `${prefix}${hash(directory)}-` };
    return enter(place, onWait, waiting).catch(() => undefined);
  }
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
  const entered = await enter({ directory, prefix }, onWait, waiting).catch(() => 'none');
  if (entered === undefined) return onLate();
  // Nobody leaves a word at such a lock.
  if (typeof entered === 'string') return work(false);
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

/** The lock; or the word of another process that held it; or undefined for no lock and no longer wait. */
type Entered = Lock | string | undefined;

/** @throws Error where there can be no lock */
async function enter(place: LockPlace, onWait: OnWait, waiting: Waiting): Promise<Entered> {
  const until = waiting.until ?? performance.now() + patience;
  let told = false;
  const tell: OnWait = (holder) => {
    if (!told) onWait(holder);
    told = true;
  };
  for (let round = 0; round < 100; round++) {
    const attempt = await acquire(place, waiting.self?.(), ({ pid }) => waiting.isStopped?.(pid) ?? false);
    if (attempt.kind === 'held') return attempt.lock;
    if (attempt.kind === 'busy') {
      const end = await waitFor(attempt, tell, { ...waiting, until });
      if (typeof end === 'object') return end.word;
      if (end === 'over') return undefined;
      if (end === 'asks')
        return enter({ ...place, prefix: `${place.prefix}code-` }, tell, { ...waiting, until });
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
 * process has a code; or the wait is over.
 */
type End = { readonly word: string } | 'next' | 'asks' | 'over';

function waitFor(
  { socket, holder }: Attempt & { kind: 'busy' },
  onWait: OnWait,
  waiting: Waiting & { readonly until: number },
): Promise<End> {
  const hasCode = waiting.self?.().hasCode ?? false;
  const begin = performance.now();
  return new Promise((resolve) => {
    let word = '';
    let timer: NodeJS.Timeout | undefined;
    const finish = (end: End) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(end);
    };
    const look = () => {
      const known = holder();
      const now = performance.now();
      if (known) waiting.onHolder?.(known);
      if (known && hasCode && !known.hasCode) return finish('asks');
      if (known && waiting.isStopped?.(known.pid)) return finish('next');
      if (now >= waiting.until || waiting.isDone?.()) return finish('over');
      // One that has just got the lock has not said yet who it is.
      if (known || !waiting.self || now - begin > 1000) onWait(known);
      timer = setTimeout(look, known ? 500 : 50);
    };
    socket.setEncoding('utf8').on('data', (part) => {
      word += part;
    });
    socket.on('error', () => {});
    socket.on('close', () => finish(word ? { word } : 'next'));
    look();
  });
}
