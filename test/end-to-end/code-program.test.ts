import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programFile } from '../support/desk.ts';
import { isRunning } from '../support/processes.ts';
import { aliceSerial, stage } from '../support/stage.ts';

const at = stage();

type Result = { status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

/** A program, without a terminal, and what came of it. */
function start(words: readonly string[], more: Record<string, string> = {}) {
  const env = {
    HOME: at.home.path,
    PATH: '/usr/bin:/bin',
    AWS_ENDPOINT_URL_STS: at.sts.url,
    SHELL: '/bin/sh',
  };
  const [file = '', ...args] = words;
  const child: ChildProcess = spawn(file, args, {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const result = new Promise<Result>((resolve) =>
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr })),
  );
  return { child, result, said: () => stderr };
}

const awsmfa = () => [process.execPath, programFile, 'env', 'work', '--shell', 'bash'];
const path = (name: string) => join(at.home.path, name);
const pids = () => readFileSync(path('pids'), 'utf8').trim().split('\n');

/** `work` gets its code, or its keys, from a program that never ends and has started another one. */
async function hanging(kind: 'mfa_process' | 'credential_process'): Promise<void> {
  const script = `#!/bin/sh\nsleep 60 & echo $! >'${path('pids.new')}'; echo $$ >>'${path('pids.new')}'\nmv '${path('pids.new')}' '${path('pids')}'; wait\n`;
  const program = at.home.write('hangs', script);
  chmodSync(program, 0o755);
  const device = kind === 'mfa_process' ? `mfa_serial = ${aliceSerial}\n` : '';
  at.home.write('.aws/config', `[profile work]\n${device}${kind} = ${program}\n`);
  if (kind === 'credential_process') at.home.write('.aws/credentials', '');
}

const started = () => expect.poll(() => existsSync(path('pids')), { timeout: 50_000 }).toBe(true);

async function nothingIsLeft(): Promise<void> {
  for (const pid of pids()) await expect.poll(() => isRunning(pid), { timeout: 50_000 }).toBe(false);
  await expect
    .poll(() => at.home.cached('').filter((file) => !file.includes('/code-')).length, { timeout: 50_000 })
    .toBe(0);
  expect(at.calls()).toEqual([]);
}

describe.each(['mfa_process', 'credential_process'] as const)('while a %s runs', (kind) => {
  test.for([
    ['SIGINT', 130, 'Cancelled'],
    ['SIGTERM', 143, 'Terminated'],
    ['SIGHUP', 129, 'The terminal, or what started awsmfa, went away'],
  ] as const)('%s: %i, and nothing is left', async ([signal, status, message]) => {
    await hanging(kind);
    const { child, result } = start(awsmfa());
    await started();
    child.kill(signal);
    const { status: exited, signal: died, stdout, stderr } = await result;
    expect({ status: died ? 128 + constants.signals[died] : exited, stdout, stderr }).toEqual({
      status,
      stdout: 'false\n',
      stderr: `awsmfa: ${message}\n`,
    });
    await nothingIsLeft();
  });

  test('who started awsmfa is killed: nothing is left', async () => {
    await hanging(kind);
    const caller = start(['/bin/sh', '-c', '"$@" & wait', 'sh', ...awsmfa()]);
    await started();
    caller.child.kill('SIGKILL');
    // It has the pipes of its caller, and closes them when it ends.
    await caller.result;
    await nothingIsLeft();
  });
});

test('SIGTERM while a dialog asks: 143, and it is gone', async () => {
  await hanging('mfa_process');
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\n`);
  // Whatever kind of dialog this machine knows.
  for (const name of ['zenity', 'osascript']) copyFileSync(path('hangs'), path(name));
  const { child, result } = start(awsmfa(), { PATH: `${at.home.path}:/usr/bin:/bin`, DISPLAY: ':7' });
  await started();
  child.kill('SIGTERM');
  expect(await result).toMatchObject({ status: 143, stdout: 'false\n' });
  await nothingIsLeft();
});

test('another that waits for the one that was ended does the work itself', async () => {
  await hanging('mfa_process');
  const first = start(awsmfa());
  await started();
  const second = start(awsmfa(), { AWSMFA_TOKEN_CODE: at.code() });
  await expect.poll(second.said, { timeout: 50_000 }).toContain('Waiting for awsmfa env (process ');
  first.child.kill('SIGTERM');
  expect(await first.result).toMatchObject({ status: 143 });
  expect(await second.result).toMatchObject({ status: 0 });
});

test('with --no-prompt a program is worth waiting for: many at once, one code, one call', async () => {
  const program = at.home.write(
    'totp',
    `#!/bin/sh\nsleep 1; echo x >>'${path('runs')}'; echo ${at.code()}\n`,
  );
  chmodSync(program, 0o755);
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nmfa_process = ${program}\n`);
  const all = Array.from({ length: 5 }, () => start([...awsmfa(), '--no-prompt']));
  const results = await Promise.all(all.map(({ result }) => result));
  expect(results.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
  expect([readFileSync(path('runs'), 'utf8'), at.calls().length]).toEqual(['x\n', 1]);
});

test('two that get the same code at once: one call with it; the other waits, and can be ended', async () => {
  const program = at.home.write('totp', `#!/bin/sh\necho ${at.code()}\n`);
  chmodSync(program, 0o755);
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nmfa_process = ${program}\n`);
  // Two addresses of the STS, so that neither session serves the other process.
  const both = [at.sts.url, `${at.sts.url}/`.replace('127.0.0.1', 'localhost')].map((url) =>
    start(awsmfa(), { AWS_ENDPOINT_URL_STS: url }),
  );
  const waits = () => both.find(({ said }) => said().includes('that code was used already; waiting'));
  await expect.poll(waits, { timeout: 50_000 }).toBeDefined();
  const other = both.find((each) => each !== waits());
  expect(await other?.result).toMatchObject({ status: 0 });
  waits()?.child.kill('SIGTERM');
  expect(await waits()?.result).toMatchObject({ status: 143, stdout: 'false\n' });
  expect(at.calls().map(({ status }) => status)).toEqual([200]);
  expect(at.home.cached('lock-')).toEqual([]);
});

test('in a directory that was removed, and with the debugging of a library: it runs, and nobody sees its output', async () => {
  const program = at.home.write('fails', '#!/bin/sh\necho canary; exit 7\n');
  chmodSync(program, 0o755);
  at.home.write('.aws/config', `[profile work]\ncredential_process = ${program} canary\n`);
  at.home.write('.aws/credentials', '');
  mkdirSync(path('gone'));
  const inGone = ['/bin/sh', '-c', 'cd "$HOME/gone" && rmdir "$HOME/gone" && exec "$@"', 'sh'];
  const { result } = start([...inGone, ...awsmfa()], { NODE_DEBUG: 'execa' });
  const { status, stderr } = await result;
  expect({ status, stderr: stderr.split('\n')[0] }).toEqual({
    status: 5,
    stderr: 'awsmfa: The credential_process of profile "work" failed: exit status 7',
  });
  expect(stderr).not.toContain('canary');
});
