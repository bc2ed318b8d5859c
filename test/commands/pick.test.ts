import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alice, roles, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { forgetCodes } from '../support/codes.ts';
import { type Home, keysSection, makeHome } from '../support/home.ts';
import { fakeTerminal, type Run, run, type Setting } from '../support/world.ts';

const config = `[default]
region = us-east-1

[profile work]
mfa_serial = arn:aws:iam::123456789012:mfa/alice
region = eu-central-1

[profile ops]
role_arn = arn:aws:iam::123456789012:role/team/ops
source_profile = work

[profile partner]
role_arn = arn:aws:iam::222222222222:role/partner
source_profile = work
external_id = Our:Secret/1
`;
const credentials = keysSection('work', alice);

let home: Home;
let sts: LocalSts;
beforeAll(async () => {
  sts = await startLocalSts({ users, roles });
});
beforeEach(() => {
  home = makeHome({ config, credentials });
});
afterAll(() => sts.close());

const here = (argv: readonly string[], setting: Setting = {}): Promise<Run> => {
  forgetCodes(sts, (setting.home ?? home).path);
  const env = { AWS_ENDPOINT_URL_STS: sts.url, AWSMFA_TOKEN_CODE: sts.nextCode('alice'), ...setting.env };
  return run(argv, { home, ...setting, env });
};

/** `use`, as the integration calls it, with these keys pressed in the list. */
async function use(keys: string, setting: Setting = {}, ...argv: readonly string[]) {
  const terminal = fakeTerminal(keys);
  const { exit, stdout, stderr } = await here(['use', '--shell', 'bash', ...argv], { terminal, ...setting });
  return { exit, stdout, stderr, shown: terminal.shown(), left: terminal.left() };
}

/** What the printed code makes of an environment. */
function applied(stdout: string, before: Setting['env'] = {}): Record<string, string> {
  const env = { ...before };
  for (const [, names = ''] of stdout.matchAll(/unset ([\w ]+)/g)) {
    for (const name of names.split(' ')) delete (env as Record<string, unknown>)[name];
  }
  for (const [, name = '', value = ''] of stdout.matchAll(/export (\w+)='([^']*)'/g)) {
    Object.assign(env, { [name]: value });
  }
  return env as Record<string, string>;
}

const profileIn = (stdout: string) => applied(stdout).AWSMFA_PROFILE;

/** The rows of the list as it was first drawn. */
function rows(shown: string): string[] {
  const lines = shown.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => /profiles · type to filter/.test(line));
  return lines.slice(1, end);
}

describe('the list', () => {
  test('is offered when nothing is named', async () => {
    const { exit, stdout, stderr, shown } = await use('\r');
    expect([exit, profileIn(stdout), stderr.length]).toEqual([0, 'work', 1]);
    expect(rows(shown)).toEqual([
      '> work     long-term  123456789012',
      'ops      team/ops   123456789012',
      'partner  partner    222222222222',
    ]);
  });

  test.for([
    ['name', 'wor\r', 'work'],
    ['a part in capitals', 'ARTN\r', 'partner'],
    ['role', 'm/o\r', 'ops'],
    ['account', '2222\r', 'partner'],
    ['two words', '1234 ops\r', 'ops'],
    ['arrow keys', '\u001b[B\u001b[B\u001b[B\u001b[A\r', 'ops'],
    ['keys of Emacs', '\u000e\r', 'ops'],
    ['pages', '\u001b[6~\r', 'partner'],
    ['pages, down and up again', '\u001b[6~\u001b[5~\u001b[B\r', 'ops'],
    ['arrows after a filter, which starts at the top again', '\u001b[B\u001b[Bo\u001b[B\r', 'ops'],
    ['after a slip', 'ops\u007f\u007f\u007fpart\r', 'partner'],
    ['the tabulator, which is no filter', 'part\t\r', 'partner'],
  ] as const)('filters by %s', async ([, keys, profile]) => {
    const { exit, stdout } = await use(keys);
    expect([exit, profileIn(stdout)]).toEqual([0, profile]);
  });

  test('env, login and exec offer the list as well', async () => {
    const env = await here(['env', '--shell', 'bash'], { terminal: fakeTerminal('opsteam\r') });
    expect([env.exit, profileIn(env.stdout)]).toEqual([0, 'ops']);
    const login = await here(['login'], { terminal: fakeTerminal('partn\r') });
    expect([login.exit, login.stderr.at(-1)]).toEqual([0, expect.stringMatching(/^partner: new session/)]);
    const exec = await here(['exec', '--', '/bin/true'], { terminal: fakeTerminal('work\r') });
    expect(exec).toMatchObject({ exit: 0, stderr: [] });
  });

  test('Enter where nothing matches chooses nothing', async () => {
    const { stdout, shown } = await use('opsx\r\u007f\r');
    expect(profileIn(stdout)).toBe('ops');
    expect(shown).toContain('Nothing matches');
  });

  test.for([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
    ['Escape', '\u001b'],
  ] as const)('%s leaves it: 130, and nothing is done', async ([, key]) => {
    const { exit, stdout, stderr } = await use(key);
    expect({ exit, stdout, stderr }).toEqual({ exit: 130, stdout: 'false\n', stderr: ['awsmfa: Cancelled'] });
    expect(home.cached('')).toEqual([]);
  });

  test('says what is left, the latest first', async () => {
    await here(['login', 'partner']);
    // The session of `work` was got on the way: that was no use of it.
    expect(rows((await use('ops\r')).shown)).toEqual([
      expect.stringMatching(/^> partner +partner +222222222222 +1h left$/),
      expect.stringMatching(/^work +long-term +123456789012 +12h left$/),
      'ops      team/ops   123456789012',
    ]);
    const later = { now: () => Date.now() + 60_000 };
    await use('work\r', later);
    expect(rows((await use('\u0003', later)).shown)[0]).toMatch(/^> work/);
    await use('ops\r', { now: () => Date.now() + 120_000 });
    expect(rows((await use('\u0003', later)).shown)[0]).toMatch(/^> ops/);
  });

  test('is cut to the width of the terminal, and coloured where there are colours', async () => {
    const { shown } = await use('\u0003', { env: { NO_COLOR: '1' } });
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThan(80);
  });

  test('is not moved by names from the files', async () => {
    const hostile = makeHome({
      config: `${config}[profile "a\u001b[2Jb"]\ncredential_process = /bin/true\n`,
      credentials,
    });
    expect(rows((await use('\u0003', { home: hostile })).shown)).toContainEqual(
      expect.stringContaining('a?[2Jb'),
    );
  });

  test('leaves out what no session can come from', async () => {
    expect(rows((await use('\u0003')).shown).join()).not.toContain('default');
  });
});

describe('is not offered', () => {
  const unasked = async (setting: Setting, ...argv: readonly string[]) => {
    const { exit, stdout, left } = await use('\u0003', setting, ...argv);
    return { exit, profile: profileIn(stdout), asked: left.length === 0 };
  };

  test.for([
    [{ AWS_PROFILE: 'ops' }, 'ops'],
    [{ AWS_DEFAULT_PROFILE: 'ops' }, 'ops'],
    [{ AWSMFA_PROFILE: 'ops' }, 'ops'],
  ] as const)('when the environment names a profile: %j', async ([env, profile]) => {
    expect(await unasked({ env })).toEqual({ exit: 0, profile, asked: false });
  });

  test('when a profile is named', async () => {
    expect(await unasked({}, 'ops')).toEqual({ exit: 0, profile: 'ops', asked: false });
    expect(await unasked({}, '--profile', 'ops')).toEqual({ exit: 0, profile: 'ops', asked: false });
  });

  test('when long-term keys are exported', async () => {
    const [key] = alice.accessKeys;
    const env = {
      AWS_ACCESS_KEY_ID: key?.id,
      AWS_SECRET_ACCESS_KEY: key?.secret,
      AWS_MFA_SERIAL: 'arn:aws:iam::123456789012:mfa/alice',
    };
    expect(await unasked({ env })).toEqual({ exit: 0, profile: '(environment)', asked: false });
  });

  test('when there is one profile', async () => {
    const one = makeHome({ config: '', credentials: keysSection('work', alice) });
    expect(await unasked({ home: one })).toEqual({ exit: 3, profile: undefined, asked: false });
  });

  test('when nobody can be asked: the error says which profiles there are', async () => {
    for (const argv of [[], ['--no-prompt']]) {
      const none = argv.length > 0 ? {} : { terminal: undefined as never };
      const { exit, stderr } = await use('\r', none, ...argv);
      expect(exit).toBe(3);
      expect(stderr[0]).toMatch(/^awsmfa: Profile "default" has no credentials/);
    }
  });
});

describe('--pick', () => {
  test('asks even if the environment names a profile', async () => {
    const { exit, stdout } = await use('partner\r', { env: { AWS_PROFILE: 'ops' } }, '--pick');
    expect([exit, profileIn(stdout)]).toEqual([0, 'partner']);
  });

  test('takes the only one without asking', async () => {
    const one = makeHome({ config: config.replace(/\[profile ops\][\s\S]*/, ''), credentials });
    const { exit, stdout, left } = await use(
      '\u0003',
      { home: one, env: { AWS_PROFILE: 'nosuch' } },
      '--pick',
    );
    expect([exit, profileIn(stdout), left.length]).toEqual([0, 'work', 1]);
  });

  test('with a name is wrong usage', async () => {
    expect((await use('\r', {}, 'work', '--pick')).exit).toBe(2);
    expect((await use('\r', {}, '--pick', '--profile', 'work')).exit).toBe(2);
  });

  test('without a way to ask is status 4', async () => {
    expect((await use('\r', { terminal: undefined as never }, '--pick')).exit).toBe(4);
    expect((await use('\r', {}, '--pick', '--no-prompt')).exit).toBe(4);
  });

  test('goes with options that are about the session', async () => {
    const { stdout } = await use('ops\r', {}, '--pick', '--region', 'eu-north-1');
    expect(applied(stdout).AWS_REGION).toBe('eu-north-1');
  });
});

describe('the memory of what was picked', () => {
  const file = () => `${home.cache}/picked.json`;

  test('is for the user alone', async () => {
    await use('ops\r');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(home.cache).mode & 0o777).toBe(0o700);
    expect(Object.keys(JSON.parse(readFileSync(file(), 'utf8')).picked)).toEqual(['ops']);
  });

  test.for(['', '{', '[]', '{"version":1}', '{"version":1,"picked":{"ops":"x","work":1e99}}', '\u0000'])(
    'damaged, it counts as none: %j',
    async (text) => {
      home.write('.aws/awsmfa/picked.json', text);
      expect(rows((await use('ops\r')).shown)[0]).toMatch(/^> work/);
      expect(rows((await use('\u0003')).shown)[0]).toMatch(/^> ops/);
    },
  );

  test('where it cannot be kept, nothing is said', async () => {
    const { exit, stderr } = await use('ops\r', { env: { AWSMFA_CACHE_DIR: home.config } });
    expect([exit, stderr.filter((line) => line.includes('picked'))]).toEqual([0, []]);
  });

  test('is not there when the list was not used', async () => {
    await here(['login', 'work']);
    expect(home.cached('picked')).toEqual([]);
  });
});

describe('use -', () => {
  test('goes back, and forth again', async () => {
    let env: Record<string, string> = {};
    const switched = async (...argv: readonly string[]) => {
      const { exit, stdout } = await here(['use', '--shell', 'bash', ...argv], { env });
      expect(exit).toBe(0);
      env = applied(stdout, env);
      return env.AWSMFA_PROFILE;
    };
    expect(await switched('work')).toBe('work');
    expect(await switched('ops')).toBe('ops');
    expect(await switched('-')).toBe('work');
    expect(await switched('-')).toBe('ops');
    expect(await switched('ops', '--region', 'us-east-2')).toBe('ops');
    expect(await switched('-')).toBe('work');
    expect(await switched('work', '--refresh')).toBe('work');
    expect(await switched('-')).toBe('ops');
  });

  test('the names go through whole', async () => {
    const odd = 'a b&c=d%25+é';
    const strange = makeHome({
      config: `${config}[profile "${odd}"]\nrole_arn = arn:aws:iam::123456789012:role/open\nsource_profile = work\n`,
      credentials,
    });
    const first = await here(['use', odd, '--shell', 'bash'], { home: strange });
    expect(first.exit).toBe(0);
    const { stdout } = await here(['use', 'ops', '--shell', 'bash'], {
      home: strange,
      env: { AWSMFA_PROFILE: odd },
    });
    const env = applied(stdout);
    const back = await here(['use', '-', '--shell', 'bash', '--quiet'], { home: strange, env });
    expect([back.exit, back.stdout]).toEqual([0, expect.stringContaining(`AWSMFA_PROFILE='${odd}'`)]);
  });

  test('without one before it fails', async () => {
    for (const [env, message] of [
      [{}, 'no profile yet'],
      [{ AWSMFA_PROFILE: 'work' }, 'no profile but this one'],
      [{ AWSMFA_RESTORE: 'previous=%E0%A4' }, 'no profile yet'],
    ] as const) {
      const { exit, stdout, stderr } = await here(['use', '-', '--shell', 'bash'], { env });
      expect([exit, stdout]).toEqual([1, 'false\n']);
      expect(stderr[0]).toContain(message);
    }
  });

  test('is for use alone', async () => {
    for (const command of ['env', 'login', 'logout', 'list'])
      expect((await here([command, '-'])).exit).toBe(2);
  });

  test('the memory goes with the session', async () => {
    const env = { AWSMFA_PROFILE: 'work', AWSMFA_RESTORE: 'previous=ops', AWS_SESSION_TOKEN: 'canary-token' };
    const { stdout } = await here(['clear', '--shell', 'bash'], { env });
    expect(applied(stdout, env)).toEqual({});
  });
});
