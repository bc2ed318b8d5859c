import { type Attempt, acquire, type Holder, type Lock, type LockPlace } from './lock-place.ts';

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

/** The lock; the word of another process that held it; undefined where no lock is needed; `late` when the wait has been too long. */
export type Entered = Lock | Said | 'late' | undefined;

interface Said {
  readonly word: string;
}

/** Takes a lock, or waits for the process that has it. @throws Error where there can be no lock */
export async function enter(first: LockPlace, onWait: OnWait, waiting: Waiting): Promise<Entered> {
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
