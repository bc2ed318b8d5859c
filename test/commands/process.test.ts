import { describe, expect, test } from 'vitest';
import { Exit, UserError } from '../../src/errors.ts';
import { alice, bob } from '../../tools/local-sts/sample.ts';
import { keysSection } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const at = stage();

/** What a shell of yesterday still exports. */
const yesterday = {
  AWS_ACCESS_KEY_ID: 'ASIAYESTERDAY',
  AWS_SECRET_ACCESS_KEY: 'stale-secret',
  AWS_SESSION_TOKEN: 'stale-token',
  AWS_SECURITY_TOKEN: 'stale-token-too',
};

describe('process', () => {
  test('prints one object, version 1, and says nothing, new or out of the cache', async () => {
    const first = await at.runWithCode(['process', 'work']);
    const [session] = at.sts.sessions().slice(-1);
    expect({ ...first, stdout: JSON.parse(first.stdout) }).toEqual({
      exit: 0,
      stdout: {
        Version: 1,
        AccessKeyId: session?.accessKeyId,
        SecretAccessKey: expect.stringMatching(/^\S{20,}$/),
        SessionToken: expect.stringMatching(/^\S{50,}$/),
        Expiration: new Date(session?.expiresAt ?? 0).toISOString().replace(/\.\d+Z$/, 'Z'),
        AccountId: '123456789012',
      },
      stderr: [],
    });
    expect(first.stdout.split('\n')).toHaveLength(2);
    expect(await at.run(['process', '--profile', 'work'])).toEqual(first);
    expect(at.calls()).toHaveLength(1);
  });

  test('is for the profile it is told, whatever the caller has exported', async () => {
    at.home.write(
      '.aws/config',
      `[profile work]\nmfa_serial = ${aliceSerial}\n[profile caller]\ncredential_process = false\n`,
    );
    const env = {
      ...yesterday,
      AWS_PROFILE: 'caller',
      AWSMFA_PROFILE: 'caller',
      AWSMFA_TOKEN_CODE: at.code(),
    };
    const { exit, stdout, stderr } = await at.run(['process', '--profile', 'work'], { env });
    expect({ exit, stderr, key: JSON.parse(stdout).AccessKeyId }).toEqual({
      exit: 0,
      stderr: [],
      key: at.sts.sessions().at(-1)?.accessKeyId,
    });
  });

  test('fails with nothing on stdout and one line on stderr', async () => {
    expect(await at.run(['process', 'work'])).toEqual({
      exit: 4,
      stdout: '',
      stderr: [expect.stringMatching(/^awsmfa: An MFA code is needed, .*\. .+\.$/)],
    });
    for (const [argv, exit] of [
      [['process', 'nobody'], 3],
      [['process', 'work', '--nonsense'], 2],
      [['process', 'work', '--token-code', '12'], 5],
      [['--quiet', 'process', 'work', '--duration', '1m'], 2],
    ] as const) {
      const { stderr, ...rest } = await at.run(argv);
      expect({ ...rest, lines: stderr.length }).toEqual({ exit, stdout: '', lines: 1 });
    }
  });
});

test('--no-prompt gives the terminal to no program that a setting names', async () => {
  const key = '{"Version":1,"AccessKeyId":"ASIATOOL","SecretAccessKey":"secret","SessionToken":"token"}';
  const program = at.home.write('tool.sh', `echo '${key}'\n`);
  at.home.write('.aws/config', `[profile tool]\ncredential_process = sh ${program}\n`);
  const open = () => {
    throw new UserError(Exit.failed, 'opened', 'The terminal was opened');
  };
  const setting = { terminal: { ...fakeTerminal(), open }, env: { PATH: process.env.PATH } };
  expect(await at.run(['process', 'tool'], setting)).toMatchObject({
    exit: 1,
    stderr: ['awsmfa: The terminal was opened'],
  });
  expect(await at.run(['process', 'tool', '--no-prompt'], setting)).toMatchObject({ exit: 0 });
});

describe('--min-ttl', () => {
  test('says how long a session must last at least, and beats AWSMFA_MIN_TTL', async () => {
    at.sts.sessionSeconds = 1800;
    await at.runWithCode(['login', 'work']);
    const exit = async (argv: readonly string[], env = {}) => (await at.run(argv, { env })).exit;
    expect(await exit(['process', 'work'])).toBe(0);
    expect(await exit(['process', 'work', '--min-ttl', '20m'])).toBe(0);
    expect(await exit(['env', 'work', '--min-ttl', '31m'])).toBe(4);
    expect(await exit(['process', 'work'], { AWSMFA_MIN_TTL: '1h' })).toBe(4);
    expect(await exit(['process', 'work', '--min-ttl=60'], { AWSMFA_MIN_TTL: '1h' })).toBe(0);
  });

  test('is a duration', async () => {
    expect(await at.run(['env', 'work', '--min-ttl', 'soon'])).toEqual({
      exit: 2,
      stdout: 'false\n',
      stderr: ['awsmfa: --min-ttl: "soon" is no duration', '  Write seconds or units: 300, 5m.'],
    });
  });
});

describe('a circle', () => {
  const circle = { exit: 3, stdout: '' };
  const marked = (...names: string[]) => ({ env: { AWSMFA_CREDENTIAL_PROCESS: JSON.stringify(names) } });

  test('of a profile, or of the far end of a role, is refused before the lock', async () => {
    at.home.write(
      '.aws/config',
      '[profile round]\ncredential_process = awsmfa process --profile round\n[profile role]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = round\n',
    );
    at.home.write('.aws/credentials', keysSection('work', alice) + keysSection('play', bob));
    for (const [name, above, path] of [
      ['round', ['round'], 'round → round'],
      ['role', ['round'], 'round → round'],
      ['role', ['other', 'round', 'inner'], 'round → inner → round'],
    ] as const) {
      const { stderr, ...rest } = await at.run(['process', '--profile', name], marked(...above));
      expect({ ...rest, stderr }).toEqual({
        ...circle,
        stderr: [
          `awsmfa: The credential_process of profile "round" is awsmfa, and needs itself: ${path}. Let it name another profile, one that has keys or a source of its own.`,
        ],
      });
    }
    expect(at.home.cached('')).toEqual([]);
  });

  test('of a program that is to print the code, and runs awsmfa for the same device, is refused as well', async () => {
    const inside = { AWSMFA_MFA_PROFILE: 'work', AWSMFA_MFA_SERIAL: aliceSerial };
    expect(await at.run(['process', 'work'], { env: inside })).toEqual({
      ...circle,
      stderr: [
        'awsmfa: The mfa_process of profile "work" runs awsmfa, which needs its code. Let it take the code from somewhere else, without awsmfa.',
      ],
    });
    const other = { ...inside, AWSMFA_MFA_SERIAL: 'another-device', AWSMFA_TOKEN_CODE: at.code() };
    expect(await at.run(['process', 'work'], { env: other })).toMatchObject({ exit: 0 });
  });
});
