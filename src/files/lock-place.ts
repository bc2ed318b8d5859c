import * as fs from 'node:fs';
import { readOwn, removeOwn } from './disk.ts';

/** Where one lock is: in files called `<prefix><generation>`. */
export interface LockPlace {
  readonly directory: string;
  readonly prefix: string;
  readonly means: LockMeans;
}

/** What a lock is made of: a listening socket, or where there can be none, a file. */
export interface LockMeans {
  /**
   * Undefined when the name is taken.
   *
   * @throws Error where there can be no lock of this kind
   */
  hold(path: LockPath): Promise<HeldName | undefined>;
  /** Undefined when its process has died. */
  reach(path: LockPath): Promise<Reached | undefined>;
}

export interface LockPath {
  readonly directory: string;
  readonly name: string;
}

export interface HeldName {
  /** Tells everybody who waits, and lets go. */
  release(word: string): Promise<void>;
  /** Lets go without a word. */
  abandon(): void;
}

/** A lock that another process holds. */
export interface Reached {
  /** When it lets go or dies: the word that it leaves, or ''. */
  readonly ended: Promise<string>;
  /** Waits no longer. */
  leave(): void;
}

/** What the process that holds a lock says about itself to those that wait. */
export interface Holder {
  readonly pid: number;
  /** The command that it runs, e.g. `use`. */
  readonly command: string;
  /** Its terminal below `/dev`, e.g. `pts/3`. */
  readonly terminal: string | undefined;
  /** Whether it gets a token code without a question to anybody. */
  readonly hasCode: boolean;
}

export interface Lock {
  /** Tells everybody who waits, and lets go. */
  release(word: string): Promise<void>;
}

export type Attempt =
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly other: Reached; readonly holder: () => Holder | undefined }
  | { readonly kind: 'again' };

/**
 * Tries once to get a lock.
 *
 * The file of a lock stays behind when its process dies, and taking a dead one away by name could hit a live one that
 * came in between. So no name is used twice: a process takes a name that is free, then looks at all the others. Of
 * two that are alive, at least the later one sees the earlier, and steps back. Only one that is alone deletes the dead.
 *
 * @param self what those who wait are told, in a file beside that of the lock
 * @param isStopped whether a holder was stopped (Ctrl-Z): then it does not count
 * @throws Error where there can be no lock
 */
export async function acquire(
  place: LockPlace,
  self: Holder | undefined,
  isStopped: (holder: Holder) => boolean,
): Promise<Attempt> {
  const counts = (holder: Holder | undefined) => holder === undefined || !isStopped(holder);
  const before = generations(place);
  for (const generation of before.reverse()) {
    const other = await reach(place, generation);
    const holder = () => readHolder(place, generation);
    if (other && counts(holder())) return { kind: 'busy', other, holder };
    other?.leave();
  }
  const mine = nextOf(before);
  const held = await place.means.hold(pathIn(place, mine));
  if (!held) return { kind: 'again' };
  let alone = false;
  try {
    alone = await isAlone(place, mine, counts);
    if (alone && self) writeHolder(place, mine, self);
  } finally {
    // After an error too: nobody would ever let go of it, and it would hold the process, and all the others.
    if (!alone) held.abandon();
  }
  if (!alone) return { kind: 'again' };
  const release = async (word: string) => {
    discardHolder(place, mine);
    await held.release(word);
  };
  return { kind: 'held', lock: { release } };
}

function reach(place: LockPlace, generation: number): Promise<Reached | undefined> {
  return place.means.reach(pathIn(place, generation));
}

function pathIn({ directory, prefix }: LockPlace, generation: number): LockPath {
  return { directory, name: `${prefix}${generation}` };
}

/** Looks at all the others, and removes the dead ones if no other counts. */
async function isAlone(
  place: LockPlace,
  mine: number,
  counts: (holder: Holder | undefined) => boolean,
): Promise<boolean> {
  const now = generations(place);
  if (!now.includes(mine)) return false;
  const dead: number[] = [];
  for (const generation of now) {
    if (generation === mine) continue;
    const other = await reach(place, generation);
    other?.leave();
    if (!other) dead.push(generation);
    else if (counts(readHolder(place, generation))) return false;
  }
  for (const generation of dead) {
    try {
      removeOwn(pathOf(place, generation));
    } catch {
      // A directory of that name: it is nobody's lock, and stays.
    }
    discardHolder(place, generation);
  }
  return true;
}

/** The numbers of the names that are there, alive or dead, in ascending order. */
function generations({ directory, prefix }: LockPlace): number[] {
  // A named pipe goes with its process: its one name is never left behind.
  if (onWindows) return [0];
  return fs
    .readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)))
    .filter(Number.isSafeInteger)
    .sort((a, b) => a - b);
}

/** A generation that nobody has used yet. */
function nextOf(before: readonly number[]): number {
  return onWindows ? 0 : Math.max(-1, ...before) + 1;
}

function pathOf(place: LockPlace, generation: number): string {
  return `${place.directory}/${place.prefix}${generation}`;
}

function holderPath(place: LockPlace, generation: number): string {
  return `${pathOf(place, generation)}.holder`;
}

/** A holder that cannot say who it is holds the lock all the same. */
function writeHolder(place: LockPlace, generation: number, self: Holder): void {
  try {
    fs.writeFileSync(holderPath(place, generation), JSON.stringify(self), { mode: 0o600 });
  } catch {
    discardHolder(place, generation);
  }
}

function readHolder(place: LockPlace, generation: number): Holder | undefined {
  try {
    const { pid, command, terminal, hasCode } = JSON.parse(
      String(readOwn(holderPath(place, generation), 4096)),
    );
    if (!Number.isSafeInteger(pid) || typeof command !== 'string') return undefined;
    return {
      pid,
      command,
      terminal: typeof terminal === 'string' ? terminal : undefined,
      hasCode: hasCode === true,
    };
  } catch {
    return undefined;
  }
}

function discardHolder(place: LockPlace, generation: number): void {
  try {
    removeOwn(holderPath(place, generation));
  } catch {
    // It says nothing that matters.
  }
}

const onWindows = process.platform === 'win32';
