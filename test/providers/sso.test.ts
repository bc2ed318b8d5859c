import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inSeconds, type Sources, sources } from '../support/sources.ts';
import { configFile, refreshable, roleCredentials, ssoCacheFile, token } from '../support/sso.ts';

let at: Sources;
beforeEach(async () => {
  at = await sources();
  at.config(configFile);
});
afterEach(() => at.remove());

const portal = 'GET /federation/credentials';

describe('an Identity Center profile', () => {
  it.each([
    ['dev', 'corp'],
    ['two words', 'my corp'],
    ['legacy', 'https://old.awsapps.com/start'],
  ])('%s: the role of the profile, by the token of the session', async (profile, session) => {
    at.file(ssoCacheFile(session), token(3600));
    at.server.on(portal, { body: roleCredentials(3600) });
    const before = inSeconds(3600);
    const { expiration, ...keys } = await at.provide(profile);
    expect(keys).toEqual({
      accessKeyId: 'ASIASSOSSOSSOSSOSSO1',
      secretAccessKey: 'canary-sso-secret',
      sessionToken: 'canary-sso-session',
    });
    expect(expiration).toBeGreaterThanOrEqual(before);
    expect(expiration).toBeLessThan(before + 60);
    const [asked] = at.server.asked;
    expect(asked?.query).toEqual({ account_id: '111122223333', role_name: 'Developer' });
    expect(asked?.headers['x-amz-sso_bearer_token']).toBe('canary-access-token');
  });

  it.each([
    ['dev', 'corp'],
    ['two words', 'my corp'],
  ])('%s: an old token is renewed, and kept where the AWS CLI looks', async (profile, session) => {
    const path = at.file(ssoCacheFile(session), token(-60, refreshable));
    at.server.on(portal, { body: roleCredentials(3600) });
    at.server.on('POST /token', {
      body: { accessToken: 'canary-new-token', expiresIn: 3600, refreshToken: 'canary-new-refresh' },
    });
    expect((await at.provide(profile)).accessKeyId).toBe('ASIASSOSSOSSOSSOSSO1');
    expect(at.server.asked.at(-1)?.headers['x-amz-sso_bearer_token']).toBe('canary-new-token');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ accessToken: 'canary-new-token' });
  });

  it('takes the endpoint from [services]', async () => {
    at.config(`${configFile.replace('region = eu-west-1', 'services = mine')}
[services mine]
sso =
  endpoint_url = ${at.server.url}/below
`);
    at.file(ssoCacheFile('corp'), token(3600));
    at.server.on('GET /below/federation/credentials', { body: roleCredentials(3600) });
    const env = { AWS_ENDPOINT_URL: undefined };
    expect((await at.provide('dev', env)).accessKeyId).toBe('ASIASSOSSOSSOSSOSSO1');
  });

  it('two at once do not see each other', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    at.file(ssoCacheFile('https://old.awsapps.com/start'), token(3600, { accessToken: 'canary-old' }));
    at.server.on(portal, { body: roleCredentials(3600) });
    await Promise.all([at.provide('dev'), at.provide('legacy')]);
    const tokens = at.server.asked.map(({ headers }) => headers['x-amz-sso_bearer_token']);
    expect(tokens).toEqual(['canary-access-token', 'canary-old']);
  });
});

describe('an Identity Center profile that gives nothing', () => {
  const expired = {
    exit: 5,
    code: 'sso-expired',
    message: 'The IAM Identity Center session of profile "dev" has expired',
    hint: 'Log in again: aws sso login --profile dev',
  };

  it('nobody has logged in', async () => {
    expect(await at.refusal('two words')).toEqual({
      exit: 5,
      code: 'no-sso-session',
      message: 'There is no IAM Identity Center session for profile "two words"',
      hint: "Log in again: aws sso login --profile 'two words'",
    });
    expect(await at.refusal('legacy')).toMatchObject({ exit: 5, code: 'no-sso-session' });
  });

  it('the token has expired, and cannot be renewed', async () => {
    at.file(ssoCacheFile('corp'), token(-60));
    at.file(ssoCacheFile('https://old.awsapps.com/start'), token(-60));
    expect(await at.refusal('dev')).toEqual(expired);
    expect(await at.refusal('legacy')).toMatchObject({ code: 'sso-expired' });
  });

  it('the token has expired, and the service does not renew it', async () => {
    at.file(ssoCacheFile('corp'), token(-60, refreshable));
    at.server.on('POST /token', { status: 400, body: { error: 'invalid_grant' } });
    expect(await at.refusal('dev')).toEqual(expired);
  });

  it('the session was ended elsewhere', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    at.server.on(portal, {
      status: 401,
      headers: { 'x-amzn-errortype': 'UnauthorizedException' },
      body: { message: 'Session token not found or invalid' },
    });
    expect(await at.refusal('dev')).toEqual(expired);
  });

  it('the user has not this role', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    at.server.on(portal, {
      status: 403,
      body: { __type: 'com.amazonaws.switchboard.portal#ForbiddenException', message: 'No access' },
    });
    expect(await at.refusal('dev')).toEqual({
      exit: 5,
      code: 'sso-refused',
      message:
        'IAM Identity Center does not give profile "dev" the role Developer in 111122223333: ForbiddenException: No access',
      hint: 'Check sso_account_id and sso_role_name, and whether you are assigned to both.',
    });
  });

  it('the token file is damaged', async () => {
    at.file(ssoCacheFile('corp'), '{"accessToken": canary');
    expect(await at.refusal('dev')).toMatchObject({ exit: 5, code: 'no-sso-session' });
  });

  it.each([
    ['a page', { body: '<html>Welcome to the hotel network, canary</html>' }],
    ['half an answer', { body: '{"roleCredentials":{"secretAccessKey":"canary-' }],
    ['no credentials', { body: {} }],
    ['an error without a name', { status: 502, body: '<html>canary</html>' }],
  ])('the answer is none: %s', async (_what, answer) => {
    at.file(ssoCacheFile('corp'), token(3600));
    at.server.on(portal, answer);
    expect(await at.refusal('dev')).toEqual({
      exit: 6,
      code: 'not-aws',
      message: 'What answered for profile "dev" is not IAM Identity Center',
      hint: 'Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL in between.',
    });
  });

  it('the credentials have expired already', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    at.server.on(portal, { body: roleCredentials(-60) });
    const { message, ...rest } = await at.refusal('dev');
    expect(message).toMatch(
      /^IAM Identity Center gave profile "dev" credentials that expired at .*\d\d:\d\d.*$/,
    );
    expect(rest).toEqual({ exit: 5, code: 'expired-credentials', hint: expired.hint });
  });

  it('there is no network', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
    expect(await at.refusal('dev', env)).toEqual({
      exit: 6,
      code: 'unreachable',
      message:
        'IAM Identity Center could not be reached for profile "dev": connection refused (ECONNREFUSED)',
      hint: 'Look at the network, the region and the proxy settings, then try again.',
    });
  });

  it('the connection is cut', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    at.server.on(portal, 'reset');
    expect(await at.refusal('dev', { AWS_MAX_ATTEMPTS: '1' })).toMatchObject({
      exit: 6,
      code: 'no-answer',
    });
  });
});
