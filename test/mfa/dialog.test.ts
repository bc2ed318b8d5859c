import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { late } from '../support/codes.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import { fakeTerminal, type Run, type Setting } from '../support/world.ts';

const at = stage();
afterEach(() => {
  at.sts.clockOffsetMs = 0;
});

const linux = { DISPLAY: ':7' };

/**
 * A stand-in for a dialog program, which writes down its arguments and answers each time with the next of these: what
 * was typed, or an exit status.
 */
function standIn(name: string, ...answers: readonly (string | number)[]): void {
  const path = join(at.home.path, name);
  at.home.write(`${name}.answers`, answers.map((answer) => `${answer}\n`).join(''));
  const script = `#!/bin/sh
PATH=/usr/bin:/bin
printf '%s\\0' "$@" >>'${path}.arguments'
printf '\\n' >>'${path}.arguments'
answer="$(sed -n 1p '${path}.answers')"
sed 1d '${path}.answers' >'${path}.rest'
mv '${path}.rest' '${path}.answers'
case "$answer" in ?|??|???) exit "$answer" ;; esac
printf '%s\\n' "$answer"
`;
  chmodSync(at.home.write(`bin/${name}`, script), 0o755);
}

/** The arguments of each time it was started. */
function starts(name: string): readonly (readonly string[])[] {
  const path = join(at.home.path, `${name}.arguments`);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\0\n')
    .slice(0, -1)
    .map((words) => words.split('\0'));
}

/** Without the programs of this machine. */
function login(env: Setting['env'], more: Setting = {}, argv: readonly string[] = ['work']): Promise<Run> {
  return at.run(['login', ...argv], {
    platform: 'linux',
    ...more,
    env: { PATH: join(at.home.path, 'bin'), SSH_CONNECTION: undefined, ...env },
  });
}

const statuses = () => at.calls().map(({ status }) => status);

describe('where there is no terminal a dialog asks', () => {
  test.for([
    ['zenity', linux],
    ['zenity', { WAYLAND_DISPLAY: 'wayland-0' }],
    ['kdialog', linux],
  ] as const)('%s, with %j', async ([name, env]) => {
    standIn(name, at.code());
    expect(await login(env)).toMatchObject({ exit: 0 });
    expect([starts(name), statuses()]).toEqual([
      [
        name === 'zenity'
          ? ['--entry', '--hide-text', '--title=awsmfa', '--text=MFA code for work (alice):']
          : ['--title', 'awsmfa', '--password', 'MFA code for work (alice):'],
      ],
      [200],
    ]);
  });

  test('osascript on a Mac: the text is an argument, and no part of the script', async () => {
    standIn('osascript', at.code());
    expect(await login({}, { platform: 'darwin' })).toMatchObject({ exit: 0 });
    const [words = []] = starts('osascript');
    expect(words.filter((_, index) => index % 2 === 0)).toEqual([
      '-e',
      '-e',
      '-e',
      '-e',
      'MFA code for work (alice):',
    ]);
    expect(words[1]).toBe('on run argv');
    expect(words[3]).toContain('(item 1 of argv)');
    expect(words[3]).toContain('with hidden answer');
  });

  test('zenity before kdialog, and the terminal before both', async () => {
    standIn('zenity', at.code());
    standIn('kdialog', 1);
    expect(await login(linux)).toMatchObject({ exit: 0 });
    const terminal = fakeTerminal(`${at.code()}\r`);
    expect(await login(linux, { terminal }, ['work', '--refresh'])).toMatchObject({ exit: 0 });
    expect([starts('zenity').length, starts('kdialog').length]).toEqual([1, 0]);
  });

  test('one that cannot show itself leaves it to the next', async () => {
    standIn('zenity', 255);
    standIn('kdialog', at.code());
    expect(await login(linux)).toMatchObject({ exit: 0 });
  });

  test('with a blank, as authenticators show it', async () => {
    standIn('zenity', at.code().replace(/^.../, '$& '));
    expect(await login(linux)).toMatchObject({ exit: 0 });
  });
});

describe('no dialog', () => {
  const hint =
    '  In any terminal: awsmfa login work. Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.';

  test.for([
    ['no program', linux, {}, 'there is no terminal, and no dialog could be shown (zenity, kdialog)'],
    ['no display', {}, {}, 'there is no terminal to ask on'],
    [
      'a Mac from afar',
      { SSH_CONNECTION: '1 2 3 4' },
      { platform: 'darwin' },
      'there is no terminal to ask on',
    ],
  ] as const)('%s: 4, at once', async ([what, env, more, why]) => {
    if (what !== 'no program')
      for (const name of ['zenity', 'kdialog', 'osascript']) standIn(name, at.code());
    expect(await login(env, more)).toEqual({
      exit: 4,
      stdout: '',
      stderr: [`awsmfa: An MFA code is needed, and ${why}`, hint],
    });
  });

  test('--no-prompt forbids it', async () => {
    standIn('zenity', at.code());
    expect(await login(linux, {}, ['work', '--no-prompt'])).toMatchObject({ exit: 4 });
    expect(starts('zenity')).toEqual([]);
  });

  test('Cancel is Ctrl-C: 130, and no other dialog', async () => {
    standIn('zenity', 1);
    standIn('kdialog', at.code());
    expect(await login(linux)).toEqual({ exit: 130, stdout: '', stderr: ['awsmfa: Cancelled'] });
    expect([starts('kdialog'), at.calls()]).toEqual([[], []]);
  });
});

describe('asks again', () => {
  const texts = () => starts('zenity').map((words) => words.at(-1)?.replace('--text=', '').split('\n'));
  const question = 'MFA code for work (alice):';

  test('after what is no code, and sends nothing', async () => {
    standIn('zenity', '12345', 'abcdef', '1234567');
    expect(await login(linux)).toMatchObject({
      exit: 5,
      stderr: ['awsmfa: The MFA code from the dialog is not six digits (7 digits)', expect.any(String)],
    });
    const slip = ['Six digits, please', question];
    expect([texts(), at.calls()]).toEqual([[[question], slip, slip], []]);
  });

  test('after a wrong code, and says so; three are enough', async () => {
    standIn('zenity', '000000', '111111', '222222', '333333');
    const { exit, stderr } = await login(linux);
    expect([exit, stderr.length, statuses()]).toEqual([5, 2, [403, 403, 403]]);
    expect(texts()).toEqual([
      [question],
      [expect.stringMatching(/^AWS refused the MFA code.*\(2 tries left\)$/), question],
      [expect.stringMatching(/^AWS refused the MFA code.*\(1 try left\)$/), question],
    ]);
  });

  test('after a code that was used already, when the next has come', async () => {
    const before = late(at.sts);
    const code = at.sts.code('alice');
    standIn('zenity', code);
    expect(await login(linux, { now: before })).toMatchObject({ exit: 0 });
    const now = late(at.sts);
    standIn('zenity', code, at.sts.code('alice', now() + 30_000));
    const { exit, stderr } = await login(linux, { now }, ['work', '--refresh']);
    expect([exit, stderr[0], statuses()]).toEqual([
      0,
      expect.stringMatching(/^work: that code was used already; waiting [12]s for the next$/),
      [200, 200],
    ]);
  });
});

test.for([
  ['zenity', linux, 'linux', '--text=MFA code for a__b?i? ?n ??? (x@y):'],
  ['kdialog', linux, 'linux', 'MFA code for a_b?i? ?n ??? (x@y):'],
  ['osascript', {}, 'darwin', 'MFA code for a_b?i? ?n ??? (x@y):'],
] as const)('%s shows a hostile name as it stands, or not at all', async ([name, env, platform, text]) => {
  const profile = 'a_b<i> \\n &\u001b\u0007';
  at.home.write(
    '.aws/credentials',
    `[${profile}]\naws_access_key_id = AKIAX\naws_secret_access_key = secret-a\n`,
  );
  standIn(name, 1);
  const argv = [profile, '--device', aliceSerial.replace('alice', 'x@y')];
  expect(await login(env, { platform }, argv)).toMatchObject({ exit: 130 });
  expect(starts(name).map((words) => words.at(-1))).toEqual([text]);
});

test('no argument of a dialog is a secret', async () => {
  standIn('zenity', '000000', at.code());
  await login(linux);
  expect(starts('zenity').join()).not.toMatch(/\d{6}|AKIA|wJalr/);
});
