import * as fs from 'node:fs';
import { orUndefined } from '../errors.ts';
import { discard, readOwn } from './disk.ts';
import type { Held, LockMeans, LockPath, Reached } from './lock-means.ts';

/** Where one lock is: in files called `<prefix><generation>`. */
export interface LockPlace {
  readonly directory: string;
  readonly prefix: string;
  readonly means: LockMeans;
}

/** What the process that holds a lock tells the waiting processes about itself. */
export interface Holder {
  readonly pid: number;
  /** The command that it runs, e.g. `use`. */
  readonly command: string;
  /** Its terminal below `/dev`, e.g. `pts/3`. */
  readonly terminal: string | undefined;
  /** Whether it gets a token code without asking a person. */
  readonly hasCode: boolean;
}

export type Attempt =
  | { readonly kind: 'held'; readonly release: Held['release'] }
  | { readonly kind: 'busy'; readonly other: Reached; readonly holder: () => Holder | undefined }
  | { readonly kind: 'again' };

/**
 * Tries once to get a lock.
 *
 * The file of a lock stays behind when its process dies. Removing a dead one by name could hit a live one that
 * came in between. So no name is used twice: a process takes a name that is free, then looks at all the others. Of
 * two that are alive, at least the later one sees the earlier, and steps back. Only one that is alone deletes the dead.
 *
 * @param self what the waiting processes are told, in a file beside that of the lock
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
    const path = pathIn(place, generation);
    const other = await place.means.reach(path);
    const holder = () => readHolder(path);
    if (other && counts(holder())) return { kind: 'busy', other, holder };
    other?.leave();
  }
  const mine = nextOf(before);
  const path = pathIn(place, mine);
  const held = await place.means.hold(path);
  if (!held) return { kind: 'again' };
  let alone = false;
  try {
    alone = await isAlone(place, mine, counts);
    if (alone && self) writeHolder(path, self);
  } finally {
    // After an error too: nothing else would let go of the lock, and this process and all others would hang.
    if (!alone) held.abandon();
  }
  if (!alone) return { kind: 'again' };
  const release = async (word: string) => {
    discard(holderPath(path));
    await held.release(word);
  };
  return { kind: 'held', release };
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
  const dead: LockPath[] = [];
  for (const generation of now) {
    if (generation === mine) continue;
    const path = pathIn(place, generation);
    const other = await place.means.reach(path);
    other?.leave();
    if (!other) dead.push(path);
    else if (counts(readHolder(path))) return false;
  }
  for (const path of dead) {
    // A directory of that name is no lock, and stays.
    discard(`${path.directory}/${path.name}`);
    discard(holderPath(path));
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

/** A generation that no process has used yet. */
function nextOf(before: readonly number[]): number {
  return onWindows ? 0 : Math.max(-1, ...before) + 1;
}

function holderPath({ directory, name }: LockPath): string {
  return `${directory}/${name}.holder`;
}

/** The lock holds without this file too. */
function writeHolder(path: LockPath, self: Holder): void {
  try {
    fs.writeFileSync(holderPath(path), JSON.stringify(self), { mode: 0o600 });
  } catch {
    discard(holderPath(path));
  }
}

function readHolder(path: LockPath): Holder | undefined {
  const text = String(readOwn(holderPath(path), 4096));
  const { pid, command, terminal, hasCode } = orUndefined(() => JSON.parse(text)) ?? {};
  if (!Number.isSafeInteger(pid) || typeof command !== 'string') return undefined;
  return {
    pid,
    command,
    terminal: typeof terminal === 'string' ? terminal : undefined,
    hasCode: hasCode === true,
  };
}

const onWindows = process.platform === 'win32';
