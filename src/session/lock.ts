import * as fs from 'node:fs';
import * as net from 'node:net';
import { hash, makeDirectory } from './cache.ts';
import { greeting, lastWord } from './holder.ts';

/**
 * Single flight between processes: one does the work for a key, the others get what it says in the end.
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
  onWait: (holder: string | undefined) => void,
  introduce: () => string = () => '',
): Promise<string | undefined> {
  const place = lockPlace(directory, key);
  let told = false;
  const tell = (holder: string | undefined) => {
    if (!told) onWait(holder);
    told = true;
  };
  for (let round = 0; ; round++) {
    const state = await acquire(place);
    if (state.kind === 'held') {
      await state.lock.publish(work, introduce);
      return undefined;
    }
    if (state.kind === 'busy') {
      const word = await lastWord(state.holder, tell);
      if (word !== undefined) return word;
    } else {
      // Two that tried at the same instant have both stepped back: not at the same instant again.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10 + round, 50)));
    }
  }
}

interface LockPlace {
  readonly directory: string;
  /** Lock files are called `<prefix><generation>`. */
  readonly prefix: string;
}

interface Lock {
  /** Does the work, tells everybody who waits who is at it and in the end what came out, and lets go. */
  publish(work: () => Promise<string>, introduce: () => string): Promise<void>;
}

type Attempt =
  | { readonly kind: 'held'; readonly lock: Lock }
  | { readonly kind: 'busy'; readonly holder: net.Socket }
  | { readonly kind: 'again' };

function lockPlace(directory: string, key: string): LockPlace {
  makeDirectory(directory);
  return { directory, prefix: `lock-${hash(key)}-` };
}

/**
 * A socket file stays behind when its process dies, and taking a dead one away by name could hit a live one that
 * came in between. So nobody reuses a name: one listens on a name that is free, then looks at all the others. Of
 * two that are alive, at least the later one sees the earlier, and steps back. Only who is alone deletes the dead.
 */
async function acquire(place: LockPlace): Promise<Attempt> {
  const before = generations(place);
  for (const generation of before.reverse()) {
    const holder = await connect(place, generation);
    if (holder) return { kind: 'busy', holder };
  }
  const mine = onWindows ? 0 : Math.max(-1, ...before) + 1;
  const waiting = new Set<net.Socket>();
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
  // Closing unlinks the name first (libuv's order), so that a name is never free while its socket still listens.
  const release = () => inPlace(place, mine, () => server.close());
  if (!alone) {
    release();
    for (const socket of waiting) socket.destroy();
    return { kind: 'again' };
  }
  for (const generation of dead) remove(place, generation);
  return {
    kind: 'held',
    lock: {
      async publish(work, introduce) {
        let word = '';
        const greet = (socket: net.Socket) => socket.write(greeting(introduce()));
        for (const socket of waiting) greet(socket);
        server.on('connection', greet);
        try {
          word = await work();
        } finally {
          // Those that the kernel has let in, and Node not yet, are to hear it as well.
          await new Promise((resolve) => setImmediate(resolve));
          release();
          // Not waiting for the other side: it may be stopped (Ctrl-Z).
          for (const socket of waiting) socket.end(word, () => socket.destroy());
        }
      },
    },
  };
}

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

function remove({ directory, prefix }: LockPlace, generation: number): void {
  fs.rmSync(`${directory}/${prefix}${generation}`, { force: true });
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
function inPlace<T>({ directory, prefix }: LockPlace, generation: number, use: (path: string) => T): T {
  const name = `${prefix}${generation}`;
  const path = `${directory}/${name}`;
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
