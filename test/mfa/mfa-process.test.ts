import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { timerUntil } from '../support/calls.ts';
import { late } from '../support/codes.ts';
import { isRunning } from '../support/processes.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import type { Run, Setting } from '../support/world.ts';

const at = stage();
afterEach(() => {
  vi.restoreAllMocks();
  at.sts.clockOffsetMs = 0;
});

/** What the program printed is a secret until STS has taken it: `run` looks for this word wherever people look. */
const canary = 'canary';

/** The program of [profile work], a script; it finds `$CODE` in its environment. */
function program(script: string, args = ''): string {
  const path = at.home.write('bin/my totp', `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  configure(`"${path}"${args}`);
  return path;
}

function configure(command: string): void {
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nmfa_process = ${command}\n`);
}

async function login(setting: Setting = {}, argv: readonly string[] = []): Promise<Run> {
  const env = { PATH: process.env.PATH, CODE: at.code(), ...setting.env };
  const run = await at.run(['login', 'work', ...argv], { ...setting, env });
  expect(run.stderr.join('\n')).not.toContain(canary);
  return run;
}

const statuses = () => at.calls().map(({ status }) => status);

describe('a program prints the code', () => {
  test.for<[string, string]>([
    ['with a line break', 'echo "$CODE"'],
    ['without', 'printf %s "$CODE"'],
    ['as Windows ends its lines', `printf '%s\\r\\n' "$CODE"`],
    [
      'as authenticators show it',
      `printf '%s %s\\n' "$(echo "$CODE" | cut -c 1-3)" "$(echo "$CODE" | cut -c 4-)"`,
    ],
    ['after a byte order mark', `printf '\\357\\273\\277%s\\n' "$CODE"`],
  ])('%s', async ([, script]) => {
    program(script);
    expect(await login()).toMatchObject({ exit: 0 });
    expect(statuses()).toEqual([200]);
  });

  test('it gets its words as they stand, from no shell', async () => {
    program('[ "$#$1$2" = "2a b\'|\'c" ] && echo "$CODE"', ` "a b" "'|'c"`);
    expect(await login()).toMatchObject({ exit: 0 });
  });

  test('a command that is more than words is read by a shell, as aws-vault has it read', async () => {
    configure('printf "code: $CODE\\n" | sed "s/^code: //"');
    expect(await login()).toMatchObject({ exit: 0 });
    configure('~/bin/totp');
    chmodSync(at.home.write('bin/totp', '#!/bin/sh\necho "$CODE"\n'), 0o755);
    expect(await login({}, ['--refresh'])).toMatchObject({ exit: 0 });
  });

  test('knows what for, and sees no session of this shell', async () => {
    const seen = join(at.home.path, 'seen');
    program(`echo "$AWSMFA_MFA_PROFILE $AWSMFA_MFA_SERIAL <$AWS_SESSION_TOKEN>" >'${seen}'; echo "$CODE"`);
    const env = {
      AWS_ACCESS_KEY_ID: 'ASIAX',
      AWS_SECRET_ACCESS_KEY: 'canary',
      AWS_SESSION_TOKEN: 'canary-token',
    };
    expect(await login({ env })).toMatchObject({ exit: 0 });
    expect(readFileSync(seen, 'utf8')).toBe(`work ${aliceSerial} <>\n`);
  });

  test('of the variable before the one of the profile', async () => {
    program('exit 7');
    expect(await login({ env: { AWSMFA_MFA_PROCESS: 'sh -c "echo $CODE"' } })).toMatchObject({ exit: 0 });
  });

  test('of the source of a role', async () => {
    program('echo "$CODE"');
    const config = readFileSync(at.home.config, 'utf8');
    const role = '[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/none\nsource_profile = work\n';
    at.home.write('.aws/config', `${config}\n${role}`);
    const env = { PATH: process.env.PATH, CODE: at.code() };
    expect(await at.run(['login', 'ops'], { env })).toMatchObject({ exit: 5 });
    expect(at.calls().map(({ action, status }) => [action, status])).toEqual([
      ['GetSessionToken', 200],
      ['AssumeRole', 403],
    ]);
  });

  test('of the role before that of its source', async () => {
    program('exit 7');
    const config = readFileSync(at.home.config, 'utf8');
    const role =
      '[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/none\nsource_profile = work\nmfa_process = sh -c "echo $CODE"\n';
    at.home.write('.aws/config', `${config}\n${role}`);
    await at.run(['login', 'ops'], { env: { PATH: process.env.PATH, CODE: at.code() } });
    expect(statuses()[0]).toBe(200);
  });

  test('--no-prompt does not forbid it: it is no question to a person', async () => {
    program('echo "$CODE"');
    expect(await login({}, ['--no-prompt'])).toMatchObject({ exit: 0 });
  });

  test('a code that was given comes first', async () => {
    program('exit 7');
    expect(await login({}, ['--token-code', at.code()])).toMatchObject({ exit: 0 });
  });
});

describe('a program that gives no code', () => {
  const byHand = '  Run it by hand to see what it says; awsmfa shows nothing of it, as it may hold secrets.';
  const only = '  It must print the code that the device shows now, and nothing else on stdout.';
  const whole = '  Give the whole path of the program; one with blanks in quotes.';

  test.for([
    ['prints seven digits', 'echo 1234567', 5, 'printed 7 digits instead of six digits', only],
    ['prints a word', 'echo canary', 5, 'printed 6 characters instead of six digits', only],
    ['prints two lines', 'echo 123456; echo canary', 5, 'printed 2 lines instead of six digits', only],
    ['prints nothing', ':', 5, 'printed nothing instead of six digits', only],
    ['prints other digits', 'echo ١٢٣٤٥٦', 5, 'printed 6 characters instead of six digits', only],
    ['fails', 'echo 123456; echo canary >&2; exit 7', 5, 'failed: exit status 7', byHand],
    ['dies', 'echo canary; kill -SEGV $$', 5, 'failed: ended by SIGSEGV', byHand],
    [
      'prints without end',
      'while :; do echo canary-canary-canary; done',
      3,
      'printed more than 64 KiB, and was ended',
      byHand,
    ],
  ] as const)('%s', async ([, script, exit, what, hint]) => {
    program(script);
    expect(await login()).toEqual({
      exit,
      stdout: '',
      stderr: [`awsmfa: The mfa_process of profile "work" ${what}`, hint],
    });
    expect(at.calls()).toEqual([]);
  });

  test('never ends: it is ended, with what it started', async () => {
    const path = join(at.home.path, 'children');
    program(`echo canary; (trap '' TERM; sleep 30) & echo $! >'${path}'; echo $$ >>'${path}'; wait`);
    timerUntil(9000, () => existsSync(path) && readFileSync(path, 'utf8').split('\n').length === 3);
    expect(await login({ env: { AWSMFA_PROCESS_TIMEOUT: '9s' } })).toEqual({
      exit: 5,
      stdout: '',
      stderr: [
        'awsmfa: The mfa_process of profile "work" gave no answer in 9s, and was ended',
        `${byHand} AWSMFA_PROCESS_TIMEOUT=5m gives it longer.`,
      ],
    });
    for (const pid of readFileSync(path, 'utf8').trim().split('\n')) {
      await expect.poll(() => isRunning(pid), { timeout: 50_000 }).toBe(false);
    }
  });

  test.for([
    ['/no/such/program canary', '/no/such/program: there is no such program', whole],
    ['plain', 'PLAIN: it may not be executed', whole],
  ])('cannot be started: %s', async ([command, what, hint]) => {
    const plain = at.home.write('plain.txt', 'canary');
    configure(command === 'plain' ? plain : (command ?? ''));
    expect(await login()).toEqual({
      exit: 3,
      stdout: '',
      stderr: [
        `awsmfa: The mfa_process of profile "work" cannot be started: ${what?.replace('PLAIN', plain)}`,
        hint,
      ],
    });
  });

  test('has a quote that is not closed', async () => {
    configure('/bin/echo "canary');
    expect(await login()).toMatchObject({
      exit: 3,
      stderr: [
        'awsmfa: The mfa_process of profile "work" has a quote that is not closed',
        '  Close it, as in: "/path/to/the program" argument',
      ],
    });
  });

  test('is named by the variable where that names it', async () => {
    const env = { AWSMFA_MFA_PROCESS: 'false' };
    expect((await login({ env })).stderr[0]).toBe('awsmfa: AWSMFA_MFA_PROCESS failed: exit status 1');
  });
});

describe('a code from a program that does not serve', () => {
  /** The program prints what this file says, and the next time what stands in `.next`. */
  let shown: string;
  let now: () => number;
  beforeEach(() => {
    now = late(at.sts);
    shown = at.home.write('shown', `${at.sts.code('alice')}\n`);
    program(`cat '${shown}'; [ ! -f '${shown}.next' ] || cp '${shown}.next' '${shown}'`);
  });
  /** To be called just before the run that waits for it. */
  const next = (code?: string) => {
    now = late(at.sts);
    writeFileSync(`${shown}.next`, `${code ?? at.sts.code('alice', now() + 30_000)}\n`);
  };

  test('was used already: the next is waited for, and fetched', async () => {
    expect(await login({ now })).toMatchObject({ exit: 0 });
    next();
    const { exit, stderr } = await login({ now }, ['--refresh']);
    expect({ exit, waited: stderr[0], statuses: statuses() }).toEqual({
      exit: 0,
      waited: expect.stringMatching(/^work: that code was used already; waiting [12]s for the next$/),
      statuses: [200, 200],
    });
  });

  test('--quiet says nothing of it', async () => {
    expect(await login({ now })).toMatchObject({ exit: 0 });
    next();
    expect(await login({ now }, ['--refresh', '--quiet'])).toMatchObject({ exit: 0, stderr: [] });
  });

  test('was refused: the next is fetched when its window opens, once', async () => {
    writeFileSync(shown, '000000\n');
    next();
    const { exit, stderr } = await login({ now });
    expect({ exit, waited: stderr[0], statuses: statuses() }).toEqual({
      exit: 0,
      waited: expect.stringMatching(/^work: AWS refused the MFA code.*; waiting [12]s for the next$/),
      statuses: [403, 200],
    });
  });

  test('that is refused, and printed again in the next window: 5, and it is not sent again', async () => {
    writeFileSync(shown, '000000\n');
    const { exit, stderr } = await login({ now });
    expect([exit, stderr.at(-2), statuses()]).toEqual([5, expect.stringContaining('prints no other'), [403]]);
  });

  test('two that were refused are the end: 5', async () => {
    writeFileSync(shown, '000000\n');
    next('111111');
    const { exit, stderr } = await login({ now });
    expect([exit, stderr.at(-2), statuses()]).toEqual([
      5,
      expect.stringContaining('AWS refused the MFA code'),
      [403, 403],
    ]);
  });

  test('stays the same in the next window: 5, and no third one is waited for', async () => {
    expect(await login({ now })).toMatchObject({ exit: 0 });
    // A clock that is three seconds on whenever somebody looks, or the test would wait for a minute.
    let time = Math.floor(now() / 30_000) * 30_000;
    const fast = () => {
      time += 3000;
      return time;
    };
    const { exit, stderr } = await login({ now: fast }, ['--refresh']);
    expect({ exit, stderr, statuses: statuses() }).toEqual({
      exit: 5,
      stderr: [
        expect.stringMatching(/^work: that code was used already; waiting \d+s for the next$/),
        'awsmfa: The code from the mfa_process of profile "work" was used already, and it prints no other',
        '  Nothing was sent. Each code works once; take the next one.',
      ],
      statuses: [200],
    });
  });
});
