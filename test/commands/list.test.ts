import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alice, bob, roles, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { type Home, keysSection, makeHome } from '../support/home.ts';
import { fakeTerminal, run, type Setting } from '../support/world.ts';

const serial = 'arn:aws:iam::123456789012:mfa/alice';

const config = `[default]
region = us-east-1

[profile work]
mfa_serial = ${serial}
region = eu-central-1
duration_seconds = 12h

[profile ops]
role_arn = arn:aws:iam::123456789012:role/team/ops
source_profile = work
mfa_serial = ${serial}

[profile far]
role_arn = arn:aws:iam::222222222222:role/second-hop
source_profile = ops
region = ap-southeast-2
duration_seconds = 3600

[profile machine]
role_arn = arn:aws:iam::123456789012:role/open
credential_source = Ec2InstanceMetadata

[profile program]
credential_process = /bin/true

[profile dev]
sso_session = company
sso_account_id = 333333333333
sso_role_name = Developer
[sso-session company]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1

[profile web]
web_identity_token_file = /token
role_arn = arn:aws:iam::123456789012:role/open

[profile console]
login_session = arn:aws:iam::123456789012:user/alice

[profile lost]
role_arn = arn:aws:iam::123456789012:role/open
source_profile = nobody
[profile round]
role_arn = arn:aws:iam::123456789012:role/open
source_profile = round
[profile half]
sso_session = nosuch
sso_account_id = 333333333333
[profile fido]
mfa_serial = arn:aws:iam::123456789012:u2f/user/alice/key
`;

const credentials = `${keysSection('work', alice)}
${keysSection('play', bob)}
[broken]
aws_access_key_id = AKIABROKENBROKENBROK
[yesterday]
aws_access_key_id = ASIAYESTERDAYYESTERD
aws_secret_access_key = canary-yesterday
aws_session_token = canary-token
${keysSection('old-long-term', alice)}aws_mfa_device = ${serial}
${keysSection('both-long-term', alice)}
[both]
aws_access_key_id = ASIAYESTERDAYYESTERD
aws_secret_access_key = canary-yesterday
aws_session_token = canary-token
${keysSection('fido', alice)}
`;

let home: Home;
let sts: LocalSts;
beforeAll(async () => {
  home = makeHome({ config, credentials });
  sts = await startLocalSts({ users, roles });
});
beforeEach(() => {
  rmSync(home.cache, { recursive: true, force: true });
  sts.forgetSpentCodes();
});
afterAll(() => sts.close());

const here = (argv: readonly string[], setting: Setting = {}) =>
  run(argv, { home, ...setting, env: { AWS_ENDPOINT_URL_STS: sts.url, ...setting.env } });
const withCode = (argv: readonly string[], setting: Setting = {}) =>
  here(argv, { ...setting, env: { AWSMFA_TOKEN_CODE: sts.nextCode('alice'), ...setting.env } });

interface Listed {
  readonly profile: string;
  readonly mfa_serial: string | null;
  readonly session: { readonly expiration: string; readonly expires_in: number } | null;
}

async function listed(env: Setting['env'] = {}): Promise<readonly Listed[]> {
  const { exit, stdout, stderr } = await here(['list', '--json'], { env });
  expect([exit, stderr]).toEqual([0, []]);
  return JSON.parse(stdout);
}

async function withSession(env: Setting['env'] = {}): Promise<readonly string[]> {
  return (await listed(env)).filter(({ session }) => session).map(({ profile }) => profile);
}

describe('every kind of profile', () => {
  test('as a table, in file order', async () => {
    const { exit, stdout, stderr } = await here(['list']);
    expect([exit, stderr]).toEqual([0, []]);
    expect(stdout).toMatchSnapshot();
  });

  test('as JSON', async () => {
    const { stdout } = await here(['list', '--json']);
    expect(stdout).toMatchSnapshot();
  });

  test('and nothing is asked and nothing sent', async () => {
    const before = sts.requests.length;
    const terminal = fakeTerminal('nothing');
    await here(['list'], { terminal, stdoutIsTerminal: true });
    expect([sts.requests.length - before, terminal.shown(), home.cached('')]).toEqual([0, '', []]);
  });

  test('lists what can be typed: each name is one that env knows', async () => {
    for (const { profile } of await listed()) {
      const { stderr } = await here(['env', profile, '--no-prompt', '--serial-number', 'x']);
      expect(stderr.join('\n')).not.toContain('No profile');
    }
  });
});

describe('the session is the one that env would use', () => {
  test('of keys, and of a role', async () => {
    expect(await withSession()).toEqual([]);
    await withCode(['login', 'work']);
    // `old` has the same key and device.
    expect(await withSession()).toEqual(['work', 'old']);
    await here(['login', 'ops']);
    expect(await withSession()).toEqual(['work', 'ops', 'old']);
    const work = (await listed())[1]?.session;
    const { AWS_CREDENTIAL_EXPIRATION } = JSON.parse(
      (await here(['env', 'work', '--format', 'json'])).stdout,
    );
    expect(work?.expiration).toBe(AWS_CREDENTIAL_EXPIRATION);
    expect(work?.expires_in).toBeGreaterThan(12 * 3600 - 60);
  });

  test('with the same variables', async () => {
    await withCode(['login', 'work']);
    for (const env of [{ AWSMFA_DURATION: '1h' }, { AWS_REGION: 'eu-west-1' }]) {
      expect(await withSession(env)).toEqual(['work', 'old']);
    }
    for (const env of [{ AWS_MFA_SERIAL: 'GAHT12345678' }, { AWSMFA_CACHE_DIR: `${home.path}/elsewhere` }]) {
      expect(await withSession(env)).toEqual([]);
      const { exit } = await here(['env', 'work', '--no-prompt'], { env });
      expect(exit).toBe(4);
    }
  });

  test('and not that of another shell, whose region awsmfa has set', async () => {
    await withCode(['login', 'work']);
    const env = { AWSMFA_PROFILE: 'far', AWS_REGION: 'ap-southeast-2', AWS_DEFAULT_REGION: 'ap-southeast-2' };
    expect(await withSession(env)).toEqual(['work', 'old']);
  });

  test('with the device that was remembered', async () => {
    await here(['login', 'play'], { terminal: fakeTerminal('none\r') });
    expect(await withSession()).toEqual(['play']);
    expect((await listed()).find(({ profile }) => profile === 'play')?.mfa_serial).toBe(null);
  });

  test('of the profiles that share a key, only where its plan is the same', async () => {
    const here = `endpoint_url = ${sts.url}\n`;
    const settings = {
      one: here,
      near: `region = eu-west-1\n${here}`,
      elsewhere: 'endpoint_url = https://sts.example.com\n',
      usual: '',
      wrong: `duration_seconds = soon\n${here}`,
      fips: `use_fips_endpoint = true\n${here}`,
      two: here,
      device: `${here}mfa_serial = GAHT12345678\n`,
      'usual too': '',
      last: `region = eu-west-1\n${here}`,
    };
    const shared = makeHome({
      config: Object.entries(settings)
        .map(([name, lines]) => `[profile "${name}"]\nmfa_serial = ${serial}\n${lines}`)
        .join(''),
      credentials: Object.keys(settings)
        .map((name) => keysSection(name, alice))
        .join('\n'),
    });
    const setting = { home: shared, env: { AWS_ENDPOINT_URL_STS: undefined } };
    await run(['login', 'one', '--token-code', sts.nextCode('alice')], setting);
    const { stdout } = await run(['list', '--json'], setting);
    const rows: readonly Listed[] = JSON.parse(stdout);
    expect(rows.filter(({ session }) => session).map(({ profile }) => profile)).toEqual([
      'one',
      'near',
      'two',
      'last',
    ]);
  });

  test('until it ends', async () => {
    await withCode(['login', 'work']);
    const { stdout } = await here(['list'], { now: () => Date.now() + 11.5 * 3600_000 });
    expect(stdout).toMatch(/^ {2}work .* 30m$/m);
    const later = await here(['list'], { now: () => Date.now() + 13 * 3600_000 });
    expect(later.stdout).toMatch(/^ {2}work .* -$/m);
  });
});

describe('on a terminal', () => {
  const wide = { stdoutIsTerminal: true, env: { COLUMNS: '120', AWSMFA_PROFILE: 'work' } };

  test('it is coloured, and the profile this shell holds stands out', async () => {
    await withCode(['login', 'work']);
    const { stdout } = await here(['list'], wide);
    expect(stdout).toContain('\u001b[2m  PROFILE\u001b[22m');
    expect(stdout).toContain('\u001b[1m* work\u001b[22m');
    expect(stdout).toContain('\u001b[32m12h\u001b[39m');
    const soon = await here(['list'], { ...wide, now: () => Date.now() + (12 * 3600 - 300) * 1000 });
    expect(soon.stdout).toMatch(/\u001b\[33m(5m|4m\d\ds)\u001b\[39m/);
  });

  test.for([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('not with %j', async (none) => {
    const { stdout } = await here(['list'], { ...wide, env: { ...wide.env, ...none } });
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('\n* work ');
  });

  test.for([80, 50, 24])('of %i columns, columns go and names stay whole', async (columns) => {
    const long = makeHome({
      config: `${config}[profile staging-deployment-pipeline-with-a-long-name]
role_arn = arn:aws:iam::123456789012:role/open
source_profile = staging-deployment-base
[profile 日本語の名前とても長いプロファイル]
region = us-gov-west-1
credential_process = /bin/true
`,
      credentials,
    });
    const { stdout } = await run(['list'], {
      home: long,
      stdoutIsTerminal: true,
      env: { COLUMNS: String(columns), NO_COLOR: '1' },
    });
    const lines = stdout.trimEnd().split('\n');
    const width = (text: string) => [...text].reduce((sum, char) => sum + (char >= '\u3000' ? 2 : 1), 0);
    // A name is whole, even where it is wider than the terminal.
    expect(stdout).toContain('staging-deployment-pipeline-with-a-long-name');
    expect(lines.filter((line) => width(line) > Math.max(columns, 55))).toEqual([]);
    expect(stdout).toMatchSnapshot();
  });

  test('in a pipe nothing is cut', async () => {
    const { stdout } = await here(['list'], { env: { COLUMNS: '20' } });
    expect(stdout).toContain('arn:aws:iam::123456789012:u2f/user/alice/key');
  });
});

test('names and values from files cannot draw on the terminal', async () => {
  const hostile = makeHome({
    config: '[profile "a\u001b[31mb"]\nregion = \u001b]0;x\u0007\u202e\nsource_profile = \u009b2J\n',
    credentials: '',
  });
  const { stdout } = await run(['list'], { home: hostile, stdoutIsTerminal: true, env: { NO_COLOR: '1' } });
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(stdout).toContain('a?[31mb');
  const { stdout: json } = await run(['list', '--json'], { home: hostile });
  expect(JSON.parse(json)[0].profile).toBe('a\u001b[31mb');
  expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('without a profile', async () => {
  const empty = makeHome();
  expect(await run(['list', '--json'], { home: empty })).toEqual({ exit: 0, stdout: '[]\n', stderr: [] });
  expect(await run(['list'], { home: empty })).toEqual({
    exit: 0,
    stdout: '',
    stderr: [`No profile in ${empty.config} or ${empty.credentials}`],
  });
  expect((await run(['list', '--quiet'], { home: empty })).stderr).toEqual([]);
  expect(await run(['list', '--names'], { home: empty })).toEqual({ exit: 0, stdout: '', stderr: [] });
});

describe('words', () => {
  const names = async (...argv: readonly string[]) =>
    (await here(['list', '--names', ...argv])).stdout.trimEnd().split('\n');

  test('each must be somewhere in name, account, role, kind, source or region', async () => {
    expect(await names('OPS')).toEqual(['ops', 'far']);
    expect(await names('second', '2222')).toEqual(['far']);
    expect(await names('ap-southeast')).toEqual(['far']);
    expect(await names('sso')).toEqual(['dev', 'half']);
    const { stdout } = await here(['list', 'second-hop']);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(JSON.parse((await here(['list', '--json', 'second-hop'])).stdout)).toHaveLength(1);
  });

  test('that no profile has are said', async () => {
    expect(await here(['list', 'nosuch', 'x'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: [`No profile has "nosuch" and "x" in ${home.config} or ${home.credentials}`],
    });
  });

  test('names alone, one a line', async () => {
    expect(await names()).toEqual((await listed()).map(({ profile }) => profile));
    expect((await here(['list', '--names', '--json'])).exit).toBe(2);
  });
});

test('a file that cannot be read is an error', async () => {
  const { exit, stderr } = await here(['list', '--json'], { env: { AWS_CONFIG_FILE: home.path } });
  expect([exit, JSON.parse(stderr[0] ?? '').error.code]).toEqual([3, 'unreadable-file']);
});
