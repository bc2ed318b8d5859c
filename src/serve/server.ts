import { randomBytes } from 'node:crypto';
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP, isIPv6, type Socket } from 'node:net';
import { Exit, UserError } from '../errors.ts';
import type { Server } from '../export/environment.ts';
import { Secret } from '../secret.ts';
import { answer, type Reply } from './answer.ts';

/** Where to listen. */
export interface Place {
  /** An IP address of this machine. */
  readonly address: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface Running extends Server {
  /** Cuts what is open; nothing is answered from then on. */
  close(): Promise<void>;
}

/**
 * Answers the container credentials protocol over plain HTTP.
 *
 * @param find the credentials by path, see `answer`
 * @throws UserError failed when nobody can listen there
 */
export async function startServer(
  place: Place,
  find: (path: string) => Promise<string> | undefined,
): Promise<Running> {
  const token = randomBytes(32).toString('base64url');
  const hosts = new Set<string>();
  const known = { hosts, token: Buffer.from(token), find };
  const server = createServer(limits, async (request, response) => {
    reply(response, await answer(request, known));
  });
  dropIdle(server);
  await listen(server, place);
  const { port } = server.address() as AddressInfo;
  for (const host of hostsOf(place.address, port)) hosts.add(host);
  return {
    url: `http://${literal(place.address)}:${port}/`,
    token: new Secret(token),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Closes connections that have been silent longest when there are too many of them. An SDK sends its request as soon as
 * it is connected, so it is answered whatever else is connected, and the process keeps descriptors for itself.
 */
function dropIdle(server: HttpServer): void {
  // In order of time, epoch milliseconds.
  const silent = new Map<Socket, number>();
  const add = (socket: Socket) => silent.set(socket, Date.now());
  server.on('connection', (socket) => {
    add(socket);
    socket.once('close', () => silent.delete(socket));
    for (const [oldest, since] of silent) {
      const isLate = Date.now() - since > 1000;
      if (silent.size <= (isLate ? 256 : 4096)) break;
      silent.delete(oldest);
      oldest.destroy();
    }
  });
  server.on('request', ({ socket }, response) => {
    silent.delete(socket);
    response.once('close', () => socket.destroyed || add(socket));
  });
}

/** An SDK asks in one small packet, and the next time in minutes: who is slow or long is not one. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** What `Host` says in requests for this address; a browser leaves out port 80. */
function hostsOf(address: string, port: number): readonly string[] {
  const names = address === '127.0.0.1' || address === '::1' ? ['127.0.0.1', 'localhost', '[::1]'] : [];
  return [...names, literal(address)].flatMap((name) =>
    port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
  );
}

function literal(address: string): string {
  return isIPv6(address) ? `[${address.toLowerCase()}]` : address;
}

/** Whether it is an IP address, of either version. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

function listen(server: HttpServer, { address, port }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const [why, hint] = reasons[error.code ?? ''] ?? [error.code ?? 'unknown reason', undefined];
      const where = port === 0 ? literal(address) : `${literal(address)}:${port}`;
      reject(new UserError(Exit.failed, 'cannot-listen', `Cannot listen on ${where}: ${why}`, hint));
    });
    // As many as the system lets wait: on a busy machine they come in bursts.
    server.listen({ host: address, port, exclusive: true, backlog: 4096 }, () => resolve());
  });
}

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EADDRINUSE: ['another program listens there', 'Leave --port out: a free port is found.'],
  EACCES: ['the system does not let you', 'Take a port above 1023, or leave --port out.'],
  EADDRNOTAVAIL: ['this machine has no such address', 'See its addresses with: ip address'],
};

/** Closes the connection after a refusal. An SDK sends nothing more on it. */
function reply(response: ServerResponse, { status, body }: Reply): void {
  if (status !== 200 && status !== 503) response.shouldKeepAlive = false;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
  response.end(body);
}
