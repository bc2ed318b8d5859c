import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallerCredentials, callerIdentity } from '../../tools/local-sts/caller.ts';
import {
  alice,
  ask,
  chinese,
  credentialsIn,
  keysOf,
  roles,
  root,
  users,
} from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

const serial = 'arn:aws:iam::123456789012:mfa/alice';
const noon = Date.parse('2026-11-21T12:00:10Z');

let sts: LocalSts;
beforeEach(async () => {
  sts = await startLocalSts({ users, roles });
});
afterEach(() => sts.close());

describe('with the AWS SDK', () => {
  test('a session with MFA, the identity in it, and a role that wants MFA', async () => {
    const { Credentials: session } = await client(keysOf(alice)).send(
      new GetSessionTokenCommand({ SerialNumber: serial, TokenCode: sts.nextCode('alice') }),
    );
    expect(session?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(session?.SecretAccessKey).toHaveLength(40);
    expect(session?.SessionToken).toMatch(/^(?=.*\/)(?=.*\+)[\w/+]{300,}=+$/);
    expect(Math.abs(Number(session?.Expiration) - Date.now() - 43_200_000)).toBeLessThan(60_000);

    const inSession = client({
      accessKeyId: session?.AccessKeyId ?? '',
      secretAccessKey: session?.SecretAccessKey ?? '',
      sessionToken: session?.SessionToken ?? '',
    });
    expect(await inSession.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/alice',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });

    const role = await inSession.send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::123456789012:role/team/ops',
        RoleSessionName: 'me@example.com',
        SourceIdentity: 'alice',
        Policy: '{"Version":"2012-10-17","Statement":[]}',
        PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
        Tags: [
          { Key: 'team', Value: 'ops & co' },
          { Key: 'empty', Value: '' },
        ],
        TransitiveTagKeys: ['team'],
      }),
    );
    expect(role.AssumedRoleUser).toEqual({
      Arn: 'arn:aws:sts::123456789012:assumed-role/ops/me@example.com',
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:me@example\.com$/),
    });
    expect(role.SourceIdentity).toBe('alice');
    expect(sts.sessions()).toMatchObject([
      { accessKeyId: session?.AccessKeyId, arn: 'arn:aws:iam::123456789012:user/alice', mfa: true },
      {
        accessKeyId: role.Credentials?.AccessKeyId,
        details: {
          sourceIdentity: 'alice',
          policy: '{"Version":"2012-10-17","Statement":[]}',
          policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
          tags: { team: 'ops & co', empty: '' },
          transitiveTagKeys: ['team'],
        },
      },
    ]);
  });

  test('a refusal arrives with its code and text', async () => {
    const call = client(keysOf(alice)).send(
      new GetSessionTokenCommand({
        SerialNumber: 'arn:aws:iam::123456789012:user/alice',
        TokenCode: '123456',
      }),
    );
    await expect(call).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403, requestId: expect.stringMatching(/^[\da-f-]{36}$/) },
    });
  });

  test('a clock that is off is put right by the SDK from the date of the refusal', async () => {
    sts.clockOffsetMs = 3_600_000;
    const identity = await client(keysOf(alice), 2).send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe('123456789012');
    expect(sts.requests.map(({ status }) => status)).toEqual([403, 200]);
  });
});

describe('identity', () => {
  test('of long-term keys, of root, and of a role session', async () => {
    expect(await callerIdentity(sts.url, keysOf(alice))).toMatchObject({
      arn: 'arn:aws:iam::123456789012:user/alice',
    });
    expect(await callerIdentity(sts.url, keysOf(root))).toEqual({
      ok: true,
      account: '123456789012',
      arn: 'arn:aws:iam::123456789012:root',
      userId: '123456789012',
    });
    const role = await ask(sts.url, assume('arn:aws:iam::123456789012:role/open'), keysOf(alice));
    expect(await callerIdentity(sts.url, credentialsIn(role))).toMatchObject({
      account: '123456789012',
      arn: 'arn:aws:sts::123456789012:assumed-role/open/test',
    });
  });

  test('a session lives until its end and not a second longer', async () => {
    await sts.close();
    let now = noon;
    sts = await startLocalSts({ users, now: () => now });
    const params = { Action: 'GetSessionToken', DurationSeconds: '900' };
    const session = credentialsIn(await ask(sts.url, params, keysOf(alice), { now }));
    now = noon + 899_999;
    expect(await ask(sts.url, { Action: 'GetCallerIdentity' }, session, { now })).toMatchObject({
      status: 200,
    });
    now = noon + 900_000;
    expect(await ask(sts.url, { Action: 'GetCallerIdentity' }, session, { now })).toMatchObject({
      status: 403,
      code: 'ExpiredToken',
    });
  });

  test('sessions of seconds, for tests of expiry', async () => {
    sts.sessionSeconds = 2;
    await ask(sts.url, { Action: 'GetSessionToken' }, keysOf(alice));
    await ask(sts.url, assume('arn:aws:iam::123456789012:role/open'), keysOf(alice));
    for (const { expiresAt } of sts.sessions()) expect(expiresAt - Date.now()).toBeLessThanOrEqual(2000);
    const short = await startLocalSts({ users, minDuration: 1, sessionSeconds: 3 });
    expect(short.sessionSeconds).toBe(3);
    const reply = await ask(short.url, { Action: 'GetSessionToken', DurationSeconds: '1' }, keysOf(alice));
    expect(reply.status).toBe(200);
    await short.close();
  });

  test('a key of another partition works in its own regions only', async () => {
    expect(await callerIdentity(sts.url, keysOf(chinese), 'cn-north-1')).toMatchObject({
      arn: 'arn:aws-cn:iam::999999999999:user/li',
    });
    expect(await callerIdentity(sts.url, keysOf(chinese))).toMatchObject({ code: 'InvalidClientTokenId' });
    expect(await callerIdentity(sts.url, keysOf(alice), 'cn-north-1')).toMatchObject({
      code: 'InvalidClientTokenId',
    });
  });

  test('hostile credentials arrive as they are, and are taken like any other', async () => {
    sts.hostileCredentials = {
      secretAccessKey: `'"$(touch /tmp/x)\`;\n&<]]>`,
      sessionToken: `a'b"c$(d)\`e\\f;g&h<i>j %k!`,
    };
    const session = credentialsIn(await ask(sts.url, { Action: 'GetSessionToken' }, keysOf(alice)));
    expect(session).toMatchObject(sts.hostileCredentials);
    expect(await callerIdentity(sts.url, session)).toMatchObject({ ok: true });
  });
});

describe('roles', () => {
  test('MFA is in the session of the caller, or on the call itself', async () => {
    const ops = assume('arn:aws:iam::123456789012:role/team/ops');
    const plain = await ask(sts.url, { Action: 'GetSessionToken' }, keysOf(alice));
    expect(await ask(sts.url, ops, credentialsIn(plain))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
    expect(await ask(sts.url, ops, keysOf(alice))).toMatchObject({ status: 403 });
    expect(await ask(sts.url, { ...ops, ...mfa(), DurationSeconds: '7200' }, keysOf(alice))).toMatchObject({
      status: 200,
    });
    expect(await ask(sts.url, ops, await mfaSession())).toMatchObject({ status: 200 });
  });

  test('a role of another account, with its external ID', async () => {
    const partner = assume('arn:aws:iam::222222222222:role/partner');
    expect(await ask(sts.url, { ...partner, ExternalId: 'Our:Secret/1' }, keysOf(alice))).toMatchObject({
      status: 200,
    });
    expect(await ask(sts.url, { ...partner, ExternalId: 'Our:Secret/2' }, keysOf(alice))).toMatchObject({
      status: 403,
    });
    expect(await ask(sts.url, partner, keysOf(alice))).toMatchObject({ status: 403 });
  });

  test('from role to role, where MFA is not handed on', async () => {
    const ops = credentialsIn(
      await ask(sts.url, assume('arn:aws:iam::123456789012:role/team/ops'), await mfaSession()),
    );
    expect(await ask(sts.url, assume('arn:aws:iam::222222222222:role/second-hop'), ops)).toMatchObject({
      status: 200,
    });
    expect(await ask(sts.url, assume('arn:aws:iam::222222222222:role/second-hop-mfa'), ops)).toMatchObject({
      message:
        'User: arn:aws:sts::123456789012:assumed-role/ops/test is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/second-hop-mfa',
    });
    expect(
      await ask(sts.url, assume('arn:aws:iam::222222222222:role/second-hop'), keysOf(alice)),
    ).toMatchObject({ status: 403 });
  });

  test('chained, an hour is the limit and the default', async () => {
    const session = await mfaSession();
    const ops = assume('arn:aws:iam::123456789012:role/team/ops');
    expect(await ask(sts.url, { ...ops, DurationSeconds: '3600' }, session)).toMatchObject({ status: 200 });
    expect(await ask(sts.url, { ...ops, DurationSeconds: '3601' }, session)).toMatchObject({ status: 400 });
  });
});

describe('token codes', () => {
  test('each is good once, in its window and one to either side', async () => {
    await sts.close();
    sts = await startLocalSts({ users, now: () => noon });
    const login = async (at: number) => {
      const params = { Action: 'GetSessionToken', SerialNumber: serial, TokenCode: sts.code(serial, at) };
      return (await ask(sts.url, params, keysOf(alice), { now: noon })).status;
    };
    expect(await login(noon - 60_000)).toBe(403);
    expect(await login(noon + 60_000)).toBe(403);
    expect(await login(noon)).toBe(200);
    expect(await login(noon)).toBe(403);
    expect(sts.nextCode('alice')).toBe(sts.code('alice', noon + 30_000));
    expect(await login(noon + 30_000)).toBe(200);
    expect(sts.nextCode('alice')).toBe(sts.code('alice', noon - 30_000));
    expect(await login(noon - 30_000)).toBe(200);
    expect(() => sts.nextCode('alice')).toThrow('all codes of this minute are spent');
    expect(sts.nextCode('GAHT12345678')).toBe(sts.code('GAHT12345678'));
    sts.forgetSpentCodes();
    expect(sts.nextCode('alice')).toBe(sts.code('alice', noon));
  });

  test('of two hundred calls with one code, one succeeds', async () => {
    const params = { Action: 'GetSessionToken', ...mfa() };
    const replies = await Promise.all(Array.from({ length: 200 }, () => ask(sts.url, params, keysOf(alice))));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(sts.count('GetSessionToken')).toBe(200);
  });
});

test('the log shows who called what, and no code', async () => {
  await ask(sts.url, { Action: 'GetSessionToken', SerialNumber: serial, TokenCode: '000' }, keysOf(alice), {
    region: 'eu-central-1',
  });
  expect(sts.requests).toEqual([
    {
      action: 'GetSessionToken',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      region: 'eu-central-1',
      service: 'sts',
      status: 400,
      errorCode: 'ValidationError',
      params: {
        Action: 'GetSessionToken',
        Version: '2011-06-15',
        SerialNumber: serial,
        TokenCode: '[secret]',
      },
    },
  ]);
});

test('every answer has its id and the date of the server', async () => {
  sts.clockOffsetMs = -86_400_000;
  const { headers } = await ask(sts.url, { Action: 'NoSuchAction' }, keysOf(alice));
  expect(headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/);
  expect(headers.get('content-type')).toBe('text/xml');
  expect(Math.abs(Date.parse(headers.get('date') ?? '') - sts.now())).toBeLessThan(5000);
});

function client(credentials: CallerCredentials, maxAttempts = 1): STSClient {
  return new STSClient({ endpoint: sts.url, region: 'eu-central-1', credentials, maxAttempts });
}

function mfa() {
  return { SerialNumber: serial, TokenCode: sts.nextCode(serial) };
}

async function mfaSession(): Promise<CallerCredentials> {
  return credentialsIn(await ask(sts.url, { Action: 'GetSessionToken', ...mfa() }, keysOf(alice)));
}

function assume(roleArn: string) {
  return { Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: 'test' };
}
