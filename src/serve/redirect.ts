import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Secret } from '../secret.ts';

/** A local address that redirects once to a secret one. */
export interface Redirect {
  readonly url: string;
  /** True when a browser followed it, false when none did in time. */
  readonly followed: Promise<boolean>;
  close(): void;
}

/**
 * Serves a redirect on loopback, at a path that nobody can guess. A URL that signs in must not be in the argv of a browser,
 * which is public.
 *
 * @param seconds how long it waits for the browser
 */
export async function redirectOnce(target: Secret, seconds: number): Promise<Redirect> {
  const path = `/${randomBytes(24).toString('base64url')}`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  let end: (followed: boolean) => void = () => {};
  const ended = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  const timer = setTimeout(() => end(false), seconds * 1000);
  let isUsed = false;
  server.on('request', (request, response) => {
    // A browser may send HEAD first, and asks for an icon.
    if (isUsed || request.method !== 'GET' || request.url !== path) {
      response.writeHead(404, { connection: 'close' }).end();
      return;
    }
    isUsed = true;
    response.writeHead(302, {
      location: target.reveal(),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(() => end(true));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    followed: ended.then((followed) => {
      clearTimeout(timer);
      server.close();
      return followed;
    }),
    close: () => end(false),
  };
}
