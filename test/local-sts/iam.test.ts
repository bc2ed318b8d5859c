import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallerCredentials } from '../../tools/local-sts/caller.ts';
import { alice, ask, bob, credentialsIn, keysOf, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

let sts: LocalSts;
beforeEach(async () => {
  sts = await startLocalSts({ users });
});
afterEach(() => sts.close());

test('all devices of the user, those STS cannot use included', async () => {
  const { status, text } = await list(keysOf(alice));
  expect(status).toBe(200);
  expect(text).toMatch(/^<ListMFADevicesResponse xmlns="https:\/\/iam\.amazonaws\.com\/doc\/2010-05-08\/">/);
  expect([...text.matchAll(/<SerialNumber>([^<]*)</g)].map(([, serial]) => serial)).toEqual([
    'arn:aws:iam::123456789012:mfa/alice',
    'arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGHIJKLMNOP',
    'GAHT12345678',
  ]);
  expect(text).toContain(
    '<UserName>alice</UserName>\n<SerialNumber>arn:aws:iam::123456789012:mfa/alice</SerialNumber>\n<EnableDate>2023-05-06T07:08:09Z</EnableDate>',
  );
  expect(text).toContain('<IsTruncated>false</IsTruncated>');
});

test('of another user, of nobody', async () => {
  expect((await list(keysOf(alice), { UserName: 'bob' })).text).toContain('mfa/bob<');
  expect(await list(keysOf(alice), { UserName: 'nobody' })).toMatchObject({
    status: 404,
    code: 'NoSuchEntity',
    message: 'The user with name nobody cannot be found.',
  });
});

test('a user may be denied it', async () => {
  expect(await list(keysOf(bob))).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message:
      'User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:ListMFADevices on resource: user bob because no identity-based policy allows the iam:ListMFADevices action',
  });
});

test('IAM is signed for itself and in one region', async () => {
  expect(await list(keysOf(alice), {}, { service: 'sts' })).toMatchObject({
    message: "Credential should be scoped to correct service: 'iam'. ",
  });
  expect(await list(keysOf(alice), {}, { region: 'eu-central-1' })).toMatchObject({
    message: 'Credential should be scoped to a valid region. ',
  });
});

test('a session without MFA may not call IAM, and is told something else', async () => {
  const session = credentialsIn(await ask(sts.url, { Action: 'GetSessionToken' }, keysOf(alice)));
  expect(await list(session)).toMatchObject({ status: 403, code: 'InvalidClientTokenId' });
  const mfa = { SerialNumber: 'arn:aws:iam::123456789012:mfa/alice', TokenCode: sts.nextCode('alice') };
  const withMfa = credentialsIn(await ask(sts.url, { Action: 'GetSessionToken', ...mfa }, keysOf(alice)));
  expect(await list(withMfa)).toMatchObject({ status: 200 });
});

function list(credentials: CallerCredentials, params = {}, scope = {}) {
  const request = { Action: 'ListMFADevices', Version: '2010-05-08', ...params };
  return ask(sts.url, request, credentials, { service: 'iam', ...scope });
}
