import { expect, test } from 'vitest';
import { alice } from '../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';

const at = stage();

const names = ['$(touch x)', "a b'c", '`id`', '=ls', 'a;b', '"q"', 'ключ', 'x\\y', '*'];
const device = `mfa_serial = ${aliceSerial}\n`;
const sections = names.map((name) => `${keysSection(name, alice)}${device}`).join('\n');

test.for(names)('%s is a profile as any other', async (name) => {
  const home = makeHome({ credentials: sections });
  const setting = { home, env: { AWSMFA_TOKEN_CODE: at.code() } };
  const { exit, stdout } = await at.run(['env', name], setting);
  const line = `\\builtin export AWSMFA_PROFILE='${name.replaceAll("'", "'\\''")}';`;
  expect({ exit, lines: stdout.split('\n').filter((found) => found === line) }).toEqual({
    exit: 0,
    lines: [line],
  });
});

test('control characters do not reach the terminal', async () => {
  const { stderr } = await at.run(['env', 'a\u001b[2Jb\r\n\u009bx\u202e']);
  expect(stderr[0]).toMatch(/^awsmfa: No profile "a\?\[2Jb\?\?\?x\?" \(from the argument\) in /);
});

test('a very long name is cut', async () => {
  const { stderr } = await at.run(['env', 'n'.repeat(5000)]);
  expect(stderr[0]).toMatch(/^awsmfa: No profile "n{59}…" /);
});
