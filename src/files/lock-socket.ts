import * as fs from 'node:fs';
import * as net from 'node:net';
import { readOwn, removeOwn } from './disk.ts';
import { hash } from './hash.ts';

/** Where the listening sockets of one lock are: files called `<prefix><generation>`. */
export interface LockPlace {
  readonly directory: string;
  readonly prefix: string;
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
  | { readonly kind: 'busy'; readonly socket: net.Socket; readonly holder: () => Holder | undefined }
  | { readonly kind: 'again' };

/**
 * Tries once to get a lock. The lock is a listening Unix socket (a named pipe on Windows): the kernel closes it when its process dies,
 * however it dies, so that those who wait know at once.
 *
 * A socket file stays behind when its process dies, and taking a dead one away by name could hit a live one that
 * came in between. So no name is used twice: a process listens on a name that is free, then looks at all the others. Of
 * two that are alive, at least the later one sees the earlier, and steps back. Only one that is alone deletes the dead.
 *
 * @param self what those who wait are told, in a file beside the socket
 * @param isStopped whether a holder was stopped (Ctrl-Z): then it does not count
 * @throws Error where there can be no socket
 */
export async function acquire(
  place: LockPlace,
  self: Holder | undefined,
  isStopped: (holder: Holder) => boolean,
): Promise<Attempt> {
  const counts = (holder: Holder | undefined) => holder === undefined || !isStopped(holder);
  const before = generations(place);
  for (const generation of before.reverse()) {
    const socket = await connect(place, generation);
    const holder = () => readHolder(place, generation);
    if (socket && counts(holder())) return { kind: 'busy', socket, holder };
    socket?.destroy();
  }
  const mine = nextOf(before);
  const waiting = new Set<net.Socket>();
  const server = await listen(place, mine, waiting);
  if (!server) return { kind: 'again' };
  const letGo = () => {
    discardHolder(place, mine);
    close(server, place, mine);
  };
  let alone: boolean;
  try {
    alone = await isAlone(place, mine, counts);
    if (alone && self) writeHolder(place, mine, self);
  } catch (error) {
    // Nobody would ever let go of this socket: it would hold the process, and all the others.
    letGo();
    for (const socket of waiting) socket.destroy();
    throw error;
  }
  if (!alone) {
    letGo();
    for (const socket of waiting) socket.destroy();
    return { kind: 'again' };
  }
  let accepted = waiting.size;
  server.on('connection', () => {
    accepted += 1;
  });
  const release = async (word: string) => {
    // Those that the kernel has let in, and Node not yet, are to hear it as well: it may take in one a turn.
    for (let known = -1; known < accepted; ) {
      known = accepted;
      await new Promise((resolve) => setImmediate(resolve));
    }
    letGo();
    // Not waiting for the other side: it may be stopped (Ctrl-Z).
    for (const socket of waiting) socket.end(word, () => socket.destroy());
  };
  return { kind: 'held', lock: { release } };
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
    const other = await connect(place, generation);
    other?.destroy();
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

/** The numbers of the sockets that are there, alive or dead, in ascending order. */
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

function pathOf({ directory, prefix }: LockPlace, generation: number): string {
  return `${directory}/${prefix}${generation}`;
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

/** Undefined when the name is taken. */
function listen(
  place: LockPlace,
  generation: number,
  waiting: Set<net.Socket>,
): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => waiting.delete(socket));
    });
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    inPlace(place, generation, (path) => server.listen(path, () => resolve(server)));
  });
}

/** Closing unlinks the name first (libuv's order), so that a name is never free while its socket still listens. */
function close(server: net.Server, place: LockPlace, generation: number): void {
  inPlace(place, generation, () => server.close());
}

/** Undefined when nobody listens there. */
function connect(place: LockPlace, generation: number): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = inPlace(place, generation, (path) => net.connect(path));
    socket.on('connect', () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Alive, but more are waiting to be let in than the kernel queues.
      if (error.code === 'EAGAIN') setTimeout(() => resolve(connect(place, generation)), 5);
      else resolve(undefined);
    });
  });
}

/**
 * The path of a socket may have some 100 bytes (`sun_path`), and caches lie deeper than that: a long one is used
 * by its short name from inside its directory. Node binds and connects before these calls return.
 */
function inPlace<T>(place: LockPlace, generation: number, use: (path: string) => T): T {
  const { directory, prefix } = place;
  const name = `${prefix}${generation}`;
  const path = pathOf(place, generation);
  if (onWindows) return use(`\\\\.\\pipe\\awsmfa-${hash(directory)}-${name}`);
  if (Buffer.byteLength(path) < 100) return use(path);
  const here = process.cwd();
  process.chdir(directory);
  try {
    return use(name);
  } finally {
    process.chdir(here);
  }
}

const onWindows = process.platform === 'win32';
