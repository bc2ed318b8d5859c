import * as fs from 'node:fs';
import * as net from 'node:net';
import { hash } from './hash.ts';

/** Where the listening sockets of one lock are: files called `<prefix><generation>`. */
export interface LockPlace {
  readonly directory: string;
  readonly prefix: string;
}

/** The numbers of the sockets that are there, alive or dead, in ascending order. */
export function generations({ directory, prefix }: LockPlace): number[] {
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
export function nextOf(before: readonly number[]): number {
  return onWindows ? 0 : Math.max(-1, ...before) + 1;
}

export function remove({ directory, prefix }: LockPlace, generation: number): void {
  fs.rmSync(`${directory}/${prefix}${generation}`, { force: true });
}

/** Undefined when the name is taken. */
export function listen(
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
export function close(server: net.Server, place: LockPlace, generation: number): void {
  inPlace(place, generation, () => server.close());
}

/** Undefined when nobody listens there. */
export function connect(place: LockPlace, generation: number): Promise<net.Socket | undefined> {
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
