import { describe, expect, test } from 'vitest';
import { deviceOfUser, Secret } from '../../src/credentials.ts';
import { discoverDevices, isUsable } from '../../src/mfa/find-device.ts';
import type { StsEndpoint } from '../../src/sts/endpoint.ts';
import type { User } from '../../tools/local-sts/directory.ts';
import { alice, bob, chinese, keysOf, root } from '../../tools/local-sts/sample.ts';
import { aliceSerial, stage } from '../support/stage.ts';

const at = stage();

/** @param iam where IAM is, when it is not where STS is */
async function discovered(user: User, { region = 'eu-central-1', iam = at.sts.url, secret = '' } = {}) {
  const { accessKeyId, secretAccessKey } = keysOf(user);
  const keys = {
    accessKeyId,
    secretAccessKey: new Secret(secret || secretAccessKey),
    sessionToken: undefined,
  };
  const place = (url: string): StsEndpoint => ({
    region,
    url,
    fips: false,
    dualStack: false,
    caBundle: undefined,
    attempts: 3,
  });
  const debug: string[] = [];
  const found = await discoverDevices(
    keys,
    { iam: place(iam), sts: place(at.sts.url) },
    { now: Date.now },
    'work',
    (line) => debug.push(line),
  );
  return { ...found, debug, calls: at.calls().map(({ action }) => action) };
}

const nothing = { usable: [], unusable: [], guess: undefined, denied: false };

describe('what IAM lists', () => {
  test('virtual devices and hardware tokens are usable, security keys are not', async () => {
    const key = 'arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGHIJKLMNOP';
    expect(await discovered(alice)).toEqual({
      usable: [aliceSerial, 'GAHT12345678'],
      unusable: [key],
      guess: undefined,
      denied: false,
      debug: [`ListMFADevices: ${aliceSerial}, ${key}, GAHT12345678`],
      calls: ['ListMFADevices'],
    });
  });

  test('may be nothing', async () => {
    expect(await discovered(root)).toMatchObject({ ...nothing, debug: ['ListMFADevices: none'] });
  });

  test('China has an IAM of its own, signed for a region of its own', async () => {
    expect(await discovered(chinese, { region: 'cn-northwest-1' })).toMatchObject(nothing);
  });
});

describe('where IAM does not tell', () => {
  test('a guess is made from the name of the user', async () => {
    const found = await discovered(bob);
    expect(found).toMatchObject({
      usable: [],
      unusable: [],
      guess: 'arn:aws:iam::123456789012:mfa/bob',
      denied: true,
      calls: ['ListMFADevices', 'GetCallerIdentity'],
    });
    expect(found.debug[0]).toMatch(/^ListMFADevices: HTTP 403, request [\w-]{36}: AccessDenied: User: /);
  });

  test('or cannot be reached', async () => {
    expect(await discovered(alice, { iam: 'http://127.0.0.1:9' })).toMatchObject({
      guess: aliceSerial,
      denied: true,
      calls: ['GetCallerIdentity'],
    });
  });

  test('keys that STS does not take either end it', async () => {
    await expect(discovered(alice, { secret: 'wrong' })).rejects.toMatchObject({
      exit: 5,
      code: 'wrong-secret',
    });
  });
});

test.for([
  ['arn:aws:iam::123456789012:user/alice', 'arn:aws:iam::123456789012:mfa/alice'],
  ['arn:aws-cn:iam::123456789012:user/division/team/li', 'arn:aws-cn:iam::123456789012:mfa/li'],
  ['arn:aws-us-gov:iam::123456789012:root', 'arn:aws-us-gov:iam::123456789012:mfa/root-account-mfa-device'],
  ['arn:aws:sts::123456789012:assumed-role/ops/session', undefined],
  ['arn:aws:sts::123456789012:federated-user/alice', undefined],
  ['arn:aws:iam::123456789012:mfa/alice', undefined],
] as const)('the device of %s is most likely %s', ([arn, device]) => {
  expect(deviceOfUser(arn)).toBe(device);
});

test.for([
  [aliceSerial, true],
  ['arn:aws:iam::123456789012:mfa/root-account-mfa-device', true],
  ['arn:aws-us-gov:iam::123456789012:mfa/gov', true],
  ['GAHT12345678', true],
  ['arn:aws:iam::123456789012:u2f/user/alice/passkey-NSSQURFMVVHQLMHYNZQJFH4EHM', false],
  ['arn:aws:iam::123456789012:u2f/root-account/key-NSSQURFMVVHQLMHYNZQJFH4EHM', false],
  ['arn:aws:iam::123456789012:sms-mfa/alice', false],
] as const)('%s can give codes: %s', ([serial, usable]) => {
  expect(isUsable(serial)).toBe(usable);
});
