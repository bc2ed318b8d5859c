import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Terminal } from '../support/pty.ts';
import { onWine } from '../support/wine.ts';
import { windowsDesk } from './desk.ts';

const at = windowsDesk();

/** To Wine 8, Ctrl-C alone is the end of the console. Behind an escape character it is a key, with Alt held down. */
const ctrlC = onWine ? '\x1b\x03' : '\x03';

/** Takes the escape character away again where the program reads keys, and not lines. */
function withoutAlt() {
  const script = `const { prototype } = require('tty').ReadStream;
const { push } = prototype;
prototype.push = function (data, ...rest) {
  return push.call(this, data && Buffer.from(String(data).replace('\\x1b\\x03', '\\x03')), ...rest);
};`;
  writeFileSync(at.work('without-alt.js'), script);
  return { NODE_OPTIONS: '--require ./without-alt.js' };
}

const question = 'MFA code for work (alice):';

/** Types at the question for the code. Wine takes over the terminal with the first read, and until then it shows each key. */
async function typeCode(console: Terminal, text: string) {
  await console.waitFor(question, 20_000);
  console.type(text.slice(0, 1));
  await console.waitFor(/alice\): \*/);
  console.type(text.slice(1));
  await console.waitFor('*'.repeat(text.length));
}

test('the code is asked for on the console, also where stdin and stdout lead elsewhere', async () => {
  const console = at.machine.open(['env', 'work', '--shell', 'cmd'], { stdout: 'code.txt' });
  const code = at.sts.nextCode('alice');
  await typeCode(console, code);
  console.key('enter');
  await console.waitFor('status 0', 20_000);
  expect(readFileSync(at.work('code.txt'), 'utf8')).toContain('set "AWSMFA_PROFILE=work"\r\n');
  expect(at.sts.count('GetSessionToken')).toBe(1);
  expect(console.screen()).not.toContain(code.slice(1));
  await console.close();
});

test('Ctrl-C at the question: status 130, and the console is as it was', async () => {
  const console = at.machine.open(['login', 'work'], { env: withoutAlt() });
  await typeCode(console, '12');
  console.type(ctrlC);
  await console.waitFor('Cancelled');
  await console.waitFor('status 130', 20_000);
  console.type('visible\r');
  await console.waitFor('visible');
  await console.waitFor('got visible');
  await console.close();
});

test.for([
  ['a status of its own', 9],
  // STATUS_CONTROL_C_EXIT, by which cmd and PowerShell know that the user ended it. Wine itself makes a 0 of it.
  ['the status of Windows', 0xc000013a],
] as const)('Ctrl-C in exec reaches the program, which ends with %s', async ([, status]) => {
  // It reads, because Wine looks for Ctrl-C only while something does.
  const tool = `process.stdin.resume();
process.on('SIGINT', () => setTimeout(() => { console.log('ended'); process.exit(${status}); }, 300));
console.log('at work');`;
  writeFileSync(at.work('tool.js'), tool);
  const console = at.machine.open(['exec', 'work', '--', 'node', 'tool.js'], { env: at.code() });
  await console.waitFor('at work', 20_000);
  console.type('x');
  await console.waitFor('x');
  console.type(ctrlC);
  await console.waitFor('ended');
  await console.waitFor(`status ${status}`, 20_000);
  await console.close();
});

test('a command in exec has the console for its own questions', async () => {
  const ask = `require('readline').createInterface({ input: process.stdin, output: process.stdout })
  .question('your name? ', (name) => { console.log('hello ' + name); process.exit(4); });`;
  writeFileSync(at.work('ask.js'), ask);
  const console = at.machine.open(['exec', 'work', '--', 'node', 'ask.js'], { env: at.code() });
  await console.waitFor('your name?', 20_000);
  console.type('ada\r');
  await console.waitFor('hello ada');
  await console.waitFor('status 4', 20_000);
  await console.close();
});

test('profiles are chosen with the arrow keys', async () => {
  at.profiles('first', 'second', 'third');
  const console = at.machine.open(['login'], { env: at.code() });
  await console.waitFor('third', 20_000);
  // The first read is answered late: Wine takes over the terminal with it.
  console.type('d');
  await console.waitFor(/second[\s\S]*third/);
  console.key('down');
  console.key('enter');
  await console.waitFor('third: new session', 20_000);
  await console.close();
});

test.for([437, 932, 65001])('names outside ASCII on a console with code page %s', async (codePage) => {
  at.profiles('開発-é');
  const list = at.machine.open(['list'], { codePage });
  await list.waitFor('開発-é', 20_000);
  await list.waitFor('status 0');
  await list.close();
  const login = at.machine.open(['login', '開発-é'], { codePage });
  await login.waitFor('MFA code for 開発-é (alice):', 20_000);
  await login.close();
});
