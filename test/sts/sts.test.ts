import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Fault } from '../../tools/local-sts/faults.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';
import { sessionAnswer } from './answers.ts';

const at = stage();

/** The two lines, without the port, which changes with every run. */
const lines = (stderr: readonly string[]) => stderr.join('\n').replaceAll(/127\.0\.0\.1:\d+/g, 'HOST');

test.for<Fault>([
  'throttling',
  'internal',
  'unavailable',
  'garbage',
  'html-502',
  'empty',
  'truncated',
  'json-error',
  'redirect',
  'reset',
  'lost-answer',
])('%s: status 6 after a single call', async (fault) => {
  at.sts.fault(fault, { times: Number.POSITIVE_INFINITY });
  const { exit, stdout, stderr } = await at.runWithCode(['env', 'work']);
  expect({ exit, stdout, calls: at.calls().length }).toEqual({ exit: 6, stdout: 'false\n', calls: 1 });
  expect(lines(stderr)).toMatchSnapshot();
});

test('nobody at the port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const env = { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` };
  const { exit, stdout, stderr } = await at.runWithCode(['env', 'work'], { env });
  expect({ exit, stdout }).toEqual({ exit: 6, stdout: 'false\n' });
  expect(lines(stderr)).toMatchSnapshot();
});

test('a name that nobody knows', async () => {
  const env = { AWS_ENDPOINT_URL_STS: 'http://sts.invalid' };
  const { exit, stderr } = await at.runWithCode(['env', 'work'], { env });
  expect(exit).toBe(6);
  expect(stderr[0]).toMatch(
    /sts\.invalid.* could not be reached: .* \((ENOTFOUND|EAI_AGAIN) sts\.invalid\)$/,
  );
});

test('a slow answer is waited for', async () => {
  at.sts.fault({ slow: 400 });
  expect(await at.runWithCode(['login', 'work'])).toMatchObject({ exit: 0 });
});

test('with a device, the request says exactly what it should', async () => {
  await at.runWithCode(['login', 'work', '--duration', '1h']);
  expect(at.calls()).toEqual([
    {
      action: 'GetSessionToken',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      region: 'us-east-1',
      service: 'sts',
      status: 200,
      params: {
        Action: 'GetSessionToken',
        Version: '2011-06-15',
        DurationSeconds: '3600',
        SerialNumber: aliceSerial,
        TokenCode: '[secret]',
      },
    },
  ]);
});

/** Without those that look for a device. */
function sessionCalls() {
  return at.calls().filter(({ action }) => action === 'GetSessionToken');
}

test.for(['throttling', 'internal', 'unavailable', 'reset'] as const)(
  'without a code, %s is tried again',
  async (fault) => {
    at.sts.fault(fault, { action: 'GetSessionToken' });
    const { exit } = await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') });
    expect({ exit, params: sessionCalls().map(({ params }) => Object.keys(params)) }).toEqual({
      exit: 0,
      params: Array(2).fill(['Action', 'Version', 'DurationSeconds']),
    });
  },
);

test('without a code, three calls and no more', async () => {
  at.sts.fault('internal', { times: Number.POSITIVE_INFINITY, action: 'GetSessionToken' });
  const { exit } = await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') });
  expect({ exit, calls: sessionCalls().length }).toEqual({ exit: 6, calls: 3 });
});

test.for<[string, string, string]>([
  ['a line break in the token', sessionAnswer('a&#10;b'), 'a session token with a control character'],
  ['an empty token', sessionAnswer(''), 'a 200 without credentials'],
  ['an expiration that is none', sessionAnswer('token', 'tomorrow'), 'HTTP 200'],
  [
    'a secret with an escape',
    sessionAnswer('token').replace('hostile-secret-canary', 'hostile&#27;[31m-secret-canary'),
    'a secret access key with a control character',
  ],
  ['a token of 33 KB', sessionAnswer('x'.repeat(33_000)), 'a session token of 33000 characters'],
  [
    'an end in 1999',
    sessionAnswer('token', '1999-12-31T23:59:59Z'),
    'a session that ended at 1999-12-31 23:59 UTC',
  ],
  ['a token of 20 MB', sessionAnswer('x'.repeat(20_000_000)), 'HTTP 200'],
])('a session with %s is none', async ([, body, what]) => {
  at.sts.fault({ answer: { status: 200, body, headers: { 'content-type': 'text/xml' } } });
  const { exit, stdout, stderr } = await at.runWithCode(['env', 'work']);
  expect({ exit, stdout, cached: at.home.cached() }).toEqual({ exit: 6, stdout: 'false\n', cached: [] });
  expect(lines(stderr)).toBe(
    `awsmfa: What answered is not STS (http://HOST): ${what}\n  Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL in between.`,
  );
});

test('an answer of 4 KB, the largest that AWS names today, and one of 32 KB are taken', async () => {
  for (const length of [4096, 32_768]) {
    at.sts.hostileCredentials = { sessionToken: 'x'.repeat(length) };
    const { exit, stdout } = await at.runWithCode(['process', 'work', '--refresh']);
    expect({ exit, length: JSON.parse(stdout).SessionToken.length }).toEqual({ exit: 0, length });
  }
});

test('a clock by which the new session is over is named, with its offset', async () => {
  const now = () => Date.now() + 13 * 3_600_000;
  const { exit, stdout, stderr } = await at.runWithCode(['env', 'work'], { now });
  expect({ exit, stdout }).toEqual({ exit: 5, stdout: 'false\n' });
  expect(lines(stderr)).toMatch(
    /^awsmfa: This clock is 13h ahead: by this clock, the new session of STS \(http:\/\/HOST\) has expired already\n {2}Set the clock/,
  );
});

test.for<[string, boolean]>([
  ['ENOTFOUND', false],
  ['ECONNRESET', true],
])('with %s the code is said to be spent: %s', async ([code, isSpent]) => {
  const env =
    code === 'ENOTFOUND'
      ? { AWS_ENDPOINT_URL_STS: 'http://sts.invalid' }
      : { AWS_ENDPOINT_URL_STS: at.sts.url };
  at.sts.fault('reset');
  const { stderr } = await at.runWithCode(['env', 'work'], { env });
  expect(lines(stderr).includes('it is spent')).toBe(isSpent);
});
