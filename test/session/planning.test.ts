import { describe, expect, test } from 'vitest';
import type { Flags } from '../../src/cli/commands.ts';
import { settle } from '../../src/cli/settle.ts';
import { type KeysPlan, keyOf, type Step } from '../../src/session/plan.ts';
import { planOf } from '../../src/session/planning.ts';
import type { Environment } from '../../src/world.ts';
import { keys, refusal, resolver } from '../profile/resolving.ts';

const { load, resolve } = resolver();

const device = 'arn:aws:iam::123456789012:mfa/alice';
const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

const credentials = `[work]\n${keys('AKIAWORK')}
[temp]\n${keys('ASIATEMP')}aws_session_token = canary\n
[solo-long-term]\n${keys('AKIASOLO')}`;

const config = `[profile work]
region = eu-west-1
[profile ops]
role_arn = ${arn('ops')}
source_profile = work
region = eu-north-1
[profile far]
role_arn = ${arn('far')}
source_profile = ops
external_id = e-1
[profile long]
role_arn = ${arn('long')}
source_profile = work
duration_seconds = 7200
[profile far-of-long]
role_arn = ${arn('far')}
source_profile = long
[profile of-temp]
role_arn = ${arn('ops')}
source_profile = temp
[profile solo]
role_arn = ${arn('ops')}
[profile proc]
credential_process = true
[profile of-proc]
role_arn = ${arn('ops')}
source_profile = proc
[profile login]
login_session = arn
[profile of-login]
role_arn = ${arn('ops')}
source_profile = login
[profile from-env]
role_arn = ${arn('ops')}
credential_source = Environment
`;

interface Asked {
  readonly flags?: Flags;
  readonly env?: Environment;
  readonly serialNumber?: string | undefined;
}

function plan(name: string, { flags = {}, env = {}, serialNumber }: Asked = {}): Step {
  const files = { config, credentials };
  return planOf(resolve(files, name, env), {
    request: settle('env', name, flags, env),
    env,
    files: load(files),
    serialNumber,
  });
}

/** The whole plan, with an access key in place of the keys and a kind in place of the profile it provides for. */
function whole(step: Step | KeysPlan): unknown {
  if (step.step === 'keys') return { ...step, keys: step.keys.accessKeyId };
  if (step.step === 'provided') return { ...step, from: step.from.kind };
  const { askedSeconds: _, ...rest } = { askedSeconds: undefined, ...step };
  const { regionBy: __, regionOfProfile: ___, ...endpoint } = step.endpoint;
  return { ...rest, source: whole(step.source), endpoint };
}

const at = (region: string) => ({
  region,
  url: undefined,
  fips: false,
  dualStack: false,
  caBundle: undefined,
  attempts: 3,
});

const theKeys = (profile: string, id: string) => ({ step: 'keys', profile, keys: id });

const session = (serialNumber: string | undefined, durationSeconds = 43_200) => ({
  step: 'session',
  profile: 'work',
  source: theKeys('work', 'AKIAWORK'),
  serialNumber,
  durationSeconds,
  endpoint: at('eu-west-1'),
});

const role = (name: string, source: unknown, more: object = {}) => ({
  step: 'role',
  profile: name,
  source,
  role: {
    roleArn: arn(name),
    roleSessionName: undefined,
    externalId: undefined,
    sourceIdentity: undefined,
    tags: [],
    transitiveTagKeys: [],
    policy: undefined,
    policyArns: [],
  },
  serialNumber: undefined,
  ownCode: undefined,
  durationSeconds: 3600,
  endpoint: at('us-east-1'),
  ...more,
});

const ops = (source: unknown, more: object = {}) =>
  role('ops', source, { endpoint: at('eu-north-1'), ...more });
const far = (source: unknown) => {
  const plain = role('far', source, { endpoint: at('eu-north-1') });
  return { ...plain, role: { ...plain.role, externalId: 'e-1' } };
};
const long = (source: unknown, more: object = {}) =>
  role('long', source, { durationSeconds: 7200, endpoint: at('eu-west-1'), ...more });
const mfa: Asked = { serialNumber: device };

describe('the steps to a session', () => {
  test.for<readonly [string, string, Asked, unknown]>([
    ['of keys', 'work', mfa, session(device)],
    ['of keys without a device', 'work', {}, session(undefined)],
    [
      'of keys, for as long as is said',
      'work',
      { ...mfa, flags: { duration: '36h' } },
      session(device, 129_600),
    ],
    ['of a role: from the MFA session, in the region of its keys', 'ops', mfa, ops(session(device))],
    ['of a role without a device: from the keys', 'ops', {}, ops(theKeys('work', 'AKIAWORK'))],
    ['of a chain', 'far', mfa, far(ops(session(device)))],
    ['of a chain without a device', 'far', {}, far(ops(theKeys('work', 'AKIAWORK')))],
    [
      'of a long role',
      'long',
      mfa,
      long(theKeys('work', 'AKIAWORK'), { serialNumber: device, ownCode: 'longer' }),
    ],
    ['of a long role without a device', 'long', {}, long(theKeys('work', 'AKIAWORK'))],
    [
      'of a chain on a long role',
      'far-of-long',
      mfa,
      {
        ...role('far', long(theKeys('work', 'AKIAWORK'), { serialNumber: device, ownCode: 'longer' }), {
          endpoint: at('eu-west-1'),
        }),
        profile: 'far-of-long',
      },
    ],
    [
      'with --no-session',
      'ops',
      { ...mfa, flags: { 'no-session': true } },
      ops(theKeys('work', 'AKIAWORK'), { serialNumber: device, ownCode: 'no-session' }),
    ],
    [
      'with --no-session, of a chain: MFA on the first hop',
      'far',
      { ...mfa, flags: { 'no-session': true } },
      far(ops(theKeys('work', 'AKIAWORK'), { serialNumber: device, ownCode: 'no-session' })),
    ],
    [
      'with --duration: of the role, not of the MFA session',
      'ops',
      { ...mfa, flags: { duration: '30m' } },
      ops(session(device), { durationSeconds: 1800 }),
    ],
    [
      'with --duration, of a chain: of the last hop',
      'far',
      { ...mfa, flags: { duration: '30m' } },
      { ...far(ops(session(device))), durationSeconds: 1800 },
    ],
    [
      'from temporary keys',
      'of-temp',
      mfa,
      {
        ...role('ops', theKeys('temp', 'ASIATEMP'), { serialNumber: device, ownCode: 'temporary' }),
        profile: 'of-temp',
      },
    ],
    ['from NAME-long-term', 'solo', {}, { ...role('ops', theKeys('solo', 'AKIASOLO')), profile: 'solo' }],
    [
      'from the environment',
      'from-env',
      { env: { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'canary' } },
      { ...role('ops', theKeys('from-env', 'AKIAENV')), profile: 'from-env' },
    ],
    ['from `aws login`', 'login', mfa, { step: 'provided', profile: 'login', from: 'login' }],
    [
      'of a role from `aws login`',
      'of-login',
      mfa,
      { ...role('ops', { step: 'provided', profile: 'login', from: 'login' }), profile: 'of-login' },
    ],
  ])('%s', ([, name, asked, expected]) => {
    expect(whole(plan(name, asked))).toStrictEqual(expected);
  });

  test('of a role from a program, above an hour: MFA on AssumeRole itself, as for keys in a file', () => {
    const step = plan('of-proc', { ...mfa, flags: { duration: '2h' } });
    expect(step).toMatchObject({ step: 'role', serialNumber: device, source: { step: 'provided' } });
  });
});

describe('what is refused before anything is sent', () => {
  test.for<readonly [string, string, string, number]>([
    ['far', '2h', 'duration-out-of-range', 2],
    ['of-temp', '3601', 'duration-out-of-range', 2],
    ['ops', '43201', 'duration-out-of-range', 2],
    ['ops', '14m', 'duration-out-of-range', 2],
    ['work', '37h', 'duration-out-of-range', 2],
    ['ops', 'soon', 'bad-duration', 2],
    ['temp', '1h', 'session-keys', 3],
  ])('%s for %s: %s', ([name, duration, code, exit]) => {
    expect(refusal(() => plan(name, { ...mfa, flags: { duration } }))).toMatchObject({ code, exit });
  });
});

test('no secret is part of a key, and who asks is not either', () => {
  expect(keyOf(plan('far', mfa))).not.toContain('canary');
  const same = plan('far', { ...mfa, flags: { 'external-id': 'e-1' } });
  expect(keyOf(same)).toBe(keyOf(plan('far', mfa)));
});
