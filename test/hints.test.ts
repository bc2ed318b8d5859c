import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { optionWord, profileWord } from '../src/text.ts';
import { alice, bob, erin, roles } from '../tools/local-sts/sample.ts';
import { keysSection, makeHome } from './support/home.ts';
import { aliceSerial, stage } from './support/stage.ts';

const at = stage({ roles });

/** Names that a shell, or awsmfa itself, would take for something else. */
const names = [`a b'$(touch x)`, '-x'] as const;
const header = (name: string) => `[profile "${name}"]\n`;
const role = 'role_arn = arn:aws:iam::123456789012:role/closed\n';
const mfa = `mfa_serial = ${aliceSerial}\n`;

/** An error or a word to people about the profile of this name: its files, a command line, and the environment. */
interface Case {
  readonly config?: (name: string) => string;
  readonly credentials?: (name: string) => string;
  readonly argv: (name: string) => readonly string[];
  readonly env?: (name: string) => Record<string, string>;
  /** The name stands only as a name, in no command. */
  readonly isOnlyNamed?: true;
}

const keys = (name: string) => keysSection(name, alice);
const use = (name: string) => ['env', `--profile=${name}`];
const code = () => ({ AWSMFA_TOKEN_CODE: at.code() });

const cases: Readonly<Record<string, Case>> = {
  'nobody can be asked for the code': { config: (n) => header(n) + mfa, credentials: keys, argv: use },
  'no device is known': { credentials: (n) => keysSection(n, bob), argv: use },
  'a profile without credentials': { config: (n) => `${header(n)}region = eu-west-1\n`, argv: use },
  'half a key': { credentials: (n) => `[${n}]\naws_access_key_id = AKIAHALFHALFHALFHALF\n`, argv: use },
  'an unknown key': {
    config: (n) => header(n) + mfa,
    credentials: (n) => keys(n).replace(alice.accessKeys[0]?.id ?? '', 'AKIANOBODYNOBODY1234'),
    argv: use,
    env: code,
  },
  'a wrong secret': {
    config: (n) => header(n) + mfa,
    credentials: (n) => keys(n).replace(/secret_access_key = .*/, 'secret_access_key = other'),
    argv: use,
    env: code,
  },
  'a session in place of keys': {
    credentials: (n) => `${keys(n).replace('AKIA', 'ASIA')}aws_session_token = canary\n`,
    argv: use,
    isOnlyNamed: true,
  },
  'Identity Center, incomplete': { config: (n) => `${header(n)}sso_start_url = https://x\n`, argv: use },
  'Identity Center, nobody signed in': {
    config: (n) =>
      `${header(n)}sso_start_url = https://x.example\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r\n`,
    argv: use,
  },
  'aws login, nobody signed in': {
    config: (n) => `${header(n)}login_session = arn:aws:iam::1:user/a\n`,
    argv: use,
  },
  'a name with a slip': {
    credentials: keys,
    argv: (n) => ['env', '--profile', `${n.replace('-', 'y')}y`],
    isOnlyNamed: true,
  },
  'nothing is named': { credentials: keys, argv: () => ['env'] },
  'a role that is refused': {
    config: (n) => `[profile base]\n${mfa}${header(n)}${role}source_profile = base\n`,
    credentials: () => keys('base'),
    argv: use,
    env: code,
    isOnlyNamed: true,
  },
  'a user without a device': { credentials: (n) => keysSection(n, erin), argv: use },
  'logout beside a written section': {
    config: (n) => header(n) + mfa,
    credentials: (n) =>
      `${keys(n)}[${n}-mfa]\naws_access_key_id = ASIA1\naws_secret_access_key = canary\naws_session_token = canary\naws_security_token = canary\nassumed_role = False\nexpiration = 2099-01-01 00:00:00\n`,
    argv: (n) => ['logout', `--profile=${n}`],
  },
  'a command word that is none': { argv: (n) => [`x${n}`], isOnlyNamed: true },
  'doctor, keys from elsewhere': {
    config: (n) => `${header(n)}credential_process = /bin/false\n`,
    argv: () => ['doctor'],
    env: (n) => ({ AWS_PROFILE: n }),
  },
  doctor: {
    config: (n) => header(n) + mfa,
    credentials: keys,
    argv: () => ['doctor'],
    env: (n) => ({ AWS_PROFILE: n }),
    isOnlyNamed: true,
  },
  write: {
    config: (n) => `${header(n)}mfa_serial =\n`,
    credentials: (n) => keysSection(n, erin),
    argv: (n) => ['write', `--profile=${n}`, `--to=${n}-2`],
  },
  'write --all, source unknown': {
    credentials: (n) =>
      `[${n}]\naws_access_key_id = ASIA1\naws_secret_access_key = canary\naws_session_token = canary\naws_security_token = canary\nassumed_role = False\nexpiration = 2020-01-01 00:00:00\n`,
    argv: () => ['write', '--all'],
  },
};

describe.each(names)('a profile called %j', (name) => {
  test.for(Object.entries(cases))('%s: every command in the hint can be pasted', async ([, one]) => {
    const home = makeHome({ config: one.config?.(name) ?? '', credentials: one.credentials?.(name) ?? '' });
    const { stdout, stderr } = await at.run(one.argv(name), { home, env: one.env ? one.env(name) : {} });
    const report = one.argv(name)[0] === 'doctor' ? stdout : '';
    const text = [report, ...stderr].join('\n').replaceAll(home.path, '~');
    const commands = commandsIn(text);
    for (const command of commands) pasted(command);
    if (!one.isOnlyNamed)
      expect(
        commands.some((command) => wordsOf(command).join(' ').includes(name)),
        text,
      ).toBe(true);
  });
});

/** The commands of hints: each begins with its program, and ends where the sentence does. */
function commandsIn(text: string): readonly string[] {
  const found = text.matchAll(
    /(?:(?:awsmfa|aws|aws-mfa) [a-z]|AWS_PROFILE=)(?:'[^']*'|\\'|[^'.;)\n,]|[.,](?=\S))*/g,
  );
  return [...found].map(([command]) => command.replace(/ (?:or|looks again|takes it out)\b.*$/, '').trim());
}

function wordsOf(command: string): readonly string[] {
  const print = (program: string) => `${program}() { printf '%s\\n' "$@"; }\n`;
  const script = `${['awsmfa', 'aws', 'aws-mfa'].map(print).join('')}touch() { printf RUN; }\n${command}\nprintf '%s\\n' "$AWS_PROFILE"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(stderr, command).toBe('');
  return stdout.split('\n');
}

/** Nothing in it is run, and a name that looks like an option is none. */
function pasted(command: string): void {
  const words = wordsOf(command);
  expect(words.join(' '), command).not.toContain('RUN');
  expect(words, command).not.toContain('-x');
}

test('the word for a profile, and an option with its value', () => {
  expect(['work', 'two words', '-x', '--all'].map(profileWord)).toEqual([
    'work',
    "'two words'",
    '--profile=-x',
    '--profile=--all',
  ]);
  expect([optionWord('--to', 'a b'), optionWord('--to', '-x')]).toEqual(["--to 'a b'", '--to=-x']);
});
