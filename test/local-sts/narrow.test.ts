import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallerCredentials } from '../../tools/local-sts/caller.ts';
import { alice, ask, credentialsIn, keysOf, roles, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

let sts: LocalSts;
beforeEach(async () => {
  sts = await startLocalSts({ users, roles });
});
afterEach(() => sts.close());

const onlyDevices = policy({ Effect: 'Allow', Action: 'iam:ListMFADevices', Resource: '*' });
const allOfIam = policy({ Effect: 'Allow', Action: 'iam:*', Resource: '*' });

describe('GetScopedCredentials', () => {
  test('the same user, who may do what the policy names and nothing else', async () => {
    const session = await mfaSession();
    const answer = await ask(sts.url, { Action: 'GetScopedCredentials', Policy: onlyDevices }, session);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.text).toContain('<Arn>arn:aws:iam::123456789012:user/alice</Arn>');
    expect(answer.text).toContain('<ScopedPoliciesCount>1</ScopedPoliciesCount>');
    const scoped = credentialsIn(answer);
    expect(await iam({ Action: 'ListMFADevices' }, scoped)).toMatchObject({ status: 200 });
    expect(await iam({ Action: 'ListAccessKeys', UserName: 'alice' }, scoped)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message:
        'User: arn:aws:iam::123456789012:user/alice is not authorized to perform: iam:ListAccessKeys on resource: user alice because no session policy allows the iam:ListAccessKeys action',
    });
    const role = { Action: 'AssumeRole', RoleArn: roles[0]?.arn ?? '', RoleSessionName: 'me' };
    expect(await ask(sts.url, role, scoped)).toMatchObject({ code: 'AccessDenied' });
    expect(await ask(sts.url, { Action: 'GetCallerIdentity' }, scoped)).toMatchObject({ status: 200 });
  });

  test('a second policy takes away and gives nothing back; a fourth is refused', async () => {
    const once = await narrowed(await mfaSession(), onlyDevices);
    const twice = await narrowed(once, allOfIam);
    expect(await iam({ Action: 'ListMFADevices' }, twice)).toMatchObject({ status: 200 });
    expect(await iam({ Action: 'ListAccessKeys', UserName: 'alice' }, twice)).toMatchObject({ status: 403 });
    const thrice = await narrowed(twice, allOfIam);
    expect(await ask(sts.url, { Action: 'GetScopedCredentials', Policy: allOfIam }, thrice)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
    // A shorter life adds no policy.
    const shorter = await ask(sts.url, { Action: 'GetScopedCredentials', DurationSeconds: '60' }, thrice);
    expect(shorter).toMatchObject({ status: 200 });
    expect(await iam({ Action: 'ListAccessKeys', UserName: 'alice' }, credentialsIn(shorter))).toMatchObject({
      status: 403,
    });
  });

  test('never longer than its source', async () => {
    const session = await mfaSession();
    expect(
      await ask(sts.url, { Action: 'GetScopedCredentials', DurationSeconds: '129600' }, session),
    ).toMatchObject({ status: 400, code: 'InsufficientSessionLifetime' });
    const scoped = await narrowed(session, onlyDevices);
    const [source, of] = sts.sessions();
    expect(of?.expiresAt).toBe(source?.expiresAt);
    expect(of?.policies).toEqual([onlyDevices]);
    expect(scoped.accessKeyId).toBe(of?.accessKeyId);
  });

  test('deny wins, wildcards and resources count', async () => {
    const session = await mfaSession();
    const denied = policy(
      { Effect: 'Allow', Action: '*', Resource: 'arn:aws:iam::123456789012:user/*' },
      { Effect: 'Deny', Action: 'iam:list?FAdevices', Resource: '*' },
    );
    const scoped = await narrowed(session, denied);
    expect(await iam({ Action: 'ListMFADevices' }, scoped)).toMatchObject({
      message: expect.stringContaining('with an explicit deny in a session policy'),
    });
    expect(await iam({ Action: 'ListAccessKeys', UserName: 'alice' }, scoped)).toMatchObject({ status: 200 });
    const role = { Action: 'AssumeRole', RoleArn: roles[0]?.arn ?? '', RoleSessionName: 'me' };
    expect(await ask(sts.url, role, scoped)).toMatchObject({ status: 403 });
  });

  test.each([
    ['long-term keys', keysOf(alice), { Policy: onlyDevices }, 'AccessDenied'],
    ['no JSON', undefined, { Policy: 'nothing' }, 'MalformedPolicyDocument'],
    ['no statement', undefined, { Policy: '{}' }, 'MalformedPolicyDocument'],
    [
      'an unknown element',
      undefined,
      { Policy: policy({ Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' }) },
      'MalformedPolicyDocument',
    ],
    ['neither policy nor duration', undefined, {}, 'ValidationError'],
    ['a policy of 2,049 characters', undefined, { Policy: onlyDevices.padEnd(2049) }, 'ValidationError'],
  ])('%s: refused', async (_, keys, params: Record<string, string>, code) => {
    const caller = keys ?? (await mfaSession());
    expect(await ask(sts.url, { Action: 'GetScopedCredentials', ...params }, caller)).toMatchObject({ code });
  });

  test('policies that make the token too large', async () => {
    const long = onlyDevices.padEnd(2048);
    const once = await narrowed(await mfaSession(), long);
    expect(await ask(sts.url, { Action: 'GetScopedCredentials', Policy: long }, once)).toMatchObject({
      code: 'PackedPolicyTooLarge',
    });
  });

  test('the global endpoint does not have it', async () => {
    const global = await startLocalSts({ users, isGlobalEndpoint: true });
    const session = credentialsIn(await ask(global.url, { Action: 'GetSessionToken' }, keysOf(alice)));
    expect(
      await ask(global.url, { Action: 'GetScopedCredentials', Policy: onlyDevices }, session),
    ).toMatchObject({ code: 'InvalidAction' });
    await global.close();
  });
});

test('the session policy of AssumeRole limits the role session', async () => {
  const params = { RoleArn: 'arn:aws:iam::123456789012:role/team/ops', RoleSessionName: 'me' };
  const answer = await ask(
    sts.url,
    { Action: 'AssumeRole', ...params, Policy: onlyDevices },
    await mfaSession(),
  );
  expect(answer).toMatchObject({ status: 200 });
  expect(await ask(sts.url, { Action: 'AssumeRole', ...params }, credentialsIn(answer))).toMatchObject({
    message: expect.stringContaining('no session policy allows'),
  });
});

describe('GetFederationToken', () => {
  const params = { Action: 'GetFederationToken', Name: 'alice' };

  test('another identity, without IAM, without MFA, with the policy at most', async () => {
    const answer = await ask(sts.url, { ...params, Policy: allOfIam }, keysOf(alice));
    expect(answer.text).toContain('<Arn>arn:aws:sts::123456789012:federated-user/alice</Arn>');
    const federated = credentialsIn(answer);
    expect((await ask(sts.url, { Action: 'GetCallerIdentity' }, federated)).text).toContain(
      'federated-user/alice',
    );
    expect(await iam({ Action: 'ListMFADevices' }, federated)).toMatchObject({ status: 403 });
    expect(await ask(sts.url, { Action: 'GetSessionToken' }, federated)).toMatchObject({ status: 403 });
  });

  test('not with a session, and not with MFA', async () => {
    expect(await ask(sts.url, params, await mfaSession())).toMatchObject({
      message: 'Cannot call GetFederationToken with session credentials',
    });
    expect(await ask(sts.url, { ...params, Name: 'a' }, keysOf(alice))).toMatchObject({
      code: 'ValidationError',
    });
  });
});

async function mfaSession(): Promise<CallerCredentials> {
  const mfa = { SerialNumber: 'arn:aws:iam::123456789012:mfa/alice', TokenCode: sts.nextCode('alice') };
  return credentialsIn(await ask(sts.url, { Action: 'GetSessionToken', ...mfa }, keysOf(alice)));
}

async function narrowed(caller: CallerCredentials, Policy: string): Promise<CallerCredentials> {
  return credentialsIn(await ask(sts.url, { Action: 'GetScopedCredentials', Policy }, caller));
}

function iam(params: Record<string, string>, caller: CallerCredentials) {
  return ask(sts.url, { Version: '2010-05-08', ...params }, caller, { service: 'iam' });
}

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
