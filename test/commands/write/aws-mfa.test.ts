import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { translated } from '../../../src/cli/aws-mfa.ts';
import { parseDocument, sectionNames } from '../../../src/config/document.ts';
import { alice, bob, roles } from '../../../tools/local-sts/sample.ts';
import { keysSection, plainly, sectionOf, sessionText } from '../../support/home.ts';
import { aliceSerial, stage } from '../../support/stage.ts';
import { fakeTerminal, type Setting } from '../../support/world.ts';
import golden from './aws-mfa.golden.json' with { type: 'json' };

/**
 * What aws-mfa 0.0.12 itself did (with boto3 1.43, against the local STS): its command line, the file before and after,
 * its exit status and its lines. Keys and times are taken out of what it wrote.
 */
interface Observed {
  readonly what: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly before: string;
  readonly after: string;
  readonly exit: number;
  readonly said: readonly string[];
}

const observed: readonly Observed[] = golden;
const at = stage({ roles });
const longTerm = `${keysSection('work-long-term', alice)}aws_mfa_device = ${aliceSerial}\n`;

const credentials = () => readFileSync(at.home.credentials, 'utf8');
const credentialsAre = (text: string) => at.home.write('.aws/credentials', text);
const awsMfa = (argv: readonly string[], setting: Setting = {}) =>
  at.run(
    translated(argv, setting.env ?? {}, { user: 'tester', isPiped: setting.stdin !== undefined }),
    setting,
  );

/** Every section with its keys in their order, as Python's configparser reads the file. */
function sectionsOf(text: string): Record<string, string[]> {
  const sections = sectionNames(parseDocument(text, '')).map((name) => [
    name,
    Object.entries(sectionOf(text, name)).map((entry) => entry.join(' = ')),
  ]);
  return Object.fromEntries(sections);
}

/** aws-mfa names a role in its first line when it is an option, and calls what it does next by AWS's names. */
function spoken(lines: readonly string[]): string[] {
  return (
    lines
      .filter((line) => /^(INFO|WARNING) - (?!Fetching Credentials|Assuming Role)/.test(line))
      .map((line) => line.replace(/ with assumed role: .*/, ' '))
      .map((line) => line.replace(/for \d+ seconds/, 'for N seconds').replace(/at: [^N]*$/, 'at: TIME'))
      // Perhaps some seconds have gone by.
      .map((line) => line.replace(/\d+(?= seconds)/, (left) => String(Math.ceil(Number(left) / 100) * 100)))
  );
}

describe('what aws-mfa did with the same command line', () => {
  test.for(observed.map((one) => [one.what, one] as const))(
    '%s',
    async ([, { argv, env, before, after, exit, said }]) => {
      credentialsAre(before);
      const {
        exit: ours,
        stderr,
        stdout,
      } = await awsMfa(argv, { env: { ...env, AWSMFA_TOKEN_CODE: at.code() } });
      expect({ exit: ours, stdout }).toEqual({ exit, stdout: '' });
      // A key that it does not know and leaves alone.
      const written = plainly(credentials()).replaceAll('aws_account_id = 123456789012\n', '');
      expect(sectionsOf(written)).toEqual(sectionsOf(plainly(after)));
      if (exit === 0) expect(spoken(stderr)).toEqual(spoken(said));
      // It writes the file anew; we leave what is there.
      expect(credentials().startsWith(before.slice(0, before.indexOf('[work]') + 1 || undefined))).toBe(true);
    },
  );
});

describe('each takes the session of the other for its own', () => {
  const works = observed.filter(({ exit }) => exit === 0).map((one) => [one.what, one] as const);

  test.for(works)('we: %s', async ([, { argv, env, after }]) => {
    credentialsAre(after.replaceAll('TIME', '2099-01-01 00:00:00'));
    const before = credentials();
    const { exit, stderr } = await awsMfa([...argv.filter((word) => word !== '--force'), '--log', 'INFO'], {
      env,
    });
    expect({ exit, last: stderr.at(-1) }).toEqual({
      exit: 0,
      last: expect.stringMatching(/are still valid for/),
    });
    expect(credentials()).toBe(before);
    expect(at.calls()).toEqual([]);
  });

  test.for(works)(
    'aws-mfa, which wants six keys, a time it can read, and the role: %s',
    async ([, { argv, env, before }]) => {
      credentialsAre(before);
      await awsMfa(argv, { env: { ...env, AWSMFA_TOKEN_CODE: at.code() } });
      const sections = sectionNames(parseDocument(credentials(), ''));
      const section = sectionOf(
        credentials(),
        sections.find((name) => sectionOf(credentials(), name).expiration) ?? '',
      );
      expect(Object.keys(section)).toEqual(
        expect.arrayContaining([
          'assumed_role',
          'aws_access_key_id',
          'aws_secret_access_key',
          'aws_session_token',
          'aws_security_token',
          'expiration',
        ]),
      );
      expect(section.expiration).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      expect(Date.parse(`${section.expiration}Z`)).toBeGreaterThan(Date.now());
      const role = argv[argv.indexOf('--assume-role') + 1] ?? '';
      if (argv.includes('--assume-role')) expect(section.assumed_role_arn).toBe(role);
    },
  );
});

describe('what its users asked for', () => {
  test('a role for two profiles, and one code', async () => {
    credentialsAre(longTerm);
    const role = ['--assume-role', 'arn:aws:iam::123456789012:role/open', '--role-session-name', 'me'];
    await awsMfa(['--profile', 'work'], { env: { AWSMFA_TOKEN_CODE: at.code() } });
    const { exit } = await awsMfa(['--profile', 'work', '--short-term-suffix', 'open', ...role]);
    expect(exit).toBe(0);
    expect(at.sts.sessions().at(-1)?.arn).toMatch(/assumed-role\/open\/me$/);
  });

  test('a role session has the name of the user', async () => {
    credentialsAre(longTerm);
    const argv = ['--profile', 'work', '--assume-role', 'arn:aws:iam::123456789012:role/open'];
    await awsMfa(argv, { env: { AWSMFA_TOKEN_CODE: at.code() } });
    expect(at.sts.sessions().at(-1)?.arn).toMatch(/assumed-role\/open\/tester$/);
  });

  test('--region, with a token for opt-in regions in the place of one that is none', async () => {
    credentialsAre(`${longTerm}[work]\n${sessionText({ expiration: '2099-01-01 00:00:00' })}`);
    const env = { AWSMFA_TOKEN_CODE: at.code() };
    const argv = ['--profile', 'work', '--region', 'ap-east-1'];
    expect((await awsMfa(argv, { env })).exit).toBe(0);
    expect(at.calls().map(({ region }) => region)).toEqual(['ap-east-1']);
    expect(sectionOf(credentials(), 'work').region).toBe('ap-east-1');
    expect((await awsMfa(argv)).exit).toBe(0);
  });

  test('--token', async () => {
    credentialsAre(longTerm);
    expect((await awsMfa(['--profile', 'work', '--token', at.code()])).exit).toBe(0);
  });

  test('no section with long-term keys is lost', async () => {
    credentialsAre(`${keysSection('work', alice)}${longTerm}`);
    const before = credentials();
    expect((await awsMfa(['--profile', 'work', '--force'])).exit).toBe(1);
    expect(credentials()).toBe(before);
  });
});

test('says once that it is awsmfa', async () => {
  credentialsAre(`${longTerm}[work]\n${sessionText({ expiration: '2099-01-01 00:00:00' })}`);
  const line = expect.stringMatching(/^This aws-mfa is awsmfa, .* rm "\$\(command -v aws-mfa\)"$/);
  const argv = ['--profile', 'work', '--log-level', 'ERROR'];
  expect((await awsMfa(argv)).stderr).toEqual([line]);
  expect((await awsMfa(argv)).stderr).toEqual([]);
  rmSync(at.home.cache, { recursive: true });
  expect((await awsMfa([...argv, '--quiet'])).stderr).toEqual([]);
});

test('its log levels', async () => {
  credentialsAre(`${longTerm}[work]\naws_session_token = x\n`);
  const at1 = async (level: string) => {
    credentialsAre(`${longTerm}[work]\naws_session_token = x\n`);
    await at.run(['login', 'work', '--quiet'], { env: { AWSMFA_TOKEN_CODE: at.code() } });
    const { stderr } = await at.run(['write', 'work', '--overwrite', '--log-level', level]);
    return stderr.map((line) => line.split(' ')[0]);
  };
  expect(await at1('DEBUG')).toEqual(['INFO', 'WARNING', 'INFO']);
  expect(await at1('INFO')).toEqual(['INFO', 'WARNING', 'INFO']);
  expect(await at1('WARNING')).toEqual(['WARNING']);
  expect(await at1('NOTSET')).toEqual(['WARNING']);
  expect(await at1('ERROR')).toEqual([]);
  expect((await at.run(['write', 'work', '--log-level', 'LOUD'])).exit).toBe(2);
});

describe('--setup', () => {
  const [{ id = '', secret = '' } = {}] = alice.accessKeys;

  test('asks for the keys and puts them where aws-mfa has them', async () => {
    const terminal = fakeTerminal('work\r', `ASIA\rshort\r\u0015${id}\r`, `${secret}\r`);
    credentialsAre('# mine\n[other]\nregion = x\n');
    const { exit, stderr } = await awsMfa(['--setup'], { terminal });
    expect({ exit, last: stderr.at(-1), left: terminal.left() }).toEqual({
      exit: 0,
      last: `The keys are in [work-long-term] of ${at.home.credentials}; now: aws-mfa --profile work`,
      left: [],
    });
    expect(credentials()).toBe(`# mine\n[other]\nregion = x\n\n${keysSection('work-long-term', alice)}`);
    expect(terminal.shown()).not.toContain(secret);
  });

  test('under the name default, when nothing is typed', async () => {
    const terminal = fakeTerminal('\r', `${id}\r`, `${secret}\r`);
    credentialsAre('');
    expect((await awsMfa(['--setup'], { terminal })).exit).toBe(0);
    expect(credentials()).toBe(keysSection('default-long-term', alice));
  });

  test('touches no section that is there, and asks for nothing then', async () => {
    credentialsAre(longTerm);
    const terminal = fakeTerminal();
    expect((await at.run(['write', 'work', '--setup'], { terminal })).exit).toBe(3);
    expect((await at.run(['write', 'a]b', '--setup'], { terminal })).exit).toBe(3);
    expect((await at.run(['write', '--setup'])).exit).toBe(4);
    expect((await at.run(['write', '--setup', '--no-prompt'], { terminal })).exit).toBe(4);
    expect((await at.run(['write', 'new', '--setup'], { terminal })).exit).toBe(130);
    expect(credentials()).toBe(longTerm);
  });
});

test('a pipe on stdin is no code for a user without a device, as in a cron job', async () => {
  credentialsAre(keysSection('play-long-term', bob));
  at.home.write('.aws/config', '[profile play]\nmfa_serial =\n');
  expect(await awsMfa(['--profile', 'play'], { stdin: '' })).toMatchObject({ exit: 0 });
});
