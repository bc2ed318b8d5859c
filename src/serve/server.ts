import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, isIP, isIPv6, type Socket } from 'node:net';
import { rfc3339, Secret, type Session } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import type { Server } from '../export/environment.ts';

/** Where to listen. */
export interface Place {
  /** An IP address of this machine. */
  readonly address: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface Running extends Server {
  /** Closes all connections, and answers nothing more. */
  close(): Promise<void>;
}

/**
 * Answers the container credentials protocol over plain HTTP.
 *
 * @param find the credentials by path
 * @throws UserError failed when it cannot listen there
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
 * Closes the connections that have been silent longest when there are too many: the process needs file descriptors. An SDK
 * sends its request as soon as it is connected, so it is always answered.
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

/** An SDK sends one small packet, and the next one minutes later. Slow and long requests are not from an SDK. */
const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** The values of `Host` in requests for this address. A browser leaves out port 80. */
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
    // As many as the system allows: on a busy machine connections come in bursts.
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

/** What requests are checked with, and answered from. */
interface Knowledge {
  /** The allowed values of `Host`, in lower case: a web page whose name was bound to this address sends its own name. */
  readonly hosts: ReadonlySet<string>;
  readonly token: Buffer;
  /** The credentials by path; a rejection is an `Unavailable`. */
  readonly find: (path: string) => Promise<string> | undefined;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Credentials that are served here, and cannot be had now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Answers one request of the container credentials protocol. A client without the token learns nothing but that. A request
 * that no SDK sends is refused before the token is compared.
 */
async function answer(request: IncomingMessage, { hosts, token, find }: Knowledge): Promise<Reply> {
  const { method, url = '', headers } = request;
  if (!hosts.has((headers.host ?? '').toLowerCase())) return refusal(403, 'wrong-host', 'Not for this host');
  if (method !== 'GET') return refusal(405, 'wrong-method', 'Only GET is answered');
  if (hasBody(request)) return refusal(400, 'unexpected-body', 'A request has no body');
  if (!isEqual(headers.authorization, token)) {
    return refusal(401, 'wrong-token', 'The Authorization header does not hold the token of this server');
  }
  try {
    const body = await find(url);
    return body === undefined
      ? refusal(404, 'not-served', 'Nothing is served at this path')
      : { status: 200, body };
  } catch (error) {
    if (error instanceof Unavailable) return refusal(503, error.code, error.message);
    return refusal(500, 'unexpected', 'That should not have happened');
  }
}

function refusal(status: number, code: string, message: string): Reply {
  return { status, body: JSON.stringify({ code, message }) };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** Takes the same time wherever the texts differ. The length of the token is no secret. */
function isEqual(given: string | undefined, token: Buffer): boolean {
  const bytes = Buffer.from(given ?? '');
  return bytes.length === token.length && timingSafeEqual(bytes, token);
}

/**
 * A session as container credentials (AWS SDKs and Tools reference guide, "Container credential provider"): the names
 * are those of the ECS agent, whose `Token` is the session token.
 */
export function containerCredentials(session: Session, roleArn: string | undefined): string {
  return JSON.stringify({
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey.reveal(),
    Token: session.sessionToken.reveal(),
    Expiration: rfc3339(session.expiration),
    AccountId: session.accountId,
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
  });
}
