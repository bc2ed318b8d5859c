import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/world.ts';
import { alice, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { type Home, keysSection, makeHome } from '../support/home.ts';
import { fakeTerminal, run } from '../support/world.ts';

const config = `[profile work]
mfa_serial = arn:aws:iam::123456789012:mfa/alice
region = eu-central-1
[profile prod]
region = us-west-2
`;

const noon = Date.parse('2026-11-21T12:00:00Z');

/** What `use` leaves in a shell, with an hour to go. */
const held = {
  AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'canary-secret',
  AWS_SESSION_TOKEN: 'canary-token',
  AWS_CREDENTIAL_EXPIRATION: '2026-11-21T13:00:00Z',
  AWS_REGION: 'eu-central-1',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWSMFA_PROFILE: 'work',
  AWSMFA_EXPIRES_AT: String(noon / 1000 + 3600),
};

let home: Home;
let sts: LocalSts;
beforeAll(async () => {
  home = makeHome({ config, credentials: keysSection('work', alice) });
  sts = await startLocalSts({ users });
});
beforeEach(() => {
  rmSync(home.cache, { recursive: true, force: true });
  sts.forgetSpentCodes();
  sts.clearFaults();
});
afterAll(() => sts.close());

const status = (env: Environment, ...argv: readonly string[]) =>
  run(['status', ...argv], { home, env, now: () => noon });

interface Told {
  readonly problems: readonly { readonly code: string; readonly message: string; readonly hint: string }[];
}

async function codes(env: Environment): Promise<readonly string[]> {
  const { exit, stdout, stderr } = await status(env, '--json');
  expect([exit, stderr]).toEqual([0, []]);
  const { problems } = JSON.parse(stdout) as Told;
  for (const { message, hint } of problems) {
    expect(message).toMatch(/[^.]$/);
    expect(hint).not.toBe('');
  }
  return problems.map(({ code }) => code);
}

describe('a session without problems', () => {
  test('for people', async () => {
    expect(await status(held)).toEqual({
      exit: 0,
      stdout: `profile     work
access key  ASIAIOSFODNN7EXAMPLE
region      eu-central-1
expires     13:00 UTC (1h left)
`,
      stderr: [],
    });
  });

  test('for programs', async () => {
    const { stdout } = await status(held, '--json');
    expect(JSON.parse(stdout)).toEqual({
      profile: 'work',
      access_key_id: 'ASIAIOSFODNN7EXAMPLE',
      region: 'eu-central-1',
      expiration: '2026-11-21T13:00:00Z',
      expires_in: 3600,
      problems: [],
    });
  });

  test('is what use leaves behind', async () => {
    const setting = {
      home,
      env: { AWS_ENDPOINT_URL_STS: sts.url, AWSMFA_TOKEN_CODE: sts.nextCode('alice') },
    };
    const { stdout } = await run(['env', 'work', '--format', 'json'], setting);
    const after = await run(['status', '--json'], { home, env: JSON.parse(stdout) });
    expect(JSON.parse(after.stdout).problems).toEqual([]);
  });
});

test('a scope, and an old name of a key', async () => {
  const env = { ...held, AWSMFA_SCOPE: 'read-only', AWS_ACCESS_KEY: 'AKIAOLD' };
  expect(JSON.parse((await status(env, '--json')).stdout)).toMatchObject({
    scope: 'read-only',
    problems: [{ code: 'old-names', message: 'AWS_ACCESS_KEY: some SDKs read this before the session' }],
  });
});

test('a shell that holds nothing', async () => {
  expect((await status({})).stdout).toBe(`This shell holds no session.
profile     -
access key  -
region      -
expires     -

! No region is set: most commands will ask for one
  Export AWS_REGION, or add region to the profile: aws configure set region NAME --profile PROFILE
`);
  const { stdout } = await status({ AWS_PROFILE: 'prod' }, '--json');
  expect(JSON.parse(stdout)).toEqual({
    profile: null,
    access_key_id: null,
    region: 'us-west-2',
    expiration: null,
    expires_in: null,
    problems: [],
  });
});

describe('problems', () => {
  test.for<readonly [string, Environment, readonly string[]]>([
    ['keys and AWS_PROFILE together', { AWS_PROFILE: 'prod' }, ['profile-and-keys']],
    ['another security token', { AWS_SECURITY_TOKEN: 'canary-older-token' }, ['tokens-differ']],
    ['the same security token', { AWS_SECURITY_TOKEN: 'canary-token' }, []],
    [
      'a security token alone',
      { AWS_SESSION_TOKEN: '', AWS_SECURITY_TOKEN: 'canary-token' },
      ['tokens-differ'],
    ],
    [
      'an expired session',
      { AWS_CREDENTIAL_EXPIRATION: '2026-11-21T11:00:00Z', AWSMFA_EXPIRES_AT: String(noon / 1000 - 3600) },
      ['expired'],
    ],
    ['no region', { AWS_REGION: '', AWS_DEFAULT_REGION: '' }, ['no-region']],
    ['two regions', { AWS_DEFAULT_REGION: 'us-east-1' }, ['regions-differ']],
    [
      'two profiles that differ',
      {
        AWS_ACCESS_KEY_ID: '',
        AWSMFA_PROFILE: '',
        AWSMFA_EXPIRES_AT: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_PROFILE: 'prod',
        AWS_DEFAULT_PROFILE: 'work',
      },
      ['profiles-differ'],
    ],
    [
      'a web identity and a profile',
      {
        AWS_ACCESS_KEY_ID: '',
        AWSMFA_PROFILE: '',
        AWSMFA_EXPIRES_AT: '',
        AWS_SECRET_ACCESS_KEY: '',
        AWS_PROFILE: 'prod',
        AWS_WEB_IDENTITY_TOKEN_FILE: '/t',
      },
      ['web-identity-and-profile'],
    ],
    ['older names of keys', { AWS_ACCESS_KEY: 'x', AWS_SECRET_KEY: 'y' }, ['old-names']],
    ['leftovers of another tool', { AWS_VAULT: 'x', AWSUME_PROFILE: 'y' }, ['other-tool']],
    [
      'long-term keys',
      { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SESSION_TOKEN: '', AWSMFA_PROFILE: '' },
      ['long-term-keys'],
    ],
    ['a session key without its token', { AWS_SESSION_TOKEN: '' }, ['no-token']],
    ['half a pair', { AWS_SECRET_ACCESS_KEY: '' }, ['half-a-key']],
    ['the other half', { AWS_ACCESS_KEY_ID: '', AWSMFA_PROFILE: '', AWSMFA_EXPIRES_AT: '' }, ['half-a-key']],
    ['a profile without keys', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, ['no-keys']],
    ['keys with another end', { AWS_CREDENTIAL_EXPIRATION: '2026-11-21T12:30:00Z' }, ['other-keys']],
    ['keys without an end', { AWSMFA_EXPIRES_AT: '' }, ['other-keys']],
    ['an end that is none', { AWSMFA_EXPIRES_AT: '99999999999999999' }, ['other-keys']],
    ['a missing profile', { AWS_PROFILE: 'nosuch' }, ['profile-and-keys', 'missing-profile']],
    ['a missing default', { AWS_DEFAULT_PROFILE: 'nosuch' }, ['missing-profile']],
    ['a held profile that is gone', { AWSMFA_PROFILE: 'gone' }, ['missing-profile']],
    ['keys from the environment', { AWSMFA_PROFILE: '(environment)' }, []],
    ['an empty profile', { AWS_PROFILE: '' }, ['empty-profile']],
    ['a file that cannot be read', { AWS_CONFIG_FILE: '/' }, ['unreadable-file']],
  ])('%s', async ([, env, expected]) => {
    expect(await codes({ ...held, ...env })).toEqual(expected);
  });

  test('keys that are not those of the session in the cache', async () => {
    const before = { AWS_ENDPOINT_URL_STS: sts.url, AWSMFA_TOKEN_CODE: sts.nextCode('alice') };
    const { stdout } = await run(['env', 'work', '--format', 'json'], { home, env: before });
    const { AWSMFA_EXPIRES_AT, AWS_CREDENTIAL_EXPIRATION } = JSON.parse(stdout);
    expect(
      await codes({ ...held, AWSMFA_EXPIRES_AT, AWS_CREDENTIAL_EXPIRATION, AWS_ENDPOINT_URL_STS: sts.url }),
    ).toEqual(['other-keys']);
  });

  test('each is told, with a hint, and still the status is 0', async () => {
    const { exit, stdout } = await status({
      ...held,
      AWS_PROFILE: 'a\u001b[31mb',
      AWS_SECURITY_TOKEN: 'canary-older-token',
      AWS_CREDENTIAL_EXPIRATION: '2026-11-21T11:59:00Z',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_VAULT: 'x',
    });
    expect(exit).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect(stdout).not.toContain('canary');
  });

  test('in colours, on a terminal', async () => {
    const setting = { home, now: () => noon, stdoutIsTerminal: true, terminal: fakeTerminal() };
    const { stdout } = await run(['status'], { ...setting, env: { ...held, AWS_REGION: 'x' } });
    expect(stdout).toContain('(\u001b[32m1h left\u001b[39m)');
    const soon = { ...held, AWSMFA_EXPIRES_AT: String(noon / 1000 + 300) };
    const due = { ...soon, AWS_CREDENTIAL_EXPIRATION: '2026-11-21T12:05:00Z' };
    expect((await run(['status'], { ...setting, env: due })).stdout).toContain(
      '(\u001b[33m5m left\u001b[39m)',
    );
    expect(stdout).toContain('\u001b[33m!\u001b[39m AWS_REGION is x');
    const { stdout: none } = await run(['status'], { ...setting, env: { ...held, NO_COLOR: '1' } });
    expect(none).not.toContain('\u001b');
  });
});

describe('--verify', () => {
  async function session(): Promise<Record<string, string>> {
    const env = { AWS_ENDPOINT_URL_STS: sts.url, AWSMFA_TOKEN_CODE: sts.nextCode('alice') };
    const { stdout } = await run(['env', 'work', '--format', 'json'], { home, env });
    return { AWS_ENDPOINT_URL_STS: sts.url, ...JSON.parse(stdout) };
  }
  const verify = (env: Environment, ...argv: readonly string[]) =>
    run(['status', '--verify', ...argv], { home, env });

  test('says who STS says it is', async () => {
    const env = await session();
    const before = sts.requests.length;
    const { exit, stdout } = await verify(env, '--json');
    const { account, arn, problems } = JSON.parse(stdout);
    expect({ exit, account, arn, problems }).toEqual({
      exit: 0,
      account: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/alice',
      problems: [],
    });
    expect(sts.requests.slice(before).map(({ action }) => action)).toEqual(['GetCallerIdentity']);
    expect((await verify(env)).stdout).toContain('arn         arn:aws:iam::123456789012:user/alice\n');
  });

  test('an expired session is refused, clearly', async () => {
    sts.sessionSeconds = 600;
    const env = await session();
    Object.assign(sts, { sessionSeconds: undefined, clockOffsetMs: 600_000 });
    const refused = await verify(env);
    sts.clockOffsetMs = 0;
    expect(refused).toEqual({
      exit: 5,
      stdout: '',
      stderr: ['awsmfa: The session of this shell has expired', '  Run: awsmfa use'],
    });
  });

  test('keys that AWS does not know', async () => {
    const { exit, stderr } = await verify({ ...held, AWS_ENDPOINT_URL_STS: sts.url });
    expect([exit, stderr[0]]).toEqual([
      5,
      'awsmfa: AWS does not know the keys of this shell: deleted, disabled, or of another partition',
    ]);
  });

  test('nothing to verify', async () => {
    expect(await verify({})).toEqual({
      exit: 1,
      stdout: '',
      stderr: [
        'awsmfa: This shell holds no keys that STS could be asked about',
        '  Get a session: awsmfa use',
      ],
    });
  });

  test('nobody there', async () => {
    const { exit, stderr } = await verify(
      { ...held, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' },
      '--json',
    );
    expect([exit, JSON.parse(stderr[0] ?? '').error.code]).toEqual([6, 'unreachable']);
  });
});

test('takes no argument', async () => {
  expect((await run(['status', 'work'], { home })).exit).toBe(2);
  expect((await run(['list', '--verify'], { home })).exit).toBe(2);
});
