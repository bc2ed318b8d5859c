import { afterEach, expect, test } from 'vitest';
import { spawn, type Terminal } from '../support/pty.ts';

const env = { PATH: '/usr/bin:/bin', TERM: 'xterm' };
let terminal: Terminal;
/** Stays after the script until it gets a line more: see the note in pty.ts on last words. */
const sh = (script: string) => {
  terminal = spawn('/bin/sh', ['-c', `${script}\nread -r _`], { env });
  return terminal;
};
afterEach(() => terminal.close());

test('what is typed arrives, and what is shown can be waited for', async () => {
  const t = sh('printf "name? "; read -r name; echo "hello $name"');
  await t.waitFor('name? ');
  t.type('world\r');
  expect(await t.waitFor(/hello (\w+)\n/)).toBe('hello world\n');
  expect(t.screen()).toBe('name? world\nhello world\n');
  t.key('enter');
  expect(await t.ended()).toEqual({ status: 0, signal: 0 });
});

test('a program finds a terminal on each of its streams and at /dev/tty', async () => {
  const t = sh('[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all >/dev/tty');
  await t.waitFor('all');
});

test('waiting goes on behind the last match', async () => {
  const t = sh('echo one; read -r _; echo one more');
  await t.waitFor('one');
  t.key('enter');
  await t.waitFor('one more');
  expect(t.screen().match(/one/g)).toHaveLength(2);
});

test('Ctrl-C interrupts the program in the foreground', async () => {
  const t = sh('trap "exit 130" INT; echo ready; while :; do sleep 0.05; done');
  await t.waitFor('ready');
  t.key('ctrl-c');
  expect((await t.ended()).status).toBe(130);
});

test('the screen is plain text', async () => {
  const t = sh(String.raw`printf '\033[1;31mred\033[0m \033]0;title\007\033(Bplain\r\n'`);
  await t.waitFor('plain\n');
  expect(t.screen()).toBe('red plain\n');
});

test('waiting in vain says for what, and what was there instead', async () => {
  const t = sh('echo something else');
  await t.waitFor('else');
  await expect(t.waitFor('wanted', 50)).rejects.toThrow(/50 ms without wanted:\nsomething else/);
  t.key('enter');
  await expect(t.waitFor('wanted')).rejects.toThrow(/ended before wanted:\nsomething else/);
});

test('closing ends a program that would stay', async () => {
  const t = sh('trap "" HUP TERM INT; echo ready; while :; do sleep 0.05; done');
  await t.waitFor('ready');
  await t.close();
  expect((await t.ended()).signal).toBe(9);
});
