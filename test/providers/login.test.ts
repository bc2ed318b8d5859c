import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inSeconds, iso, loginCacheFile, loginToken, type Sources, sources } from '../support/sources.ts';

const session = 'arn:aws:iam::111122223333:user/ada';

let at: Sources;
beforeEach(async () => {
  at = await sources();
  at.config(`[profile "my login"]\nlogin_session = ${session}\nregion = eu-west-1\n`);
});
afterEach(() => at.remove());

const access = (seconds: number) => ({
  accessKeyId: 'ASIALOGINLOGINLOGIN1',
  secretAccessKey: 'canary-login-secret',
  sessionToken: 'canary-login-session',
  expiresAt: iso(inSeconds(seconds)),
});

const cache = (seconds: number, name = loginCacheFile(session)) =>
  at.file(name, JSON.stringify(loginToken(access(seconds))));

const renewed = {
  accessToken: {
    accessKeyId: 'ASIALOGINLOGINLOGIN2',
    secretAccessKey: 'canary-new-secret',
    sessionToken: 'canary-new-session',
  },
  tokenType: 'aws_sigv4',
  expiresIn: 900,
  refreshToken: 'canary-new-refresh',
};

const hint = "Log in again: aws login --profile 'my login'";

describe('a profile of `aws login`', () => {
  it('gives the credentials of the session', async () => {
    cache(3600);
    expect(await at.provide('my login')).toEqual({
      accessKeyId: 'ASIALOGINLOGINLOGIN1',
      secretAccessKey: 'canary-login-secret',
      sessionToken: 'canary-login-session',
      expiration: expect.closeTo(inSeconds(3600), -1),
      accountId: '111122223333',
    });
    expect(at.server.asked).toEqual([]);
  });

  it('from the directory that AWS_LOGIN_CACHE_DIRECTORY names', async () => {
    cache(3600, loginCacheFile(session).replace('.aws/login/cache', 'elsewhere'));
    const env = { AWS_LOGIN_CACHE_DIRECTORY: `${at.home}/elsewhere` };
    expect((await at.provide('my login', env)).accessKeyId).toBe('ASIALOGINLOGINLOGIN1');
  });

  it('renews them and keeps them where the AWS CLI looks', async () => {
    const path = cache(60);
    at.server.on('POST /v1/token', { body: renewed });
    expect(await at.provide('my login')).toMatchObject({ accessKeyId: 'ASIALOGINLOGINLOGIN2' });
    const [asked] = at.server.asked;
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({ grantType: 'refresh_token' });
    expect(asked?.headers.dpop).toMatch(/^ey/);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ refreshToken: 'canary-new-refresh' });
  });
});

describe('a profile of `aws login` that gives nothing', () => {
  it('its region is none', async () => {
    at.config(`[profile "my login"]\nlogin_session = ${session}\nregion = x y\n`);
    cache(-60);
    expect(await at.refusal('my login')).toMatchObject({ exit: 3, code: 'bad-endpoint' });
  });

  it('nobody has logged in', async () => {
    expect(await at.refusal('my login')).toEqual({
      exit: 5,
      code: 'login-expired',
      message: 'There is no login session for profile "my login"',
      hint,
    });
  });

  it.each([
    ['no JSON', '{"secret": canary'],
    ['not complete', '{"accessToken": {"secretAccessKey": "canary"}}'],
  ])('the session is damaged: %s', async (_what, text) => {
    at.file(loginCacheFile(session), text);
    const message = 'The login session of profile "my login" is damaged';
    expect(await at.refusal('my login')).toEqual({ exit: 5, code: 'login-expired', message, hint });
  });

  it.each([
    ['TOKEN_EXPIRED', 'The login session of profile "my login" has expired'],
    ['USER_CREDENTIALS_CHANGED', 'The password for the login session of profile "my login" was changed'],
    [
      'INSUFFICIENT_PERMISSIONS',
      'The user of profile "my login" may not renew the login session (signin:CreateOAuth2Token)',
    ],
    ['SOMETHING_NEW', 'The login session of profile "my login" has expired'],
  ])('it cannot be renewed: %s', async (error, message) => {
    cache(-60);
    at.server.on('POST /v1/token', {
      status: 400,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
      body: { error, message: 'canary' },
    });
    expect(await at.refusal('my login')).toEqual({ exit: 5, code: 'login-expired', message, hint });
  });

  it.each([
    ['a page', { body: '<html>canary</html>' }, 'not-aws'],
    ['half an answer', { body: '{"accessToken":{"secretAccessKey":"canary-' }, 'not-aws'],
    ['a cut connection', 'reset' as const, 'no-answer'],
    [
      'throttling',
      {
        status: 429,
        headers: { 'x-amzn-errortype': 'TooManyRequestsError' },
        body: { error: 'x', message: 'canary' },
      },
      'throttled',
    ],
  ])('the service answers with %s', async (_what, answer, code) => {
    cache(-60);
    at.server.on('POST /v1/token', answer);
    expect(await at.refusal('my login', { AWS_MAX_ATTEMPTS: '1' })).toMatchObject({ exit: 6, code });
  });
});
