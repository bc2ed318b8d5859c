import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startServer, Unavailable } from '../../src/serve/server.ts';
import { until } from '../support/processes.ts';

let server: Running;
let port: string;
let token: string;
beforeAll(async () => {
  server = await startServer({ address: '127.0.0.1', port: 0 }, (path) => {
    if (path === '/') return Promise.resolve('{"canary":"secret"}');
    if (path === '/ended') return Promise.reject(new Unavailable('code-needed', 'It has ended'));
    if (path === '/bug') return Promise.reject(new Error('canary-bug'));
    return undefined;
  });
  port = new URL(server.url).port;
  token = server.token.reveal();
});
afterAll(() => server.close());

/** Sends bytes, and gives back all that comes until the other side closes. */
function talk(...parts: readonly (string | number)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (text) => {
      heard += text;
    });
    // A reset takes the place of an end where something was on its way.
    socket.on('error', () => {});
    const limit = setTimeout(() => reject(new Error(`still open: ${heard}`)), 50_000);
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(heard);
    });
    (async () => {
      for (const part of parts) {
        if (typeof part === 'number') await delay(part);
        else socket.write(part);
      }
    })();
  });
}

interface Asked {
  readonly line?: string;
  readonly host?: string;
  readonly token?: string;
  readonly more?: string;
}

/** A request as an SDK makes it, but for what is given. */
function request({
  line = 'GET / HTTP/1.1',
  host = `127.0.0.1:${port}`,
  token: sent = token,
  more = '',
}: Asked) {
  return `${line}\r\nHost: ${host}\r\nAuthorization: ${sent}\r\nAccept: application/json\r\nConnection: close\r\n${more}\r\n`;
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);

/** Nothing of what it knows has got out, and it serves who may ask. */
async function isSafe(answer: string): Promise<void> {
  expect(answer).not.toMatch(/canary/);
  expect(answer).not.toContain(token);
  expect(bodyOf(await talk(request({})))).toBe('{"canary":"secret"}');
}

test('who has the token gets the credentials, and nobody keeps them', async () => {
  const answer = await talk(request({}));
  expect(statusOf(answer)).toBe(200);
  const [, ...headers] = answer.slice(0, answer.indexOf('\r\n\r\n')).toLowerCase().split('\r\n');
  expect(headers.filter((header) => !header.startsWith('date:'))).toEqual([
    'content-type: application/json',
    'content-length: 19',
    'cache-control: no-store',
    'connection: close',
  ]);
  expect(token).toMatch(/^[\w-]{43}$/);
});

test.each(['localhost', 'LOCALHOST', '[::1]'])('as %s too', async (name) => {
  expect(statusOf(await talk(request({ host: `${name}:${port}` })))).toBe(200);
});

describe('refused, with nothing said', () => {
  const bearer = () => `Bearer ${token}`;
  test.each<[string, number, () => Asked]>([
    ['a wrong token', 401, () => ({ token: 'wrong' })],
    ['a token of the right length', 401, () => ({ token: 'A'.repeat(43) })],
    ['an empty token', 401, () => ({ token: '' })],
    ['the token with a scheme, which SDKs do not send', 401, () => ({ token: bearer() })],
    ['characters that are no ASCII', 401, () => ({ token: 'é'.repeat(43) })],
    ['a page whose name leads here', 403, () => ({ host: `evil.example:${port}` })],
    ['a name with ours at its end', 403, () => ({ host: `127.0.0.1:${port}.evil.example` })],
    ['another port', 403, () => ({ host: '127.0.0.1:1' })],
    ['no port', 403, () => ({ host: '127.0.0.1' })],
    ['a path that is not served', 404, () => ({ line: 'GET /role/other HTTP/1.1' })],
    ['a query', 404, () => ({ line: 'GET /?x=1 HTTP/1.1' })],
    ['a path out of the house', 404, () => ({ line: 'GET /../ HTTP/1.1' })],
    ['a broken escape', 404, () => ({ line: 'GET /role/%ff%zz HTTP/1.1' })],
    ['a proxy request', 404, () => ({ line: 'GET http://169.254.169.254/ HTTP/1.1' })],
    ['POST', 405, () => ({ line: 'POST / HTTP/1.1' })],
    ['OPTIONS, as a browser asks before another site may', 405, () => ({ line: 'OPTIONS / HTTP/1.1' })],
    ['HEAD', 405, () => ({ line: 'HEAD / HTTP/1.1' })],
    ['a body', 400, () => ({ more: 'Content-Length: 2\r\n' })],
    ['a body in chunks', 400, () => ({ more: 'Transfer-Encoding: chunked\r\n' })],
    ['two lengths', 400, () => ({ more: 'Content-Length: 0\r\nContent-Length: 2\r\n' })],
    ['no HTTP', 400, () => ({ line: 'nonsense' })],
    ['a header of a megabyte', 431, () => ({ more: `X: ${'x'.repeat(2 ** 20)}\r\n` })],
    ['many headers', 431, () => ({ more: 'Header: value\r\n'.repeat(3000) })],
  ])('%s', async (_name, status, asked) => {
    const answer = await talk(request(asked()));
    expect(statusOf(answer)).toBe(status);
    expect(answer.toLowerCase()).not.toContain('access-control');
    await isSafe(answer);
  });

  test.each([
    ['HTTP/1.0 without a host', 'GET / HTTP/1.0\r\nAuthorization: TOKEN\r\n\r\n', 403],
    ['HTTP/1.1 without a host', 'GET / HTTP/1.1\r\nAuthorization: TOKEN\r\n\r\n', 400],
    ['no token at all', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 401],
    [
      'two hosts',
      'GET / HTTP/1.1\r\nHost: evil\r\nHost: 127.0.0.1:PORT\r\nAuthorization: TOKEN\r\n\r\n',
      403,
    ],
    [
      'a tunnel',
      'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAuthorization: TOKEN\r\n\r\n',
      NaN,
    ],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', 400],
  ])('%s', async (_name, text, status) => {
    const answer = await talk(text.replace('PORT', port).replace('TOKEN', token));
    expect(statusOf(answer)).toBe(status);
    await isSafe(answer);
  });

  test('what goes wrong inside', async () => {
    const answer = await talk(request({ line: 'GET /bug HTTP/1.1' }));
    expect([statusOf(answer), JSON.parse(bodyOf(answer))]).toEqual([
      500,
      { code: 'unexpected', message: 'That should not have happened' },
    ]);
    await isSafe(answer);
  });
});

test('a session that has ended: 503, and what to do, for who has the token alone', async () => {
  const answer = await talk(request({ line: 'GET /ended HTTP/1.1' }));
  expect([statusOf(answer), JSON.parse(bodyOf(answer))]).toEqual([
    503,
    { code: 'code-needed', message: 'It has ended' },
  ]);
  expect(statusOf(await talk(request({ line: 'GET /ended HTTP/1.1', token: 'x' })))).toBe(401);
});

test('who is slow is cut off: in a request, before it, and after it', async () => {
  const slow = [
    talk('GET / HTTP/1.1\r\n', ...Array.from({ length: 40 }, () => [250, 'X: x\r\n']).flat()),
    talk(),
    talk(request({}).replace('Connection: close\r\n', '')),
  ];
  const [first = '', second = '', third = ''] = await Promise.all(slow);
  expect(statusOf(first)).toBe(408);
  expect(second).toMatch(/^$|408/);
  expect(statusOf(third)).toBe(200);
  await isSafe(first);
});

test('requests one behind the other are answered in their order', async () => {
  const open = request({}).replace('Connection: close\r\n', '');
  const answer = await talk(open, open + open + request({}));
  expect(answer.match(/\{"canary":"secret"\}/g)).toHaveLength(4);
});

test('behind a request that is refused nothing is heard', async () => {
  const answer = await talk(request({ token: 'x' }).replace('Connection: close\r\n', '') + request({}));
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  await isSafe(answer);
});

test('5,000 that hold a connection open do not keep others out, and are closed', async () => {
  const open = () => connect(Number(port), '127.0.0.1').on('error', () => {});
  const idle = Array.from({ length: 5000 }, open);
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await isSafe('');
  await delay(1100);
  await isSafe('');
  await until(() => idle.filter((socket) => !socket.readableEnded && !socket.destroyed).length < 300);
  for (const socket of idle) socket.destroy();
});

test('a thousand at once are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 1000 }, () => talk(request({}))));
  expect(answers.filter((answer) => statusOf(answer) !== 200)).toEqual([]);
});

test('of what was answered nothing is kept', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const used = async (requests: number) => {
    for (let n = 0; n < requests; n += 100) {
      await Promise.all(Array.from({ length: 100 }, () => talk(request({}))));
    }
    await delay(50);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await used(1000);
  // A hundred bytes of each of them would be more.
  expect((await used(2000)) - before).toBeLessThan(2000 * 100);
});

test('closed, it is gone at once, whoever is connected', async () => {
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const other = await startServer({ address: '127.0.0.1', port: 0 }, () => {
    asked();
    // One that waits for the end of requests would wait for ever.
    return new Promise(() => {});
  });
  const { host, port } = new URL(other.url);
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
  socket.write(request({ host, token: other.token.reveal() }));
  await isAsked;
  const gone = new Promise((resolve) => socket.once('close', resolve));
  await other.close();
  await gone;
});

describe('where nobody can listen', () => {
  test('a port that is taken', async () => {
    await expect(
      startServer({ address: '127.0.0.1', port: Number(port) }, () => undefined),
    ).rejects.toMatchObject({
      exit: 1,
      code: 'cannot-listen',
      message: `Cannot listen on 127.0.0.1:${port}: another program listens there`,
    });
  });

  test('an address of somebody else', async () => {
    await expect(startServer({ address: '192.0.2.1', port: 0 }, () => undefined)).rejects.toMatchObject({
      exit: 1,
      message: 'Cannot listen on 192.0.2.1: this machine has no such address',
    });
  });
});

test('on IPv6 its URL and its host are in brackets', async () => {
  const other = await startServer({ address: '::1', port: 0 }, () => Promise.resolve('{}'));
  expect(other.url).toMatch(/^http:\/\/\[::1\]:\d+\/$/);
  const headers = { authorization: other.token.reveal() };
  expect((await fetch(other.url, { headers })).status).toBe(200);
  await other.close();
});
