import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { clockAhead } from '../support/clock.ts';
import { ada, desk, serialOf } from '../support/desk.ts';
import { spawn, type Terminal } from '../support/pty.ts';

const home = desk();
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

const path = (name: string) => join(home.home, name);
const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');

/** `$1 …` in a shell on a terminal of its own; its status and the modes of the terminal are written down. */
function open(script: string, { columns, env = {} }: { columns?: number; env?: object } = {}): Terminal {
  const lines = `stty -a >before\n${script}\necho "$?" >status.new; stty -a >after; mv status.new status\necho en''ded\nread -r _`;
  writeFileSync(path('script'), lines);
  const size = columns === undefined ? {} : { columns };
  terminal = spawn('/bin/sh', ['script'], {
    env: { ...home.env, SHELL: '/bin/sh', ...env },
    cwd: home.home,
    ...size,
  });
  return terminal;
}

const status = () => expect.poll(() => read('status'), { timeout: 50_000 });
const pause = (milliseconds = 200) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function program(script: string): void {
  mkdirSync(path('bin'), { recursive: true });
  writeFileSync(path('bin/totp'), `#!/bin/sh\n${script}\n`);
  chmodSync(path('bin/totp'), 0o755);
  home.config(`[profile work]\nmfa_serial = ${serialOf(ada)}\nmfa_process = ${path('bin/totp')}\n`);
}

describe('the terminal goes away while the code is asked for', () => {
  test.for([
    ['its window is closed', ''],
    ['and the signal is ignored, as below nohup', "trap '' HUP; "],
  ])('%s: awsmfa ends', async ([, before]) => {
    const script = `${before}sh -c 'echo $$ >pid; exec awsmfa login work'`;
    const t = open(script);
    await t.waitFor('MFA code');
    await pause();
    const pid = Number(read('pid'));
    t.hangUp();
    await expect.poll(() => isThere(pid), { timeout: 50_000 }).toBe(false);
    if (before) await status().toMatch(/^(129|130)\n$/);
    expect(home.sts.requests).toEqual([]);
  });
});

test.for(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
  '%s at the question: the terminal is as before',
  async (signal) => {
    const t = open("sh -c 'echo $$ >pid; exec awsmfa login work'");
    await t.waitFor('MFA code');
    await pause();
    process.kill(Number(read('pid')), signal);
    await t.waitFor('ended');
    await status().toBe(`${{ SIGTERM: 143, SIGHUP: 129, SIGINT: 130 }[signal]}\n`);
    expect(read('after')).toBe(read('before'));
  },
);

test('a terminal that changes its size while the code is typed', async () => {
  const t = open('awsmfa login work');
  const code = home.sts.nextCode('ada');
  await t.waitFor('MFA code');
  await pause();
  t.type(code.slice(0, 3));
  await t.waitFor('***');
  for (const [columns, rows] of [
    [20, 10],
    [10, 3],
    [120, 40],
  ] as const) {
    t.resize(columns, rows);
    await pause(50);
  }
  t.type(`${code.slice(3)}\r`);
  await t.waitFor('ended');
  await status().toBe('0\n');
  expect(t.screen()).not.toContain(code.slice(0, 3));
});

test('one that ends in the background leaves the terminal as who is in the foreground has it', async () => {
  program(`echo >started; until test -e go; do sleep 0.1; done; echo ${home.sts.nextCode('ada')}`);
  // It starts while a line is edited, as at the prompt of bash, and ends while a command has the terminal.
  open(`set -m; modes=$(stty -g); stty -icanon -echo
awsmfa login work &
until test -e started; do sleep 0.1; done
stty "$modes"; echo >go; wait $!`);
  await status().toBe('0\n');
  expect(read('after')).toBe(read('before'));
});

describe('a code that was used already', () => {
  /** By a clock that is at the begin of the next window, so that the one after it does not come before the test has looked. */
  async function spent(): Promise<{ t: Terminal; code: string }> {
    const clock = clockAhead(home.home);
    const ahead = 30_000 - (Date.now() % 30_000);
    clock.set(ahead);
    const code = home.sts.code('ada', Date.now() + ahead);
    const login = await home.awsmfa(['login', 'work', '--token-code', code], clock.env);
    expect(login).toMatchObject({ status: 0 });
    const t = open('awsmfa login work --refresh', { columns: 60, env: clock.env });
    await t.waitFor('MFA code');
    await pause();
    t.type(`${code}\r`);
    return { t, code };
  }

  test('the seconds count down on one line; Ctrl-C ends it, and the line is gone', async () => {
    const { t, code } = await spent();
    const [, first = ''] = /waiting (\d+)s/.exec(await t.waitFor(/waiting \d+s for the next/)) ?? [];
    await t.waitFor(`waiting ${Number(first) - 2}s for the next`);
    t.type('123456\r');
    await pause();
    t.key('ctrl-c');
    await t.waitFor('Cancelled');
    await t.waitFor('ended');
    await status().toBe('130\n');
    expect(read('after')).toBe(read('before'));
    for (const typed of [code, '123456']) expect(t.screen()).not.toContain(typed);
  });
});

describe('a program that prints the code', () => {
  test('asks for a touch and for a password on the terminal, though all else is caught', async () => {
    program(
      `echo 'Touch your key' >&2; read -r password; [ "$password" = open ] && echo ${home.sts.nextCode('ada')}`,
    );
    const t = open('out="$(awsmfa env work --shell sh 2>/dev/null </dev/null)"; [ -n "$out" ]');
    await t.waitFor('Touch your key');
    t.type('open\r');
    await t.waitFor('ended');
    await status().toBe('0\n');
    expect(read('after')).toBe(read('before'));
  });

  test('Ctrl-C while it waits: 130, and it is gone', async () => {
    program("echo $$ >pid; stty -echo; echo 'Touch your key' >&2; sleep 60 & wait");
    const t = open('trap : INT; out="$(awsmfa env work --shell sh)"');
    await t.waitFor('Touch your key');
    await pause();
    t.key('ctrl-c');
    await t.waitFor('Cancelled');
    await t.waitFor('ended');
    await status().toBe('130\n');
    expect(isThere(Number(read('pid')))).toBe(false);
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
