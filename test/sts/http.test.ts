import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, request, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { forgetCodes } from '../support/codes.ts';
import { type Desk, makeDesk } from '../support/desk.ts';

const tls = fileURLToPath(new URL('../support/tls', import.meta.url));
const bundle = `${tls}/cert.pem`;

let home: Desk;

/** STS behind TLS, with a certificate that nobody trusts unasked, and a proxy that counts. */
let secureUrl: string;
let proxyUrl: string;
const tunnels: string[] = [];
const forwarded: string[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  home = await makeDesk();
  const secure = createHttpsServer(
    { key: readFileSync(`${tls}/key.pem`), cert: readFileSync(bundle) },
    (incoming, answer) => {
      const { method, url, headers } = incoming;
      const onward = request(`${home.sts.url}${url}`, { method, headers }, (from) => {
        answer.writeHead(from.statusCode ?? 500, from.headers);
        from.pipe(answer);
      });
      incoming.pipe(onward);
    },
  );
  const proxy = createHttpServer((incoming, answer) => {
    forwarded.push(`${incoming.method} ${incoming.url}`);
    const onward = request(
      incoming.url ?? '',
      { method: incoming.method, headers: incoming.headers },
      (from) => {
        answer.writeHead(from.statusCode ?? 500, from.headers);
        from.pipe(answer);
      },
    );
    incoming.pipe(onward);
  });
  proxy.on('connect', (incoming, socket) => {
    tunnels.push(incoming.url ?? '');
    const [host, port] = (incoming.url ?? '').split(':');
    // A client that has its answer hangs up, and what is on its way then goes nowhere.
    socket.on('error', () => onward.destroy());
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  servers.push(secure as unknown as Server, proxy);
  [secureUrl, proxyUrl] = (await Promise.all([
    listening(secure as unknown as Server, 'https'),
    listening(proxy, 'http'),
  ])) as [string, string];
});

afterAll(async () => {
  await home.remove();
  for (const server of servers) server.close();
});

beforeEach(() => {
  tunnels.length = 0;
  forwarded.length = 0;
  forgetCodes(home.sts, home.home);
});

describe('a certificate of the company', () => {
  test('is refused unasked, and the message says what to set', async () => {
    const { status, stderr } = await login({ AWS_ENDPOINT_URL_STS: secureUrl });
    expect(status).toBe(6);
    expect(stderr).toContain('its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE');
  });

  test('is trusted with AWS_CA_BUNDLE', async () => {
    const { status, stderr } = await login({ AWS_ENDPOINT_URL_STS: secureUrl, AWS_CA_BUNDLE: bundle });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('new session') });
  });

  test('in a bundle that is not there is an error before a code is spent', async () => {
    const before = home.sts.requests.length;
    const { status, stderr } = await login({
      AWS_ENDPOINT_URL_STS: secureUrl,
      AWS_CA_BUNDLE: '/nowhere.pem',
    });
    expect(status).toBe(3);
    expect(stderr).toContain('The CA bundle /nowhere.pem cannot be read: ENOENT');
    expect(home.sts.requests.length).toBe(before);
  });
});

describe('a proxy', () => {
  test('is tunnelled through with HTTPS_PROXY, to a certificate of AWS_CA_BUNDLE', async () => {
    const { status } = await login({
      AWS_ENDPOINT_URL_STS: secureUrl,
      AWS_CA_BUNDLE: bundle,
      HTTPS_PROXY: proxyUrl,
    });
    expect(status).toBe(0);
    expect(tunnels).toEqual([new URL(secureUrl).host]);
  });

  test('is the way to IAM as well', async () => {
    const code = home.sts.nextCode('ada');
    const { status, stderr } = await home.awsmfa(['login', 'bare', '--token-code', code], {
      AWS_ENDPOINT_URL_IAM: secureUrl,
      AWS_CA_BUNDLE: bundle,
      HTTPS_PROXY: proxyUrl,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('new session') });
    expect(tunnels).toEqual([new URL(secureUrl).host]);
  });

  test.each(['HTTP_PROXY', 'http_proxy'])('carries a plain endpoint with %s', async (variable) => {
    const { status } = await login({ [variable]: proxyUrl });
    expect(status).toBe(0);
    expect(forwarded).toEqual([`POST ${home.sts.url}/`]);
  });

  test('is passed by for the hosts in NO_PROXY', async () => {
    const { status } = await login({ HTTP_PROXY: proxyUrl, NO_PROXY: 'example.com,127.0.0.1' });
    expect(status).toBe(0);
    expect(forwarded).toEqual([]);
  });

  test('that is not there is an STS that cannot be reached', async () => {
    const { status, stderr } = await login({ HTTP_PROXY: 'http://127.0.0.1:9' });
    expect(status).toBe(6);
    expect(stderr).toContain('ECONNREFUSED');
  });

  test('that is no URL is said to be none, without its password', async () => {
    const { status, stderr } = await login({ HTTP_PROXY: 'http://user:canary-secret@:::' });
    expect(status).toBe(3);
    expect(stderr).toContain('is not a URL');
    expect(stderr).not.toContain('canary-secret');
  });
});

function login(env: Record<string, string>) {
  return home.awsmfa(['login', 'work', '--refresh', '--token-code', home.sts.nextCode('ada')], env);
}

function listening(server: Server, scheme: string): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}
