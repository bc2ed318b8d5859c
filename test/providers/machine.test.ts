import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../support/answers.ts';
import { inSeconds, iso, type Sources, sources } from '../support/sources.ts';

let at: Sources;
beforeEach(async () => {
  at = await sources();
  for (const method of ['warn', 'error', 'log'] as const) {
    vi.spyOn(console, method).mockImplementation((...words) => {
      throw new Error(`on the console: ${words.join(' ')}`);
    });
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await at.remove();
});

const config = (source: string, more = '') =>
  at.config(`[profile here]
role_arn = arn:aws:iam::111122223333:role/Here
credential_source = ${source}
${more}
[profile another]
ec2_metadata_service_endpoint = http://127.0.0.1:1
`);

const machineKeys = (seconds: number) => ({
  Code: 'Success',
  AccessKeyId: 'ASIAHEREHEREHEREHERE',
  SecretAccessKey: 'canary-here-secret',
  Token: 'canary-here-session',
  Expiration: iso(inSeconds(seconds)),
});

const given = {
  accessKeyId: 'ASIAHEREHEREHEREHERE',
  secretAccessKey: 'canary-here-secret',
  sessionToken: 'canary-here-session',
};

const list = 'GET /latest/meta-data/iam/security-credentials/';

describe('Ec2InstanceMetadata', () => {
  const instance = (answer: Answer) => {
    at.server.on('PUT /latest/api/token', { body: 'canary-imds-token' });
    at.server.on(list, { body: 'Box' });
    at.server.on(`${list}Box`, answer);
  };

  it('is the role of this instance, by IMDSv2', async () => {
    config('Ec2InstanceMetadata');
    instance({ body: machineKeys(3600) });
    expect(await at.provide('here')).toEqual({ ...given, expiration: expect.closeTo(inSeconds(3600), -1) });
    expect(at.server.asked.at(-1)?.headers['x-aws-ec2-metadata-token']).toBe('canary-imds-token');
  });

  it('at the address that the profile says, and not another profile', async () => {
    config('ec2instancemetadata', `ec2_metadata_service_endpoint = ${at.server.url}`);
    instance({ body: machineKeys(3600) });
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: undefined };
    expect(await at.provide('here', env)).toMatchObject(given);
  });

  it('takes expired credentials for some minutes more, without a word', async () => {
    config('Ec2InstanceMetadata');
    instance({ body: machineKeys(-60) });
    expect((await at.provide('here')).expiration).toBeGreaterThan(inSeconds(200));
  });

  it('this instance has no role', async () => {
    config('Ec2InstanceMetadata');
    at.server.on('PUT /latest/api/token', { body: 'canary-imds-token' });
    expect(await at.refusal('here')).toEqual({
      exit: 5,
      code: 'no-instance-role',
      message: 'This EC2 instance has no role, and profile "here" needs it',
      hint: 'Attach an instance profile to it, or use source_profile.',
    });
  });

  it('there is no such service', async () => {
    config('Ec2InstanceMetadata');
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' };
    expect(await at.refusal('here', env)).toEqual({
      exit: 6,
      code: 'unreachable',
      message:
        'The EC2 metadata service could not be reached for profile "here": connection refused (ECONNREFUSED)',
      hint: 'Look at the network, the region and the proxy settings, then try again.',
    });
  });

  it('it says nothing', async () => {
    config('Ec2InstanceMetadata');
    at.server.on('PUT /latest/api/token', 'silence');
    at.server.on(list, 'silence');
    expect(await at.refusal('here')).toMatchObject({
      exit: 6,
      message: 'The EC2 metadata service could not be reached for profile "here": no answer in time',
    });
  });

  it.each([
    ['half an answer', { body: '{"SecretAccessKey":"canary-' }, 6, 'not-aws'],
    [
      'no credentials',
      { body: { Code: 'AssumeRoleUnauthorizedAccess', Message: 'canary' } },
      5,
      'metadata-refused',
    ],
    ['a refusal', { status: 403, body: 'canary' }, 5, 'metadata-refused'],
  ])('it answers with %s', async (_what, answer, exit, code) => {
    config('Ec2InstanceMetadata');
    instance(answer);
    expect(await at.refusal('here')).toMatchObject({ exit, code });
  });

  it('version 1 alone is there, and switched off', async () => {
    config('Ec2InstanceMetadata', 'ec2_metadata_v1_disabled = true');
    expect(await at.refusal('here')).toMatchObject({
      exit: 5,
      message: 'The EC2 metadata service gave no token for profile "here", and its version 1 is switched off',
    });
  });

  it('is switched off', async () => {
    config('Ec2InstanceMetadata');
    expect(await at.refusal('here', { AWS_EC2_METADATA_DISABLED: 'true' })).toMatchObject({
      exit: 3,
      code: 'metadata-disabled',
    });
    expect(at.server.asked).toEqual([]);
  });
});

describe('EcsContainer', () => {
  it('is the role of this task or pod', async () => {
    config('EcsContainer');
    at.server.on('GET /container', { body: machineKeys(3600) });
    const env = { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'canary-authorization' };
    expect(await at.provide('here', env)).toEqual({
      ...given,
      expiration: expect.closeTo(inSeconds(3600), -1),
    });
    expect(at.server.asked[0]?.headers.authorization).toBe('canary-authorization');
  });

  it('the token in a file goes before the one in the variable', async () => {
    config('EcsContainer');
    at.server.on('GET /container', { body: machineKeys(3600) });
    const env = {
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'canary-variable',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: at.file('token', 'canary-file\n'),
    };
    expect(await at.provide('here', env)).toMatchObject(given);
    expect(at.server.asked[0]?.headers.authorization).toBe('canary-file');
  });

  it('tries again when the agent fails', async () => {
    config('EcsContainer');
    const answers: Answer[] = [{ status: 503, body: '' }, 'reset', { body: machineKeys(3600) }];
    at.server.on('GET /container', () => answers.shift() ?? 'reset');
    expect(await at.provide('here')).toMatchObject(given);
  });

  it('keys whose end it does not tell are taken', async () => {
    config('EcsContainer');
    at.server.on('GET /container', { body: { ...machineKeys(60), Expiration: undefined } });
    expect(await at.provide('here')).toEqual(given);
  });

  it('this is no container', async () => {
    config('EcsContainer');
    expect(await at.refusal('here', { AWS_CONTAINER_CREDENTIALS_FULL_URI: '' })).toEqual({
      exit: 3,
      code: 'container-configuration',
      message:
        'The source of profile "here" is its container, and neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set',
      hint: 'That works in an ECS task or an EKS pod with a role; elsewhere use source_profile.',
    });
  });

  it.each([
    'http://credentials.example.com/',
    'http://127.0.0.1.example.com/',
    'http://user:canary@localhost/',
    'ftp://localhost/',
    'nonsense',
  ])('the agent may not be at %s', async (url) => {
    config('EcsContainer');
    const refusal = at.refusal('here', { AWS_CONTAINER_CREDENTIALS_FULL_URI: url.replace('canary', 'x') });
    expect(await refusal).toMatchObject({ exit: 3, code: 'container-configuration' });
  });

  it.each(['.example.com/', '@example.com/'])('a path makes no other host of it: %j', async (path) => {
    config('EcsContainer');
    expect(await at.refusal('here', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path })).toMatchObject({
      exit: 3,
      code: 'container-configuration',
      hint: 'Correct AWS_CONTAINER_CREDENTIALS_RELATIVE_URI.',
    });
  });

  it('the token file is not there, or no token', async () => {
    config('EcsContainer');
    const refusal = (path: string) => at.refusal('here', { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path });
    expect(await refusal('/no/such/file')).toMatchObject({
      exit: 3,
      message: '/no/such/file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: ENOENT',
    });
    expect(await refusal(at.file('token', 'canary\r\nX-Header: canary'))).toMatchObject({ exit: 3 });
  });

  it.each([
    ['a refusal', { status: 403, body: { Message: 'canary' } }, 5, 'container-refused'],
    ['a failure', { status: 500, body: 'canary' }, 6, 'container-refused'],
    ['half an answer', { body: '{"SecretAccessKey":"canary-' }, 6, 'not-aws'],
    ['half a key', { body: { ...machineKeys(60), SecretAccessKey: '' } }, 3, 'unusable-credentials'],
    ['expired credentials', { body: machineKeys(-60) }, 5, 'expired-credentials'],
    ['a cut connection', 'reset' as const, 6, 'no-answer'],
    ['silence', 'silence' as const, 6, 'no-answer'],
  ])('the agent answers with %s', async (_what, answer, exit, code) => {
    config('EcsContainer');
    at.server.on('GET /container', answer);
    expect(await at.refusal('here')).toMatchObject({ exit, code });
  });
});
