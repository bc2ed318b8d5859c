import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/credentials.ts';
import { UserError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import type { StsEndpoint } from '../../src/sts/endpoint.ts';
import { federate, signInPlace, signInUrl } from '../../src/sts/sign-in.ts';
import { type Narrowing, narrow } from '../../src/sts/sts.ts';
import type { User } from '../../tools/local-sts/directory.ts';
import { alice, ask, credentialsIn, keysOf, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

/** Her policy wants MFA for everything. */
const careful: User = {
  accountId: '123456789012',
  name: 'careful',
  accessKeys: [{ id: 'AKIACAREFULCAREFUL01', secret: 'careful-secret' }],
  deniedWithoutMfa: ['*'],
};

let sts: LocalSts;
beforeAll(async () => {
  sts = await startLocalSts({
    users: [...users, careful],
    roles: [{ arn: 'arn:aws:iam::123456789012:role/open' }],
  });
});
beforeEach(() => sts.forgetSpentCodes());
afterEach(() => sts.clearFaults());
afterAll(() => sts.close());

const outside = { now: Date.now, debug: () => {} };

const endpoint = (): StsEndpoint => ({
  region: 'us-east-1',
  url: sts.url,
  fips: false,
  dualStack: false,
  caBundle: undefined,
  attempts: 1,
});

const only = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:ListMFADevices', Resource: '*' }],
});

const unknownAction =
  '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation GetScopedCredentials for version 2011-06-15</Message></Error></ErrorResponse>';

async function sessionOf(params: Record<string, string>): Promise<Session> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsIn(
    await ask(sts.url, params, keysOf(alice)),
  );
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: new Secret(sessionToken),
    expiration: 0,
  };
}

const withMfa = () =>
  sessionOf({
    Action: 'GetSessionToken',
    SerialNumber: 'arn:aws:iam::123456789012:mfa/alice',
    TokenCode: sts.nextCode('alice'),
    DurationSeconds: '3600',
  });

const asRole = () =>
  sessionOf({ Action: 'AssumeRole', RoleArn: 'arn:aws:iam::123456789012:role/open', RoleSessionName: 'me' });

function narrowing(more: Partial<Narrowing> = {}): Narrowing {
  return {
    profile: 'work',
    scope: 'look',
    policy: only,
    durationSeconds: undefined,
    endpoint: endpoint(),
    ...more,
  };
}

async function codeOf(body: Promise<unknown>): Promise<string> {
  const error = await body.then(
    () => undefined,
    (why: unknown) => why,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('nothing was wrong');
  return `${error.exit} ${error.code}`;
}

const plain = ({ accessKeyId, secretAccessKey, sessionToken }: Session) => ({
  accessKeyId,
  secretAccessKey: secretAccessKey.reveal(),
  sessionToken: sessionToken.reveal(),
});

describe('a narrowed session', () => {
  test('is allowed what the policy names, and refused the rest', async () => {
    const narrowed = await narrow(await withMfa(), narrowing(), outside);
    const iam = (Action: string) =>
      ask(sts.url, { Action, Version: '2010-05-08', UserName: 'alice' }, plain(narrowed), { service: 'iam' });
    expect((await iam('ListMFADevices')).status).toBe(200);
    expect((await iam('ListAccessKeys')).code).toBe('AccessDenied');
  });

  test('cannot be widened', async () => {
    const once = await narrow(await withMfa(), narrowing(), outside);
    const all = only.replace('iam:ListMFADevices', '*');
    const twice = await narrow(once, narrowing({ policy: all }), outside);
    const answer = await ask(
      sts.url,
      { Action: 'ListAccessKeys', Version: '2010-05-08', UserName: 'alice' },
      plain(twice),
      { service: 'iam' },
    );
    expect(answer.code).toBe('AccessDenied');
  });

  test('ends when it was asked to, and never after its source', async () => {
    const session = await withMfa();
    const { expiration } = await narrow(session, narrowing({ durationSeconds: 900 }), outside);
    expect(expiration - Date.now() / 1000).toBeLessThanOrEqual(900);
    expect(await codeOf(narrow(session, narrowing({ durationSeconds: 7200 }), outside))).toBe(
      '5 duration-too-long',
    );
  });

  test('no endpoint that does not know the call is passed over', async () => {
    const session = await withMfa();
    sts.fault({ answer: { status: 400, body: unknownAction } }, { action: 'GetScopedCredentials' });
    expect(await codeOf(narrow(session, narrowing(), outside))).toBe('5 cannot-narrow');
  });

  test('an answer that no STS gives', async () => {
    const session = await withMfa();
    const body = `<GetScopedCredentialsResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetScopedCredentialsResult><Credentials><AccessKeyId>ASIAHOSTILE</AccessKeyId><SecretAccessKey>a&#10;b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></GetScopedCredentialsResult></GetScopedCredentialsResponse>`;
    sts.fault({ answer: { status: 200, headers: { 'content-type': 'text/xml' }, body } });
    expect(await codeOf(narrow(session, narrowing(), outside))).toBe('6 not-aws');
  });

  test('long-term keys, a policy that is none, no endpoint', async () => {
    const { accessKeyId, secretAccessKey } = keysOf(alice);
    const keys = {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: undefined,
    } as unknown as Session;
    expect(await codeOf(narrow(keys, narrowing(), outside))).toBe('5 cannot-narrow');
    const session = await withMfa();
    expect(await codeOf(narrow(session, narrowing({ policy: '{"Statement":1}' }), outside))).toBe(
      '5 bad-policy',
    );
    const nowhere = { ...endpoint(), url: 'http://127.0.0.1:9' };
    expect(await codeOf(narrow(session, narrowing({ endpoint: nowhere }), outside))).toBe('6 unreachable');
  });
});

describe('the console', () => {
  const place = () => signInPlace('eu-central-1', sts.url);
  const options = { service: undefined, region: 'eu-central-1', caBundle: undefined };

  test('opens for a role', async () => {
    const url = (await signInUrl(await asRole(), place(), { ...options, service: 's3' })).reveal();
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(
      'https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1',
    );
    const posted = sts.requests.find(({ action }) => action === 'getSigninToken');
    expect(posted).toMatchObject({ status: 200, accessKeyId: undefined });
  });

  test('does not open for a session of MFA alone', async () => {
    expect(await codeOf(signInUrl(await withMfa(), place(), options))).toBe('5 cannot-sign-in');
  });

  test('an endpoint that is not the one of AWS', async () => {
    const nowhere = signInPlace('eu-central-1', 'http://127.0.0.1:9');
    expect(await codeOf(signInUrl(await asRole(), nowhere, options))).toBe('6 unreachable');
    sts.fault('html-502', { action: 'getSigninToken' });
    expect(await codeOf(signInUrl(await asRole(), place(), options))).toBe('6 not-sign-in');
  });

  test('opens for a federated user', async () => {
    const { accessKeyId, secretAccessKey } = keysOf(alice);
    const keys = { accessKeyId, secretAccessKey: new Secret(secretAccessKey), sessionToken: undefined };
    const session = await federate(
      keys,
      { profile: 'work', name: 'work', policy: only, durationSeconds: 3600, endpoint: endpoint() },
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
    const call = federate(keys, { ...federation, endpoint: endpoint() }, outside);
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
