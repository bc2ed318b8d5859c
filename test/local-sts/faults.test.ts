import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Fault } from '../../tools/local-sts/faults.ts';
import { alice, ask, keysOf, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

let sts: LocalSts;
beforeEach(async () => {
  sts = await startLocalSts({ users });
});
afterEach(() => sts.close());

const identity = { Action: 'GetCallerIdentity' };

test.each<[Fault, number, string | undefined, string | undefined]>([
  ['throttling', 400, 'Throttling', 'Rate exceeded'],
  [
    'internal',
    500,
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
  ],
  ['unavailable', 503, 'ServiceUnavailable', 'Service unavailable. Please try again shortly.'],
  ['garbage', 200, undefined, undefined],
  ['empty', 200, undefined, undefined],
  ['truncated', 200, undefined, undefined],
  ['html-502', 502, undefined, undefined],
  ['json-error', 403, undefined, undefined],
  ['redirect', 302, undefined, undefined],
  [
    { answer: { status: 418, headers: { 'x-tea': 'yes' }, body: '<Code>Teapot</Code>' } },
    418,
    'Teapot',
    undefined,
  ],
])('%o strikes once, and all is well again', async (fault, status, code, message) => {
  sts.fault(fault);
  const { text, ...reply } = await ask(sts.url, identity, keysOf(alice));
  expect(reply).toMatchObject({ status, code, message });
  expect(text).not.toContain('<Account>');
  expect(await ask(sts.url, identity, keysOf(alice))).toMatchObject({ status: 200 });
});

test('a fault strikes its action only, as often as it should, and can be called off', async () => {
  sts.fault('throttling', { times: 2, action: 'GetSessionToken' });
  const statuses: number[] = [];
  for (const Action of ['GetCallerIdentity', ...Array<string>(3).fill('GetSessionToken')]) {
    statuses.push((await ask(sts.url, { Action }, keysOf(alice))).status);
  }
  expect(statuses).toEqual([200, 400, 400, 200]);
  sts.fault('internal', { times: Number.POSITIVE_INFINITY });
  sts.clearFaults();
  expect(await ask(sts.url, identity, keysOf(alice))).toMatchObject({ status: 200 });
});

test('a connection that is cut before the call leaves the code unspent; after it, spent', async () => {
  const params = {
    Action: 'GetSessionToken',
    SerialNumber: 'arn:aws:iam::123456789012:mfa/alice',
    TokenCode: sts.nextCode('alice'),
  };
  sts.fault('reset');
  await expect(ask(sts.url, params, keysOf(alice))).rejects.toThrow('fetch failed');
  expect(sts.sessions()).toHaveLength(0);
  sts.fault('lost-answer');
  await expect(ask(sts.url, params, keysOf(alice))).rejects.toThrow('fetch failed');
  expect(sts.sessions()).toHaveLength(1);
  expect(await ask(sts.url, params, keysOf(alice))).toMatchObject({ status: 403, code: 'AccessDenied' });
  expect(sts.requests.map(({ status }) => status)).toEqual([0, 0, 403]);
});

test('a slow server answers in the end', async () => {
  sts.fault({ slow: 150 });
  const begin = performance.now();
  expect(await ask(sts.url, identity, keysOf(alice))).toMatchObject({ status: 200 });
  expect(performance.now() - begin).toBeGreaterThan(140);
});

test('a clock that is off for one call', async () => {
  sts.fault({ clockOffsetMs: -20 * 60_000 });
  const reply = await ask(sts.url, identity, keysOf(alice));
  expect(reply).toMatchObject({
    status: 403,
    code: 'SignatureDoesNotMatch',
    message: expect.stringMatching(/^Signature not yet current: /),
  });
  expect(Date.parse(reply.headers.get('date') ?? '')).toBeLessThan(Date.now() - 19 * 60_000);
  expect(await ask(sts.url, identity, keysOf(alice))).toMatchObject({ status: 200 });
});
