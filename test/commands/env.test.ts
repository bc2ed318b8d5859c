import { describe, expect, test } from 'vitest';
import { shells } from '../../src/export/dialects.ts';
import { callerIdentity } from '../../tools/local-sts/caller.ts';
import { forgetCodes } from '../support/codes.ts';
import { aliceSerial, files, stage } from '../support/stage.ts';

const at = stage();

/** Instead of what the STS would make up, new every time. */
const credentials = {
  accessKeyId: 'ASIAGOLDEN',
  secretAccessKey: 'golden/secret',
  sessionToken: 'golden+token==',
};

const timeless = (text: string) =>
  text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, 'TIME').replace(/\b\d{10}\b/, 'SECONDS');

const withRegion = `${files.config}region = eu-west-1\n`;

describe('what is printed', () => {
  test.for(['bash', 'zsh', 'sh', 'fish'])('for %s', async (shell) => {
    at.home.write('.aws/config', withRegion);
    at.sts.hostileCredentials = credentials;
    const { exit, stdout, stderr } = await at.runWithCode(['env', 'work', '--shell', shell]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: ['work: new session, 12h left'] });
    expect(timeless(stdout)).toMatchSnapshot();
  });

  test.for(['env', 'env-no-export', 'fish', 'process', 'json'])('as %s', async (format) => {
    at.home.write('.aws/config', withRegion);
    at.sts.hostileCredentials = credentials;
    const { exit, stdout } = await at.runWithCode(['env', 'work', '--format', format]);
    expect(exit).toBe(0);
    expect(timeless(stdout)).toMatchSnapshot();
  });

  test('for the shell that runs it, when none is named', async () => {
    await at.runWithCode(['login', 'work']);
    const named = async (shell: string) => (await at.run(['env', 'work', '--shell', shell])).stdout;
    expect((await at.run(['env', 'work'], { ancestors: ['node', '-fish'] })).stdout).toBe(
      await named('fish'),
    );
    expect((await at.run(['env', 'work'], { ancestors: ['dash'] })).stdout).toBe(await named('sh'));
    expect((await at.run(['env', 'work'], { ancestors: [], env: { SHELL: '/bin/zsh' } })).stdout).toBe(
      await named('zsh'),
    );
  });

  test('is a session that STS knows, of this user, with MFA', async () => {
    const { stdout } = await at.runWithCode(['env', 'work', '--format', 'process']);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = JSON.parse(stdout);
    const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    expect(await callerIdentity(at.sts.url, keys)).toMatchObject({
      ok: true,
      arn: 'arn:aws:iam::123456789012:user/alice',
    });
    const issued = at.sts.sessions().at(-1);
    expect([issued?.mfa, Math.floor((issued?.expiresAt ?? 0) / 1000)]).toEqual([
      true,
      Date.parse(Expiration) / 1000,
    ]);
  });

  test('whatever a hostile STS gives is quoted', async () => {
    at.sts.hostileCredentials = { sessionToken: "'; touch x; $(id) `id` \\' \"" };
    const { stdout } = await at.runWithCode(['env', 'work', '--shell', 'bash']);
    expect(stdout).toContain(`AWS_SESSION_TOKEN=''\\''; touch x; $(id) \`id\` \\'\\'' "';\n`);
    expect((await at.run(['env', 'work', '--shell', 'fish'])).stdout).toContain(
      `AWS_SESSION_TOKEN '\\'; touch x; $(id) \`id\` \\\\\\' "';\n`,
    );
  });
});

describe('the region', () => {
  const exported = async (argv: readonly string[], env: Record<string, string> = {}) => {
    const { stdout } = await at.run(['env', 'work', '--shell', 'sh', ...argv], { env });
    return [...stdout.matchAll(/AWS_(?:DEFAULT_)?REGION='([^']*)'/g)].map(([, region]) => region);
  };

  test('is that of --region, else the one that the user has set, else of the profile', async () => {
    at.home.write('.aws/config', withRegion);
    await at.runWithCode(['login', 'work', '--sts-region', 'us-east-1']);
    const cached = ['--sts-region', 'us-east-1'];
    expect(await exported(cached)).toEqual(['eu-west-1', 'eu-west-1']);
    expect(await exported([...cached, '--region', 'sa-east-1'])).toEqual(['sa-east-1', 'sa-east-1']);
    const own = { AWS_DEFAULT_REGION: 'ap-south-1' };
    expect(await exported(cached, own)).toEqual([]);
    expect(await exported([...cached, '--region', 'eu-west-1'], own)).toEqual(['eu-west-1', 'eu-west-1']);
  });

  test.for([
    ['eu-west-1\nx', 3],
    ['$(id)', 3],
  ] as const)('%j in the environment or an option is refused', async ([region]) => {
    const variable = await at.runWithCode(['env', 'work'], { env: { AWS_REGION: region } });
    const option = await at.runWithCode(['env', 'work', '--region', region]);
    expect([variable.exit, option.exit, at.calls().length]).toEqual([3, 2, 0]);
    expect(variable.stderr[0]).toMatch(/^awsmfa: AWS_REGION: ".*" is no region$/);
  });

  test('that is none in the file is refused, with the profile', async () => {
    at.home.write('.aws/config', `${files.config}region = eu west\n`);
    expect(await at.runWithCode(['env', 'work'])).toEqual({
      exit: 3,
      stdout: 'false\n',
      stderr: [
        'awsmfa: region of profile "work": "eu west" is no region',
        '  A region looks like eu-west-1.',
      ],
    });
  });
});

describe('a duration', () => {
  const seconds = () => at.calls().at(-1)?.params.DurationSeconds;

  test('comes from the option, the environment, the profile, in this order', async () => {
    at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nduration_seconds = 5000\n`);
    const env = { AWSMFA_DURATION: '2h', MFA_STS_DURATION: '3h' };
    const found: unknown[] = [];
    for (const [argv, more] of [
      [['--duration', '1h'], env],
      [[], env],
      [[], { ...env, AWSMFA_DURATION: '' }],
      [[], {}],
    ] as const) {
      forgetCodes(at.sts, at.home.path);
      await at.runWithCode(['login', 'work', '--refresh', ...argv], { env: more });
      found.push(seconds());
    }
    expect(found).toEqual(['3600', '7200', '10800', '5000']);
  });

  test.for([
    ['899', 2],
    ['900', 0],
    ['129600', 0],
    ['129601', 2],
  ] as const)('of %s seconds: status %i', async ([duration, exit]) => {
    expect(await at.runWithCode(['login', 'work', '--duration', duration])).toMatchObject({ exit });
    expect(at.calls().length).toBe(exit === 0 ? 1 : 0);
  });
});

test('a shell that awsmfa does not support is refused by name, and gets no code of another one', async () => {
  const { exit, stdout, stderr } = await at.runWithCode(['env', 'work'], { ancestors: ['murex', 'bash'] });
  expect([exit, stdout]).toEqual([2, 'false\n']);
  expect(stderr[0]).toBe('awsmfa: awsmfa does not write code for murex, the shell that runs it');
  const named = await at.runWithCode(['env', 'work', '--shell', 'ksh'], { ancestors: ['murex', 'bash'] });
  expect([named.exit, named.stdout.startsWith('\\unset ')]).toEqual([0, true]);
});

describe('when it fails, eval fails with it', () => {
  test.for(Object.entries(shells))('in %s', async ([shell, { failure }]) => {
    expect((await at.run(['env', 'nobody', '--shell', shell])).stdout).toBe(failure);
    expect((await at.run(['env', 'nobody'], { ancestors: [shell] })).stdout).toBe(failure);
  });

  test.for<readonly string[]>([
    ['env', '--nonsense'],
    ['env', 'work', 'play', 'three'],
    ['env', '--shell', 'nosuch'],
    ['env', '--format', 'env', 'nobody'],
    ['env', '--shell', 'bash', '--format', 'env'],
    ['--profile', 'nobody', 'env'],
    ['--region', 'eu-west-1', 'env', 'nobody'],
    ['--no-prompt', 'env', 'nobody'],
    ['use', '--shell', 'zsh', 'nobody'],
    ['clear', '--shell', 'zsh', 'nobody'],
  ])('%j', async (argv) => {
    const { exit, stdout } = await at.run(argv);
    expect({ failed: exit > 0, stdout }).toEqual({ failed: true, stdout: 'false\n' });
  });

  test('nothing for data, and nothing for a terminal', async () => {
    expect((await at.run(['env', 'nobody', '--format', 'json'])).stdout).toBe('');
    expect((await at.run(['env', 'nobody', '--format', 'process'])).stdout).toBe('');
    expect((await at.run(['env', 'nobody'], { stdoutIsTerminal: true })).stdout).toBe('');
  });
});

test('on a terminal it says that nothing is applied yet, unless it must be quiet', async () => {
  await at.runWithCode(['login', 'work']);
  const { stderr } = await at.run(['env', 'work'], { stdoutIsTerminal: true });
  expect(stderr).toEqual([
    'Nothing is applied yet: run eval "$(awsmfa env work)", or load the shell integration (awsmfa init)',
  ]);
  const said = async (...words: string[]) =>
    (await at.run(['env', 'work', ...words], { stdoutIsTerminal: true })).stderr;
  const by = (line: string) => [`Nothing is applied yet: run ${line}`];
  const orLoad = ', or load the shell integration (awsmfa init)';
  for (const [shell, line] of [
    ['powershell', `awsmfa env work | Invoke-Expression${orLoad}`],
    ['cmd', `for /f "tokens=1*" %a in ('awsmfa env work') do @set %b${orLoad}`],
    ['fish', `eval (awsmfa env work | string collect)${orLoad}`],
    ['nushell', `awsmfa env work | from json | load-env${orLoad}`],
    ['tcsh', 'eval "`awsmfa env work`"'],
  ] as const) {
    expect(await said('--shell', shell)).toEqual(by(line));
  }
  // Data is not applied.
  for (const format of ['json', 'dotenv', 'ini', 'process'])
    expect(await said('--format', format)).toEqual([]);
  expect((await at.run(['env', 'work', '--quiet'], { stdoutIsTerminal: true })).stderr).toEqual([]);
});

test('AWS_PROFILE goes, or with --keep-profile names the profile in use', async () => {
  await at.runWithCode(['login', 'work']);
  const setTo = async (argv: readonly string[], env = {}) => {
    const all = { AWS_PROFILE: 'play', ...env };
    const { stdout } = await at.run(['env', 'work', '--format', 'json', ...argv], { env: all });
    return JSON.parse(stdout).AWS_PROFILE;
  };
  expect([
    await setTo([]),
    await setTo(['--keep-profile']),
    await setTo([], { AWSMFA_KEEP_PROFILE: '1' }),
    await setTo([], { AWSMFA_KEEP_PROFILE: '0' }),
  ]).toEqual([undefined, 'work', 'work', undefined]);
});
