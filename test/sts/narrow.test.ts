import { describe, expect, test } from 'vitest';
import { Secret, type Session } from '../../src/credentials.ts';
import { type Narrowing, narrow } from '../../src/sts/sts.ts';
import { alice, ask, keysOf } from '../../tools/local-sts/sample.ts';
import { codeOf, only, outside, sessions } from './sessions.ts';

const at = sessions();

const unknownAction =
  '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation GetScopedCredentials for version 2011-06-15</Message></Error></ErrorResponse>';

function narrowing(more: Partial<Narrowing> = {}): Narrowing {
  return {
    profile: 'work',
    scope: { name: 'look', policy: only },
    durationSeconds: undefined,
    endpoint: at.endpoint(),
    ...more,
  };
}

const plain = ({ accessKeyId, secretAccessKey, sessionToken }: Session) => ({
  accessKeyId,
  secretAccessKey: secretAccessKey.reveal(),
  sessionToken: sessionToken.reveal(),
});

describe('a narrowed session', () => {
  test('is allowed what the policy names, and refused the rest', async () => {
    const narrowed = await narrow(await at.withMfa(), narrowing(), outside);
    const iam = (Action: string) =>
      ask(at.sts.url, { Action, Version: '2010-05-08', UserName: 'alice' }, plain(narrowed), {
        service: 'iam',
      });
    expect((await iam('ListMFADevices')).status).toBe(200);
    expect((await iam('ListAccessKeys')).code).toBe('AccessDenied');
  });

  test('cannot be widened', async () => {
    const once = await narrow(await at.withMfa(), narrowing(), outside);
    const all = only.replace('iam:ListMFADevices', '*');
    const twice = await narrow(once, narrowing({ scope: { name: 'look', policy: all } }), outside);
    const answer = await ask(
      at.sts.url,
      { Action: 'ListAccessKeys', Version: '2010-05-08', UserName: 'alice' },
      plain(twice),
      { service: 'iam' },
    );
    expect(answer.code).toBe('AccessDenied');
  });

  test('ends when it was asked to, and never after its source', async () => {
    const session = await at.withMfa();
    const { expiration } = await narrow(session, narrowing({ durationSeconds: 900 }), outside);
    expect(expiration - Date.now() / 1000).toBeLessThanOrEqual(900);
    expect(await codeOf(narrow(session, narrowing({ durationSeconds: 7200 }), outside))).toBe(
      '5 duration-too-long',
    );
  });

  test('no endpoint that does not know the call is passed over', async () => {
    const session = await at.withMfa();
    at.sts.fault({ answer: { status: 400, body: unknownAction } }, { action: 'GetScopedCredentials' });
    expect(await codeOf(narrow(session, narrowing(), outside))).toBe('5 cannot-narrow');
  });

  test('an answer that no STS gives', async () => {
    const session = await at.withMfa();
    const body = `<GetScopedCredentialsResponse xmlns="https://at.sts.amazonaws.com/doc/2011-06-15/"><GetScopedCredentialsResult><Credentials><AccessKeyId>ASIAHOSTILE</AccessKeyId><SecretAccessKey>a&#10;b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><ScopedPoliciesCount>1</ScopedPoliciesCount></GetScopedCredentialsResult></GetScopedCredentialsResponse>`;
    at.sts.fault({ answer: { status: 200, headers: { 'content-type': 'text/xml' }, body } });
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
    const session = await at.withMfa();
    expect(
      await codeOf(
        narrow(session, narrowing({ scope: { name: 'look', policy: '{"Statement":1}' } }), outside),
      ),
    ).toBe('5 bad-policy');
    const nowhere = { ...at.endpoint(), url: 'http://127.0.0.1:9' };
    expect(await codeOf(narrow(session, narrowing({ endpoint: nowhere }), outside))).toBe('6 unreachable');
  });
});
