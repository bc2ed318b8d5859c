import { expect, test, vi } from 'vitest';
import { chinese } from '../../tools/local-sts/sample.ts';
import { limitsOfCalls } from '../support/calls.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import { type Refused, refusals } from './answers.ts';

const at = stage();

/** What `awsmfa login work` says in the end, and the calls that it took. */
async function told(argv: readonly string[], env: Record<string, string> = {}) {
  const setting = { env: { AWSMFA_TOKEN_CODE: at.code(), ...env } };
  const { exit, stderr } = await at.run(['login', 'work', ...argv], setting);
  return { exit, stderr, calls: at.calls().map(({ action }) => action) };
}

const twice = ['GetSessionToken', 'GetCallerIdentity'];

test('a device of another account', async () => {
  expect(await told(['--device', 'arn:aws:iam::222233334444:mfa/alice'])).toEqual({
    exit: 5,
    stderr: [
      'awsmfa: The MFA device arn:aws:iam::222233334444:mfa/alice belongs to account 222233334444, and the access key AKIA…MPLE of profile "work" belongs to account 123456789012',
      `  Its device is most likely ${aliceSerial}. IAM, Users, Security credentials lists its devices.`,
    ],
    calls: twice,
  });
});

test('a device of another user, and one that nobody has', async () => {
  const user = 'arn:aws:iam::123456789012:user/alice';
  expect(await told(['--device', 'arn:aws:iam::123456789012:mfa/bob'])).toMatchObject({
    exit: 5,
    stderr: [
      `awsmfa: ${user} (profile "work") has no MFA device arn:aws:iam::123456789012:mfa/bob`,
      `  Its device is most likely ${aliceSerial}. IAM, Users, Security credentials lists its devices.`,
    ],
  });
  expect(await told(['--device', 'GAHT99999999'])).toMatchObject({
    exit: 5,
    stderr: [`awsmfa: ${user} (profile "work") has no MFA device GAHT99999999`, expect.any(String)],
  });
});

test('a device that is the guess already', async () => {
  at.sts.fault({ answer: answerOf('mfa-bad-serial') }, { action: 'GetSessionToken' });
  expect((await told([])).stderr[1]).toBe(
    '  Look up which devices arn:aws:iam::123456789012:user/alice has: IAM, Users, Security credentials.',
  );
});

test('a key that is known, and not in this region', async () => {
  at.sts.fault({ answer: answerOf('invalid-client-token') }, { action: 'GetSessionToken' });
  expect(await told(['--region', 'eu-south-1'])).toEqual({
    exit: 5,
    stderr: [
      'awsmfa: eu-south-1 is not enabled for account 123456789012 of profile "work": STS knows its keys in other regions only',
      '  Use another region with --sts-region, or ask an administrator to enable it in the account settings.',
    ],
    calls: twice,
  });
});

test('a key that is not known anywhere', async () => {
  const answer = answerOf('invalid-client-token');
  at.sts.fault({ answer }, { times: Number.POSITIVE_INFINITY });
  expect(await told(['--region', 'eu-south-1'])).toMatchObject({
    exit: 5,
    stderr: [
      'awsmfa: AWS does not know the access key AKIA…MPLE of profile "work" in eu-south-1: deleted, disabled, or of another partition',
      expect.any(String),
    ],
    calls: twice,
  });
});

test('a key of another partition, as its device tells without a call', async () => {
  const home = makeHome({
    config: '[profile work]\nmfa_serial = arn:aws-cn:iam::999999999999:mfa/li\nregion = us-east-1\n',
    credentials: keysSection('work', chinese),
  });
  const { exit, stderr } = await at.run(['login', 'work'], { home, env: { AWSMFA_TOKEN_CODE: '123456' } });
  expect({ exit, stderr, calls: at.calls().length }).toEqual({
    exit: 5,
    stderr: [
      'awsmfa: AWS does not know the access key AKIA…CNCN of profile "work" in us-east-1, which is in the partition aws; arn:aws-cn:iam::999999999999:mfa/li is in aws-cn',
      '  Set the region of the profile to a region of aws-cn, such as cn-north-1.',
    ],
    calls: 1,
  });
});

test.for<[string, string, string]>([
  ['cn-north-1', '', 'the region of the profile, cn-north-1, is in aws-cn'],
  [
    'cn-north-1',
    'mfa_serial = arn:aws-cn:iam::999999999999:mfa/li',
    'arn:aws-cn:iam::999999999999:mfa/li is in aws-cn',
  ],
])('a variable that contradicts the partition of the profile is named', async ([region, more, evidence]) => {
  const home = makeHome({
    config: `[profile work]\nregion = ${region}\n${more}\n`,
    credentials: keysSection('work', chinese),
  });
  const env = { AWS_REGION: 'us-east-1', AWSMFA_TOKEN_CODE: '123456' };
  const { exit, stderr } = await at.run(['login', 'work', '--json'], { home, env });
  const { error } = JSON.parse(stderr.at(-1) ?? '');
  expect({ exit, code: error.code, hint: error.hint }).toEqual({
    exit: 5,
    code: 'wrong-partition',
    hint: 'Leave AWS_REGION out, or set it to a region of aws-cn, such as cn-north-1.',
  });
  expect(error.message).toContain(`in us-east-1 (AWS_REGION), which is in the partition aws; ${evidence}`);
});

test('who does not answer is not waited for', async () => {
  at.sts.fault({ slow: 120_000 }, { action: 'GetCallerIdentity' });
  const limits = limitsOfCalls(10);
  expect(await told(['--device', 'GAHT99999999'])).toMatchObject({
    exit: 5,
    stderr: [
      'awsmfa: AWS knows no MFA device GAHT99999999 for the user of profile "work"',
      expect.stringContaining('IAM, Users, Security credentials'),
    ],
  });
  vi.restoreAllMocks();
  expect(limits).toEqual([3000]);
});

test('AWS’s own words and the request ID are there with --debug', async () => {
  const { stderr } = await told(['--device', 'GAHT99999999', '--debug']);
  expect(stderr).toContainEqual(
    expect.stringMatching(
      /^debug: HTTP 403, request [\w-]{36}: AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code\. {2}Please verify/,
    ),
  );
});

function answerOf(id: string) {
  const { status, body, contentType } = refusals.find((refused) => refused.id === id) as Refused;
  return { status, body, headers: { 'content-type': contentType } };
}
