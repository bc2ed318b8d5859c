import * as net from 'node:net';
import { hash } from './hash.ts';
import type { LockMeans, LockPath } from './lock-place.ts';
import { seal, unseal } from './seal.ts';

/** Other users can connect to a named pipe, and listen under its name. A Unix socket lies in a directory of the user's own. */
const isPipe = process.platform === 'win32';

/**
 * A lock that is a listening Unix socket (a named pipe on Windows): the kernel closes it when its process dies, however it
 * dies, so that those who wait know at once.
 */
export const socketLock: LockMeans = {
  async hold(path) {
    const waiting = new Set<net.Socket>();
    const server = await listen(path, waiting);
    if (!server) return undefined;
    let accepted = waiting.size;
    server.on('connection', () => {
      accepted += 1;
    });
    return {
      async release(word) {
        // Those that the kernel has let in, and Node not yet, are to hear it as well: it may take in one a turn.
        for (let known = -1; known < accepted; ) {
          known = accepted;
          await new Promise((resolve) => setImmediate(resolve));
        }
        close(server, path);
        // Not waiting for the other side: it may be stopped (Ctrl-Z).
        const said = isPipe ? seal(path.directory, path.name, word) : word;
        for (const socket of waiting) socket.end(said, () => socket.destroy());
      },
      abandon() {
        close(server, path);
        for (const socket of waiting) socket.destroy();
      },
    };
  },
  async reach(path) {
    const socket = await connect(path);
    if (!socket) return undefined;
    let word = '';
    socket.setEncoding('utf8').on('data', (part) => {
      word += part;
      // A session has some kilobytes. A foreign process could send without an end.
      if (word.length > 1_000_000) socket.destroy();
    });
    socket.on('error', () => {});
    return {
      ended: new Promise((resolve) => {
        socket.on('close', () => resolve(isPipe ? unseal(path.directory, path.name, word) : word));
      }),
      leave: () => socket.destroy(),
    };
  },
};

/** Undefined when the name is taken. */
function listen(path: LockPath, waiting: Set<net.Socket>): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => waiting.delete(socket));
    });
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    inPlace(path, (short) => server.listen(short, () => resolve(server)));
  });
}

/** Closing unlinks the name first (libuv's order), so that a name is never free while its socket still listens. */
function close(server: net.Server, path: LockPath): void {
  inPlace(path, () => server.close());
}

/** Undefined when nobody listens there. */
function connect(path: LockPath): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = inPlace(path, (short) => net.connect(short));
    socket.on('connect', () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Alive, but more are waiting to be let in than the kernel queues.
      if (error.code === 'EAGAIN') setTimeout(() => resolve(connect(path)), 5);
      else resolve(undefined);
    });
  });
}

/**
 * The path of a socket may have some 100 bytes (`sun_path`), and caches lie deeper than that: a long one is used
 * by its short name from inside its directory. Node binds and connects before these calls return.
 */
function inPlace<T>({ directory, name }: LockPath, use: (path: string) => T): T {
  const path = `${directory}/${name}`;
  if (isPipe) return use(`\\\\.\\pipe\\awsmfa-${hash(directory)}-${name}`);
  if (Buffer.byteLength(path) < 100) return use(path);
  const here = process.cwd();
  process.chdir(directory);
  try {
    return use(name);
  } finally {
    process.chdir(here);
  }
}
