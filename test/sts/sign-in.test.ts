import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { federate, redirectOnce, signInPlace, signInUrl } from '../../src/sts/sign-in.ts';
import { alice, keysOf } from '../../tools/local-sts/sample.ts';
import { careful, codeOf, only, outside, sessions } from './sessions.ts';

const at = sessions();

describe('the console', () => {
  const place = () => signInPlace('eu-central-1', at.sts.url);
  const options = { service: undefined, region: 'eu-central-1', caBundle: undefined };

  test('opens for a role', async () => {
    const url = (await signInUrl(await at.asRole(), place(), { ...options, service: 's3' })).reveal();
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(
      'https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1',
    );
    const posted = at.sts.requests.find(({ action }) => action === 'getSigninToken');
    expect(posted).toMatchObject({ status: 200, accessKeyId: undefined });
  });

  test('does not open for a session of MFA alone', async () => {
    expect(await codeOf(signInUrl(await at.withMfa(), place(), options))).toBe('5 cannot-sign-in');
  });

  test('an endpoint that is not the one of AWS', async () => {
    const nowhere = signInPlace('eu-central-1', 'http://127.0.0.1:9');
    expect(await codeOf(signInUrl(await at.asRole(), nowhere, options))).toBe('6 unreachable');
    at.sts.fault('html-502', { action: 'getSigninToken' });
    expect(await codeOf(signInUrl(await at.asRole(), place(), options))).toBe('6 not-sign-in');
  });

  test('opens for a federated user', async () => {
    const { accessKeyId, secretAccessKey } = keysOf(alice);
    const keys = { accessKeyId, secretAccessKey: new Secret(secretAccessKey), sessionToken: undefined };
    const session = await federate(
      keys,
      { profile: 'work', name: 'work', policy: only, durationSeconds: 3600, endpoint: at.endpoint() },
      outside,
    );
    expect((await signInUrl(session, place(), options)).reveal()).toContain('SigninToken=');
  });

  test('a user who may not call GetFederationToken', async () => {
    const [key] = careful.accessKeys;
    const keys = {
      accessKeyId: key?.id ?? '',
      secretAccessKey: new Secret(key?.secret ?? ''),
      sessionToken: undefined,
    };
    const federation = { profile: 'work', name: 'work', policy: only, durationSeconds: 3600 };
    const call = federate(keys, { ...federation, endpoint: at.endpoint() }, outside);
    expect(await codeOf(call)).toBe('5 cannot-sign-in');
  });

  test.each([
    ['us-west-2', 'https://us-west-2.signin.aws.amazon.com/federation'],
    ['cn-north-1', 'https://signin.amazonaws.cn/federation'],
    ['us-gov-west-1', 'https://signin.amazonaws-us-gov.com/federation'],
    ['eusc-de-east-1', 'https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation'],
  ])('the partition of %s', (region, federation) => {
    expect(signInPlace(region, undefined).federation).toBe(federation);
  });

  test('a partition whose console is not known', async () => {
    expect(await codeOf(Promise.resolve().then(() => signInPlace('us-iso-east-1', undefined)))).toBe(
      '3 no-console',
    );
  });
});

describe('the redirect', () => {
  const get = (url: string, method = 'GET') => fetch(url, { method, redirect: 'manual' });

  test('leads to the secret address, once', async () => {
    const redirect = await redirectOnce(new Secret('https://example.com/?SigninToken=canary'), 10);
    expect(redirect.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}$/);
    const other = redirect.url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect((await get(other)).status).toBe(404);
    expect((await get(redirect.url, 'HEAD')).status).toBe(404);
    const first = get(redirect.url);
    const second = get(redirect.url);
    const answers = await Promise.allSettled([first, second]);
    const locations = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.headers.get('location') : null,
    );
    expect(locations.filter((location) => location !== null)).toEqual([
      'https://example.com/?SigninToken=canary',
    ]);
    expect(await redirect.followed).toBe(true);
  });

  test('does not wait for ever', async () => {
    const redirect = await redirectOnce(new Secret('https://example.com/'), 0.05);
    expect(await redirect.followed).toBe(false);
    await expect(get(redirect.url)).rejects.toThrow();
  });
});
