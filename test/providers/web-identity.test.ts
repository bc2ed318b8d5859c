import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../support/answers.ts';
import { inSeconds, type Sources, sources, webIdentityAnswer } from '../support/sources.ts';

let at: Sources;
let token: string;
beforeEach(async () => {
  at = await sources();
  token = at.file('run/secrets/token', 'canary-jwt\n');
  at.config(`[profile pod]
web_identity_token_file = ${token}
role_arn = arn:aws:iam::111122223333:role/Pod
role_session_name = my-pod
region = eu-west-1
`);
});
afterEach(() => at.remove());

const role = 'arn:aws:iam::111122223333:role/Pod';

const keys = {
  accessKeyId: 'ASIAPODPODPODPODPOD1',
  secretAccessKey: 'canary-pod-secret',
  sessionToken: 'canary-pod-session',
};

const answer = (seconds: number) => webIdentityAnswer(keys, seconds);

const refused = (code: string, message: string, status = 400): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});

describe('a web identity profile', () => {
  it('is its role, for the token in its file, in its region, without a signature', async () => {
    at.server.on('POST /', answer(3600));
    expect(await at.provide('pod')).toEqual({
      ...keys,
      expiration: expect.closeTo(inSeconds(3600), -1),
      accountId: '111122223333',
    });
    const [asked] = at.server.asked;
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'my-pod',
      WebIdentityToken: 'canary-jwt',
      DurationSeconds: '3600',
    });
    expect(asked?.headers.authorization).toBeUndefined();
  });

  it('lives as long as it says, and has a name of awsmfa where it has none', async () => {
    at.config(
      `[profile pod]\nweb_identity_token_file = ${token}\nrole_arn = ${role}\nduration_seconds = 7200\n`,
    );
    at.server.on('POST /', answer(7200));
    await at.provide('pod');
    const params = Object.fromEntries(new URLSearchParams(at.server.asked[0]?.body));
    expect(params).toMatchObject({
      DurationSeconds: '7200',
      RoleSessionName: /^awsmfa-\d+$/.exec(params.RoleSessionName ?? '')?.[0],
    });
  });

  it.each([
    ['--sts-region', { 'sts-region': 'me-south-1' }],
    ['--region', { region: 'me-south-1' }],
  ])('calls STS where %s says', async (_name, flags) => {
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('no_proxy', '');
    const env = { AWS_ENDPOINT_URL: undefined, AWS_MAX_ATTEMPTS: '1', AWS_REGION: 'eu-west-1' };
    await expect(at.provide('pod', env, flags)).rejects.toMatchObject({
      exit: 6,
      message: expect.stringContaining('STS in me-south-1 could not be reached'),
    });
    vi.unstubAllEnvs();
  });

  it('takes nothing from variables of another profile', async () => {
    at.server.on('POST /', answer(3600));
    await at.provide('pod', {
      AWS_WEB_IDENTITY_TOKEN_FILE: '/no/such/file',
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/x',
      AWS_ROLE_SESSION_NAME: 'other',
    });
    expect(at.server.asked[0]?.body).toContain('RoleSessionName=my-pod');
  });
});

describe('a web identity profile that gives nothing', () => {
  it.each([
    [
      'the token has expired',
      refused(
        'ExpiredTokenException',
        'Token expired: current date/time 1 must be before the expiration date/time 0',
      ),
      'web-identity-expired',
      () => `The web identity token of profile "pod" in ${token} has expired`,
      'Renew it with the program that writes that file.',
    ],
    [
      'the role does not trust it',
      refused('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403),
      'role-denied',
      () => `The web identity of profile "pod" is not allowed to assume ${role}: AWS does not say why`,
      'Check the name of the role, and which identity provider, audience and subject its trust policy allows.',
    ],
    [
      'there is no provider',
      refused(
        'InvalidIdentityToken',
        'No OpenIDConnect provider found in your account for https://oidc.example',
      ),
      'web-identity-refused',
      () =>
        `AWS refused the web identity of profile "pod" for ${role}: InvalidIdentityTokenException: No OpenIDConnect provider found in your account for https://oidc.example`,
      'Check the identity provider in IAM, and the audience and subject of the token.',
    ],
    [
      'AWS quotes the token',
      refused(
        'ValidationError',
        "1 validation error detected: Value 'canary-jwt' at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000",
      ),
      'web-identity-refused',
      () =>
        `AWS refused the web identity of profile "pod" for ${role}: ValidationError: 1 validation error detected: Value … at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000`,
      'Check the identity provider in IAM, and the audience and subject of the token.',
    ],
  ])('%s', async (_what, answer, code, message, hint) => {
    at.server.on('POST /', answer);
    expect(await at.refusal('pod')).toEqual({ exit: 5, code, message: message(), hint });
  });

  it('the token file is not there, or empty', async () => {
    at.config(`[profile pod]\nweb_identity_token_file = /no/such/token\nrole_arn = ${role}\n`);
    expect(await at.refusal('pod')).toEqual({
      exit: 3,
      code: 'web-identity-token',
      message:
        'The web identity token of profile "pod" in /no/such/token cannot be read: there is no such file',
      hint: 'The program that writes it (Kubernetes, a CI job) must run first. Give the whole path of the file.',
    });
    at.config(`[profile pod]\nweb_identity_token_file = ${at.file('empty', '\n')}\nrole_arn = ${role}\n`);
    expect(await at.refusal('pod')).toMatchObject({
      exit: 3,
      message: `The web identity token of profile "pod" in ${join(at.home, 'empty')} is empty`,
    });
  });

  it('the role is none', async () => {
    at.config(`[profile pod]\nweb_identity_token_file = ${token}\nrole_arn = Pod\n`);
    expect(await at.refusal('pod')).toMatchObject({ exit: 3, code: 'bad-role' });
  });

  it.each([
    ['a page', { body: '<html>canary</html>' } as Answer, 'not-aws'],
    ['a page and an error', { status: 502, body: '<html>canary</html>' } as Answer, 'not-aws'],
    ['throttling', refused('Throttling', 'Rate exceeded'), 'throttled'],
    ['a failure of its own', refused('InternalFailure', 'oh', 500), 'service-failed'],
    [
      'no way to the identity provider',
      refused('IDPCommunicationError', 'Error communicating with the identity provider'),
      'service-failed',
    ],
    ['a cut connection', 'reset' as Answer, 'no-answer'],
  ])('STS answers with %s', async (_what, answer, code) => {
    at.server.on('POST /', answer);
    expect(await at.refusal('pod', { AWS_MAX_ATTEMPTS: '1' })).toMatchObject({ exit: 6, code });
  });

  it('the credentials have expired already', async () => {
    at.server.on('POST /', answer(-60));
    expect(await at.refusal('pod')).toMatchObject({ exit: 5, code: 'expired-credentials' });
  });
});
