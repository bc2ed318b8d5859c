import type { Socket } from 'node:net';
import { makePrivate } from './disk.ts';
import { hash } from './hash.ts';
import { greeting, lastWord } from './holder.ts';
import { close, connect, generations, type LockPlace, listen, nextOf, remove } from './lock-socket.ts';

/**
 * Single flight between processes: one does the work for a key, the others get what it says in the end. Where there
 * can be no lock, each does the work.
 *
 * The lock is a listening Unix socket (a named pipe on Windows): the kernel closes it when its process dies,
 * however it dies, so that those who wait know at once, without time-outs and without process IDs, which are
 * used again and mean nothing across containers.
 *
 * @param work done by the holder; what it returns goes to everybody who waits, as text
 * @param onWait called once when somebody else is at it, with his introduction; undefined where he gives none
 * @param introduce one line about this process, for those who wait while it works
 * @returns what the holder's `work` returned, or undefined when this process did the work itself
 */
export async function singleFlight(
  directory: string,
  key: string,
  work: () => Promise<string>,
  onWait: OnWait,
  introduce: () => string = () => '',
): Promise<string | undefined> {
  const entered = await enterCache(directory, key, onWait, introduce).catch(() => undefined);
  if (typeof entered === 'string') return entered;
  let word = '';
  try {
    word = await work();
  } finally {
    await entered?.release(word);
  }
  return undefined;
}

/** Without a place for the lock there is no cache either, and nothing that waiting could win. */
async function enterCache(
  directory: string,
  key: string,
  onWait: OnWait,
  introduce: () => string,
): Promise<Lock | string> {
  makePrivate(directory);
  return enter({ directory, prefix: `lock-${hash(key)}-` }, onWait, introduce);
}

/**
 * Mutual exclusion between processes: one after the other does its own work. Where there can be no lock (a directory
 * that is not there or not to be written to, a file system without sockets), the work is done without.
 *
 * @param directory is left as it is; the lock's file is there while it is held
 * @param prefix what the names of its files begin with, and no others
 * @param work is told whether there is a lock, and everybody else waits
 * @param onWait called once when somebody else is at it
 */
export async function inTurn<T>(
  directory: string,
  prefix: string,
  work: (isLocked: boolean) => Promise<T>,
  onWait: () => void,
): Promise<T> {
  const entered = await enter({ directory, prefix }, onWait, () => '').catch(() => undefined);
  // Nobody leaves a word at such a lock, so nobody gets one.
  if (entered === undefined || typeof entered === 'string') return work(false);
  try {
    return await work(true);
  } finally {
    await entered.release('');
  }
}

/**
 * The lock, or what somebody who held it said when he let go. Who says nothing leaves it to the next one.
 *
 * @throws where there can be none
 */
async function enter(place: LockPlace, onWait: OnWait, introduce: () => string): Promise<Lock | string> {
  let told = false;
  const tell: OnWait = (holder) => {
    if (!told) onWait(holder);
    told = true;
  };
  for (let round = 0; round < 100; round++) {
    const state = await acquire(place, introduce);
    if (state.kind === 'held') return state.lock;
    if (state.kind === 'busy') {
      const word = await lastWord(state.holder, tell);
      if (word !== undefined) return word;
      round = 0;
    } else {
      // Two that tried at the same instant have both stepped back: not at the same instant again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10 + round, 50)));
    }
  }
  // Such as a network mount that does not show a file which has just been made.
  throw new Error('No lock can be had here');
}

type OnWait = (holder: string | undefined) => void;

interface Lock {
  /** Tells everybody who waits, and lets go. */
  release(word: string): Promise<void>;
}

type Attempt =
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly holder: Socket }
  | { readonly kind: 'again' };

/**
 * A socket file stays behind when its process dies, and taking a dead one away by name could hit a live one that
 * came in between. So nobody reuses a name: one listens on a name that is free, then looks at all the others. Of
 * two that are alive, at least the later one sees the earlier, and steps back. Only who is alone deletes the dead.
 */
async function acquire(place: LockPlace, introduce: () => string): Promise<Attempt> {
  const before = generations(place);
  for (const generation of before.reverse()) {
    const holder = await connect(place, generation);
    if (holder) return { kind: 'busy', holder };
  }
  const mine = nextOf(before);
  const waiting = new Set<Socket>();
  const server = await listen(place, mine, waiting);
  if (!server) return { kind: 'again' };

  const now = generations(place);
  const dead = now.filter((generation) => generation !== mine);
  let alone = now.includes(mine);
  for (const generation of dead) {
    const other = alone && (await connect(place, generation));
    if (other) {
      other.destroy();
      alone = false;
    }
  }
  if (!alone) {
    close(server, place, mine);
    for (const socket of waiting) socket.destroy();
    return { kind: 'again' };
  }
  for (const generation of dead) remove(place, generation);
  let accepted = 0;
  let words: string | undefined;
  const greet = (socket: Socket) => {
    accepted += 1;
    words ??= greeting(introduce());
    socket.write(words);
  };
  for (const socket of waiting) greet(socket);
  server.on('connection', greet);
  return {
    kind: 'held',
    lock: {
      async release(word) {
        // Those that the kernel has let in, and Node not yet, are to hear it as well: it may take in one a turn.
        for (let known = -1; known < accepted; ) {
          known = accepted;
          await new Promise((resolve) => setImmediate(resolve));
        }
        close(server, place, mine);
        // Not waiting for the other side: it may be stopped (Ctrl-Z).
        for (const socket of waiting) socket.end(word, () => socket.destroy());
      },
    },
  };
}
