import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallerCredentials } from '../../tools/local-sts/caller.ts';
import { alice, ask, bob, credentialsIn, keysOf, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { textOf } from '../../tools/local-sts/xml.ts';

const guarded = { ...bob, name: 'grace', deniedWithoutMfa: ['iam:*AccessKey*'] };
let sts: LocalSts;
let now = Date.parse('2026-11-28T10:00:00Z');
beforeEach(async () => {
  const keys = [{ id: 'AKIAGRACEGRACEGRACE1', secret: 'grace-secret' }];
  sts = await startLocalSts({ users: [...users, { ...guarded, accessKeys: keys }], now: () => now });
});
afterEach(() => sts.close());

test('a new key works, the old one can be switched off and deleted', async () => {
  const made = await iam({ Action: 'CreateAccessKey' }, keysOf(alice));
  const fresh = keysIn(made.text);
  expect(fresh.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(await whoIs(fresh)).toMatchObject({ ok: true, arn: 'arn:aws:iam::123456789012:user/alice' });
  const old = { AccessKeyId: keysOf(alice).accessKeyId };
  const off = await iam({ Action: 'UpdateAccessKey', Status: 'Inactive', ...old }, fresh);
  expect(off).toMatchObject({ status: 200 });
  expect(off.text).not.toContain('UpdateAccessKeyResult');
  expect(await whoIs(keysOf(alice))).toMatchObject({ ok: false, code: 'InvalidClientTokenId' });
  expect(statuses((await iam({ Action: 'ListAccessKeys' }, fresh)).text)).toEqual(['Inactive', 'Active']);
  expect(await iam({ Action: 'DeleteAccessKey', ...old }, fresh)).toMatchObject({ status: 200 });
  expect(await iam({ Action: 'DeleteAccessKey', ...old }, fresh)).toMatchObject({
    status: 404,
    message: `The Access Key with id ${old.AccessKeyId} cannot be found.`,
  });
  expect(sts.accessKeys('alice').map(({ id }) => id)).toEqual([fresh.accessKeyId]);
});

test('two keys at most, inactive ones included', async () => {
  const { text } = await iam({ Action: 'CreateAccessKey' }, keysOf(alice));
  const id = keysIn(text).accessKeyId;
  await iam({ Action: 'UpdateAccessKey', Status: 'Inactive', AccessKeyId: id }, keysOf(alice));
  expect(await iam({ Action: 'CreateAccessKey' }, keysOf(alice))).toMatchObject({
    status: 409,
    code: 'LimitExceeded',
    message: 'Cannot exceed quota for AccessKeysPerUser: 2',
  });
});

test('on demand IAM and STS take notice seconds later, of a new key and of one that was switched off', async () => {
  sts.iamDelayMs = 5000;
  const fresh = keysIn((await iam({ Action: 'CreateAccessKey' }, keysOf(alice))).text);
  expect(await whoIs(fresh)).toMatchObject({ ok: false, code: 'InvalidClientTokenId' });
  now += 5000;
  expect(await whoIs(fresh)).toMatchObject({ ok: true });
  const old = { AccessKeyId: keysOf(alice).accessKeyId };
  await iam({ Action: 'UpdateAccessKey', Status: 'Inactive', ...old }, fresh);
  expect(await whoIs(keysOf(alice))).toMatchObject({ ok: true });
  now += 5000;
  expect(await whoIs(keysOf(alice))).toMatchObject({ ok: false });
});

test('when and where a key was last used', async () => {
  const { accessKeyId: AccessKeyId } = keysOf(bob);
  const asking = { Action: 'GetAccessKeyLastUsed', AccessKeyId };
  const never = (await iam(asking, keysOf(alice))).text;
  expect(never).not.toContain('LastUsedDate');
  expect(textOf(never, 'ServiceName')).toBe('N/A');
  await whoIs(keysOf(bob));
  const used = (await iam(asking, keysOf(alice))).text;
  expect(textOf(used, 'ServiceName')).toBe('sts');
  expect(textOf(used, 'UserName')).toBe('bob');
});

test('a policy that wants MFA: the keys alone are denied, the MFA session is not', async () => {
  const grace = { accessKeyId: 'AKIAGRACEGRACEGRACE1', secretAccessKey: 'grace-secret' };
  expect(await iam({ Action: 'CreateAccessKey' }, grace)).toMatchObject({
    status: 403,
    message:
      'User: arn:aws:iam::123456789012:user/grace is not authorized to perform: iam:CreateAccessKey on resource: user grace with an explicit deny in an identity-based policy',
  });
  const mfa = { SerialNumber: 'arn:aws:iam::123456789012:mfa/bob', TokenCode: sts.nextCode('bob') };
  const session = credentialsIn(await ask(sts.url, { Action: 'GetSessionToken', ...mfa }, grace, { now }));
  expect(await iam({ Action: 'CreateAccessKey', UserName: 'grace' }, session)).toMatchObject({ status: 200 });
  // IAM does not take the user from temporary credentials here.
  expect(await iam({ Action: 'ListAccessKeys' }, session)).toMatchObject({ code: 'ValidationError' });
});

function iam(params: Record<string, string>, caller: CallerCredentials) {
  return ask(sts.url, { Version: '2010-05-08', ...params }, caller, { service: 'iam', now });
}

async function whoIs(caller: CallerCredentials) {
  const { status, code, text } = await ask(sts.url, { Action: 'GetCallerIdentity' }, caller, { now });
  return { ok: status === 200, code, arn: textOf(text, 'Arn') };
}

function keysIn(text: string): CallerCredentials {
  return {
    accessKeyId: textOf(text, 'AccessKeyId') ?? '',
    secretAccessKey: textOf(text, 'SecretAccessKey') ?? '',
  };
}

function statuses(text: string): readonly (string | undefined)[] {
  return [...text.matchAll(/<Status>(\w+)</g)].map(([, status]) => status);
}
