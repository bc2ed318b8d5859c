import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { orUndefined } from '../errors.ts';
import { discard, readOwn, replace } from './disk.ts';
import { hash } from './entries.ts';

/** What a lock is made of: a listening socket, or a file where there can be no socket. */
export interface LockMeans {
  /**
   * Undefined when the name is taken.
   *
   * @throws Error where there can be no lock of this kind
   */
  hold(path: LockPath): Promise<Held | undefined>;
  /** Undefined when its process has died. */
  reach(path: LockPath): Promise<Reached | undefined>;
}

export interface LockPath {
  readonly directory: string;
  readonly name: string;
}

/** A lock that this process holds. */
export interface Held {
  /** Sends the word to all processes that wait, and lets go. */
  release(word: string): Promise<void>;
  /** Lets go without a word. */
  abandon(): void;
}

/** A lock that another process holds. */
export interface Reached {
  /** The word that it sends when it lets go; '' when it sends none or dies. */
  readonly ended: Promise<string>;
  /** Stops waiting. */
  leave(): void;
}

/** Other users can connect to a named pipe, and listen under its name. A Unix socket lies in a directory of the user's own. */
const isPipe = process.platform === 'win32';

/**
 * A lock that is a listening Unix socket (a named pipe on Windows). The kernel closes it when its process dies, whatever
 * the cause, so that the waiting processes know at once.
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
        // The kernel may have accepted connections that Node has not seen yet. Node may take in one a turn, and after an
        // answer from the network none before the next turn.
        for (let quiet = 0; quiet < 2; ) {
          const known = accepted;
          await new Promise((resolve) => setImmediate(resolve));
          quiet = accepted > known ? 0 : quiet + 1;
        }
        close(server, path);
        // The other process may be stopped (Ctrl-Z). Do not wait for it.
        const sent = isPipe ? seal(path, word) : word;
        for (const socket of waiting) socket.end(sent, () => socket.destroy());
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
        socket.on('close', () => resolve(isPipe ? unseal(path, word) : word));
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

/** Undefined when no process listens there. */
function connect(path: LockPath): Promise<net.Socket | undefined> {
  return new Promise((resolve) => {
    const socket = inPlace(path, (short) => net.connect(short));
    socket.on('connect', () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // It is alive, and the kernel's queue of connections is full.
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

/**
 * Encrypts what a lock says, where others can connect to the lock. Windows lets every local user list named pipes, listen under a free
 * name and read from a pipe. The text may hold a session. Its key is a file in the directory of the lock, which is the user's own.
 *
 * @param path its name is authenticated: the text of one lock is not valid for another
 * @returns base64: AES-256-GCM, 12 bytes nonce, 16 bytes tag, ciphertext; '' for '' and where no key can be kept
 */
export function seal({ directory, name }: LockPath, text: string): string {
  const key = text === '' ? undefined : (readKey(directory) ?? makeKey(directory));
  if (!key) return '';
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** The text again; '' for everything that was not sealed with the key of this directory for this lock. */
export function unseal({ directory, name }: LockPath, text: string): string {
  const key = text === '' ? undefined : readKey(directory);
  if (!key) return '';
  const bytes = Buffer.from(text, 'base64');
  const opened = orUndefined(() => {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString();
  });
  return opened ?? '';
}

const algorithm = 'aes-256-gcm';

function readKey(directory: string): Buffer | undefined {
  const key = readOwn(`${directory}/pipe-key`, 32);
  return key?.length === 32 ? key : undefined;
}

/** If two processes make it at once, the later one wins, and the text of the other one counts as empty. */
function makeKey(directory: string): Buffer | undefined {
  orUndefined(() => replace(`${directory}/pipe-key`, randomBytes(32)));
  return readKey(directory);
}

/**
 * A lock that is a file with the number of its process, for systems that allow no socket anywhere, such as a sandbox. Waiting
 * processes look at it five times a second. It carries no word, because a word may hold a session: they read the cache
 * instead.
 */
export const fileLock: LockMeans = {
  async hold({ directory, name }) {
    const path = `${directory}/${name}`;
    try {
      fs.writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    }
    const beat = setInterval(() => touch(path), 5000);
    beat.unref();
    const abandon = () => {
      clearInterval(beat);
      discard(path);
    };
    return { abandon, release: async () => abandon() };
  },
  async reach({ directory, name }) {
    const path = `${directory}/${name}`;
    if (!isHeld(path)) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<string>((resolve) => {
      timer = setInterval(() => isHeld(path) || resolve(''), 200);
    }).finally(() => clearInterval(timer));
    return { ended, leave: () => clearInterval(timer) };
  },
};

/** Another process may have its number by now. So a living holder touches its file every five seconds. */
function isHeld(path: string): boolean {
  try {
    const age = Date.now() - fs.lstatSync(path).mtimeMs;
    const text = String(readOwn(path, 20));
    // The number is written right after the file has been made.
    if (text === '') return age < 5000;
    if (!/^[1-9]\d*$/.test(text) || age > 60_000) return false;
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    fs.utimesSync(path, now, now);
  } catch {
    // Another process took this one for dead and removed the file.
  }
}
