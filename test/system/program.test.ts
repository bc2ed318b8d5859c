import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { type Program, type Ran, runProgram } from '../../src/system/program.ts';
import { isRunning } from '../support/processes.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'awsmfa-program-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function run(script: string, more: Partial<Program> = {}): Promise<Ran> {
  return runProgram({
    words: ['/bin/sh', '-c', script],
    command: '',
    env: { PATH: process.env.PATH, HOME: home },
    platform: 'linux',
    terminal: undefined,
    seconds: 50,
    most: 1000,
    ...more,
  });
}

test('its output is counted in bytes, and given as it is', async () => {
  const text = `${'é'.repeat(499)}\n\n`;
  expect(await run(`printf '%s\\n\\n' ${'é'.repeat(499)}`)).toEqual({ ok: true, stdout: text });
  expect(await run(`printf '%s' ${'é'.repeat(501)}`)).toEqual({ ok: false, reason: 'too-much' });
});

test('one that prints too much and goes on is ended at once, with what it started', async () => {
  const ran = await run('sleep 120 & echo $! >"$HOME/pid"; head -c 2000 /dev/zero; sleep 120');
  expect(ran).toEqual({ ok: false, reason: 'too-much' });
  expect(isRunning(readFileSync(join(home, 'pid'), 'utf8').trim())).toBe(false);
});

test('one that closes its stdout is waited for', async () => {
  expect(await run('echo a; exec >&-; sleep 0.3; touch "$HOME/end"')).toEqual({ ok: true, stdout: 'a\n' });
  expect(existsSync(join(home, 'end'))).toBe(true);
});

test('what it leaves running, with its stdout open, is waited for a second', async () => {
  expect(await run('sleep 120 & echo $! >"$HOME/pid"; echo a')).toEqual({ ok: true, stdout: 'a\n' });
  const pid = readFileSync(join(home, 'pid'), 'utf8').trim();
  expect(isRunning(pid)).toBe(true);
  process.kill(Number(pid));
});

test.for([0, 4])('one that does not read its stdin is judged by its exit status: %i', async (status) => {
  const ran = await run(`exec <&-; sleep 0.2; exit ${status}`, { input: new Secret('x'.repeat(1_000_000)) });
  expect(ran).toMatchObject(status === 0 ? { ok: true } : { ok: false, reason: 'failed', status });
});

test('it gets no variable but its own', async () => {
  const ran = await run('env', { env: { PATH: process.env.PATH, A: 'b', C: undefined } });
  const names = ran.ok ? ran.stdout.match(/^\w+(?==)/gm) : [];
  expect(names?.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)).sort()).toEqual([
    'A',
    'PATH',
  ]);
});

test('words that no program can get are in no error', async () => {
  expect(await run('', { words: ['echo', 'canary\0'] })).toEqual({
    ok: false,
    reason: 'cannot-start',
    code: 'ERR_INVALID_ARG_VALUE',
  });
});
