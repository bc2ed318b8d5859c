import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What comes back: JSON of an object, a text as it stands, nothing for good, or a cut connection. */
export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }
  | 'silence'
  | 'reset';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type Answers = {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** What a request such as `GET /token` is answered; anything else gets 404. */
  readonly on: (request: string, answer: Answer | ((asked: Asked) => Answer)) => void;
  readonly close: () => Promise<void>;
};

/** A server on loopback that stands in for the services that have no local one of their own. */
export async function startAnswers(): Promise<Answers> {
  const asked: Asked[] = [];
  const answers = new Map<string, Answer | ((asked: Asked) => Answer)>();
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming);
    asked.push(request);
    const found = answers.get(`${request.method} ${request.path}`) ?? { status: 404, body: 'not found' };
    const answer = typeof found === 'function' ? found(request) : found;
    if (answer === 'silence') return;
    if (answer === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    const { status = 200, headers, body } = answer;
    const type = typeof body === 'string' ? 'text/plain' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    on: (request, answer) => answers.set(request, answer),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost');
  return {
    method: incoming.method ?? '',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: incoming.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
