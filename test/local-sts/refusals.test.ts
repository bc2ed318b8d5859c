import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallerCredentials, callerIdentity, signedRequest } from '../../tools/local-sts/caller.ts';
import {
  alice,
  ask,
  bob,
  credentialsIn,
  keysOf,
  roles,
  root,
  send,
  users,
} from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

const serial = 'arn:aws:iam::123456789012:mfa/alice';
const openRole = 'arn:aws:iam::123456789012:role/open';
const ops = 'arn:aws:iam::123456789012:role/team/ops';
const badCode = 'MultiFactorAuthentication failed with invalid MFA one time pass code. ';
const badSerial =
  'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ';
const halfGiven =
  'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ';
const invalidToken = 'The security token included in the request is invalid.';

let sts: LocalSts;
beforeEach(async () => {
  sts = await startLocalSts({ users, roles, disabledRegions: ['ap-east-1'] });
});
afterEach(() => sts.close());

type Row = readonly [
  what: string,
  params: Readonly<Record<string, string>>,
  status: number,
  code: string,
  message: string,
];

const asked: readonly Row[] = [
  ['a wrong code', session({ SerialNumber: serial, TokenCode: '000000' }), 403, 'AccessDenied', badCode],
  [
    'the serial number of nobody',
    session({ SerialNumber: 'arn:aws:iam::123456789012:user/alice', TokenCode: '123456' }),
    403,
    'AccessDenied',
    badSerial,
  ],
  [
    "another user's device",
    session({ SerialNumber: 'arn:aws:iam::123456789012:mfa/bob', TokenCode: '123456' }),
    403,
    'AccessDenied',
    badSerial,
  ],
  [
    'a security key',
    session({
      SerialNumber: 'arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGHIJKLMNOP',
      TokenCode: '123456',
    }),
    403,
    'AccessDenied',
    badSerial,
  ],
  ['a code alone', session({ TokenCode: '123456' }), 403, 'AccessDenied', halfGiven],
  ['a serial number alone', session({ SerialNumber: serial }), 403, 'AccessDenied', halfGiven],
  ['the same on AssumeRole', role(openRole, { TokenCode: '123456' }), 403, 'AccessDenied', halfGiven],
  [
    'a duration too short',
    session({ DurationSeconds: '20' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '20' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
  ],
  [
    'a duration too long for a session',
    session({ DurationSeconds: '345600' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '345600' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
  ],
  [
    'a duration too long for a role',
    role(openRole, { DurationSeconds: '345600' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '345600' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
  ],
  [
    "a duration over the role's maximum",
    role(openRole, { DurationSeconds: '3601' }),
    400,
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  ],
  [
    'a duration that is no number',
    session({ DurationSeconds: 'notanumber' }),
    400,
    'MalformedInput',
    'DurationSeconds is not an integer',
  ],
  [
    'a code too long',
    session({ SerialNumber: serial, TokenCode: '11111111111111' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '11111111111111' at 'tokenCode' failed to satisfy constraint: Member must have length less than or equal to 6",
  ],
  [
    'a code too short',
    session({ SerialNumber: serial, TokenCode: '12345' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '12345' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
  ],
  [
    'digits of another script',
    session({ SerialNumber: serial, TokenCode: '١٢٣٤٥٦' }),
    400,
    'ValidationError',
    "1 validation error detected: Value '١٢٣٤٥٦' at 'tokenCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\d]*",
  ],
  [
    'two errors at once',
    session({ SerialNumber: 'x', TokenCode: 'abc' }),
    400,
    'ValidationError',
    "2 validation errors detected: Value 'x' at 'serialNumber' failed to satisfy constraint: Member must have length greater than or equal to 9; Value 'abc' at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
  ],
  [
    'a session name with blanks',
    role(openRole, { RoleSessionName: 'Session Names cannot Hava Spaces!' }),
    400,
    'ValidationError',
    "1 validation error detected: Value 'Session Names cannot Hava Spaces!' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ],
  [
    'an external ID with a blank',
    role(openRole, { ExternalId: 'XMode Social' }),
    400,
    'ValidationError',
    "1 validation error detected: Value 'XMode Social' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*",
  ],
  [
    'no role',
    { Action: 'AssumeRole', RoleSessionName: 'test' },
    400,
    'ValidationError',
    "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
  ],
  [
    'no session name',
    { Action: 'AssumeRole', RoleArn: openRole },
    400,
    'ValidationError',
    "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null",
  ],
  [
    'an ARN of no role',
    role('arn:aws:iam::123456789012:oidc-provider/x'),
    400,
    'ValidationError',
    'Request ARN is invalid',
  ],
  [
    'a role that is not there',
    role('arn:aws:iam::123456789012:role/amputate'),
    403,
    'AccessDenied',
    'User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/amputate',
  ],
  [
    'a role without its MFA',
    role(ops),
    403,
    'AccessDenied',
    `User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: ${ops}`,
  ],
  [
    'a policy that is not JSON',
    role(openRole, { Policy: '{' }),
    400,
    'MalformedPolicyDocument',
    'The policy is not in the valid JSON format.',
  ],
  [
    'an unknown action',
    { Action: 'NoSuchAction' },
    400,
    'InvalidAction',
    'Could not find operation NoSuchAction for version 2011-06-15',
  ],
  [
    'a name that every object has',
    { Action: 'toString' },
    400,
    'InvalidAction',
    'Could not find operation toString for version 2011-06-15',
  ],
];

test.each(asked)('refused: %s', async (_what, params, status, code, message) => {
  expect(await ask(sts.url, params, keysOf(alice))).toMatchObject({ status, code, message });
});

describe('by the credentials', () => {
  test('session credentials get no session', async () => {
    const credentials = credentialsIn(await ask(sts.url, session(), keysOf(alice)));
    expect(await ask(sts.url, session(), credentials)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
    });
    expect(await ask(sts.url, role(openRole, { DurationSeconds: '3601' }), credentials)).toMatchObject({
      status: 400,
      code: 'ValidationError',
      message:
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
  });

  test('root assumes no role, and gets an hour', async () => {
    expect(await ask(sts.url, role(openRole), keysOf(root))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'Roles may not be assumed by root accounts.',
    });
    await ask(sts.url, session({ DurationSeconds: '43200' }), keysOf(root));
    expect((sts.sessions()[0]?.expiresAt ?? 0) - Date.now()).toBeLessThanOrEqual(3_600_000);
  });

  test('a policy may deny AssumeRole', async () => {
    expect(await ask(sts.url, role(openRole), keysOf(bob))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: `User: arn:aws:iam::123456789012:user/bob is not authorized to perform: sts:AssumeRole on resource: ${openRole} with an explicit deny in an identity-based policy`,
    });
  });

  test('an expired session is refused as a source too', async () => {
    const credentials = credentialsIn(await ask(sts.url, session({ DurationSeconds: '900' }), keysOf(alice)));
    sts.clockOffsetMs = 901_000;
    const now = sts.now();
    for (const params of [role(openRole), { Action: 'GetCallerIdentity' }]) {
      expect(await ask(sts.url, params, credentials, { now })).toMatchObject({
        status: 403,
        code: 'ExpiredToken',
        message: 'The security token included in the request is expired',
      });
    }
  });

  test('a key, its secret and its token belong together', async () => {
    const mine = credentialsIn(await ask(sts.url, session(), keysOf(alice)));
    const other = credentialsIn(await ask(sts.url, session(), keysOf(alice)));
    const { accessKeyId, secretAccessKey, sessionToken } = mine;
    const unknown = { ok: false, status: 403, code: 'InvalidClientTokenId', message: invalidToken };
    const wrong: readonly CallerCredentials[] = [
      { accessKeyId: 'AKIAUNKNOWNUNKNOWN00', secretAccessKey },
      { accessKeyId, secretAccessKey },
      { accessKeyId, secretAccessKey, sessionToken: other.sessionToken },
      { accessKeyId, secretAccessKey, sessionToken: sessionToken.slice(0, -1) },
      { ...keysOf(alice), sessionToken },
    ];
    for (const credentials of wrong) expect(await callerIdentity(sts.url, credentials)).toEqual(unknown);
    expect(await callerIdentity(sts.url, { ...mine, secretAccessKey: other.secretAccessKey })).toEqual({
      ok: false,
      status: 403,
      code: 'SignatureDoesNotMatch',
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    });
  });
});

describe('by the signature', () => {
  test.each([
    [
      'behind',
      '2022-01-27T01:59:28Z',
      '2022-01-27T00:14:27Z',
      'Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)',
    ],
    [
      'ahead',
      '2021-05-02T17:36:40Z',
      '2021-05-02T18:36:40Z',
      'Signature not yet current: 20210502T183640Z is still later than 20210502T175140Z (20210502T173640Z + 15 min.)',
    ],
  ])("the client's clock is %s", async (_which, server, clientTime, message) => {
    await sts.close();
    sts = await startLocalSts({ users, now: () => Date.parse(server) });
    const reply = await ask(sts.url, session(), keysOf(alice), { now: Date.parse(clientTime) });
    expect(reply).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch', message });
  });

  test('the scope', async () => {
    const code = 'SignatureDoesNotMatch';
    expect(await ask(sts.url, session(), keysOf(alice), { region: 'aws-global' })).toMatchObject({
      status: 403,
      code,
      message: 'Credential should be scoped to a valid region. ',
    });
    expect(await ask(sts.url, session(), keysOf(alice), { service: 'iam' })).toMatchObject({
      status: 403,
      code,
      message: "Credential should be scoped to correct service: 'sts'. ",
    });
  });

  test('a region where STS is switched off', async () => {
    expect(await ask(sts.url, session(), keysOf(alice), { region: 'ap-east-1' })).toMatchObject({
      status: 403,
      code: 'RegionDisabledException',
      message:
        'STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.',
    });
  });

  test('what was changed or added on the way', async () => {
    const body = 'Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900';
    const request = signedRequest(sts.url, body, keysOf(alice));
    const refused = { status: 403, code: 'SignatureDoesNotMatch' };
    expect(await send(sts.url, { ...request, body: body.replace('900', '901') })).toMatchObject(refused);
    expect(await send(sts.url, { ...request, body: `${body}&SerialNumber=x` })).toMatchObject(refused);
    expect(await send(`${sts.url}/?DurationSeconds=901`, request)).toMatchObject(refused);
    expect(
      await send(sts.url, { ...request, headers: { ...request.headers, 'x-amz-extra': 'x' } }),
    ).toMatchObject(refused);
    expect(
      await send(sts.url, { ...request, headers: { ...request.headers, via: 'a proxy' } }),
    ).toMatchObject({ status: 200 });
  });

  test('none at all', async () => {
    const { authorization: _, ...headers } = signedRequest(
      sts.url,
      'Action=GetCallerIdentity',
      keysOf(alice),
    ).headers;
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    expect(await send(sts.url, { method: 'POST', headers, body })).toMatchObject({
      status: 403,
      code: 'MissingAuthenticationToken',
      message: 'Request is missing Authentication Token',
    });
  });
});

describe('before the signature', () => {
  test('no form and no action: AWS shows the product page', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const requests = [
      { method: 'GET' },
      {
        method: 'POST',
        body: 'Version=2011-06-15',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      { method: 'POST', body, headers: { 'content-type': 'text/plain' } },
      { method: 'POST', body: Buffer.from(body) },
    ];
    for (const request of requests) {
      const { status, headers, text } = await send(sts.url, request);
      expect([status, headers.get('location'), text]).toEqual([302, 'https://aws.amazon.com/iam', '']);
    }
  });

  test('an unknown action is answered in another namespace', async () => {
    const { text } = await ask(sts.url, { Action: 'NoSuchAction' }, keysOf(alice));
    expect(text).toContain('<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">');
    expect((await ask(sts.url, { Action: 'Get', Version: '1999-01-01' }, keysOf(alice))).message).toBe(
      'Could not find operation Get for version 1999-01-01',
    );
  });

  test('ten million bytes are the limit', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const post = (length: number) => send(sts.url, { method: 'POST', headers, body: 'A'.repeat(length) });
    expect(await post(10_000_000)).toMatchObject({ status: 302 });
    expect(await post(10_000_001)).toMatchObject({ status: 413, text: '' });
  });
});

function session(params: Readonly<Record<string, string>> = {}) {
  return { Action: 'GetSessionToken', ...params };
}

function role(roleArn: string, params: Readonly<Record<string, string>> = {}) {
  return { Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: 'test', ...params };
}
