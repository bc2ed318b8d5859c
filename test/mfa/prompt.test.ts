import { expect, test } from 'vitest';
import { stage } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const at = stage();

/** Four different codes that Alice's device shows at no time near. */
const wrongs = (): [string, string, string, string] => {
  const shown = [-30_000, 0, 30_000].map((offset) => at.sts.code('alice', Date.now() + offset));
  const [a = '', b = '', c = '', d = ''] = [...'0123456']
    .map((digit) => digit.repeat(6))
    .filter((code) => !shown.includes(code));
  return [a, b, c, d];
};

test('says for whom it asks, and shows no digit', async () => {
  const code = at.code();
  const terminal = fakeTerminal(`${code}\r`);
  expect(await at.run(['env', 'work'], { terminal })).toMatchObject({ exit: 0 });
  expect(terminal.shown()).toContain('MFA code for work (alice):');
  expect(terminal.shown()).toContain('******');
  for (const digits of [code, code.slice(0, 3)]) expect(terminal.shown()).not.toContain(digits);
});

test('what is no code is asked again, and not sent', async () => {
  const terminal = fakeTerminal(`12345\r${'\u007f'.repeat(6)}${at.code()}\r`);
  expect(await at.run(['login', 'work'], { terminal })).toMatchObject({ exit: 0 });
  expect(terminal.shown()).toContain('Six digits, please');
  expect(at.calls()).toHaveLength(1);
});

test('a wrong code may be given again, and the reason is said', async () => {
  const [first, second] = wrongs();
  const terminal = fakeTerminal(`${first}\r`, `${second}\r`, `${at.code()}\r`);
  const { exit, stderr } = await at.run(['login', 'work'], { terminal });
  expect({ exit, refusals: stderr.slice(0, -1), statuses: at.calls().map(({ status }) => status) }).toEqual({
    exit: 0,
    refusals: [
      'AWS refused the MFA code: wrong, too old, or used elsewhere already; type the next one (2 tries left)',
      'AWS refused the MFA code: wrong, too old, or used elsewhere already; type the next one (1 try left)',
    ],
    statuses: [403, 403, 200],
  });
});

test('three wrong codes are enough', async () => {
  const terminal = fakeTerminal(...wrongs().map((code) => `${code}\r`));
  const { exit, stderr } = await at.run(['login', 'work'], { terminal });
  expect({ exit, last: stderr.slice(-2), calls: at.calls().length, left: terminal.left().length }).toEqual({
    exit: 5,
    last: [
      'awsmfa: AWS refused the MFA code: wrong, too old, or used elsewhere already',
      '  Use the next code of arn:aws:iam::123456789012:mfa/alice; each works once, for 30 seconds.',
    ],
    calls: 3,
    left: 1,
  });
});

test('a given code is not given twice', async () => {
  const { exit } = await at.run(['login', 'work', '--token-code', wrongs()[0]], {
    terminal: fakeTerminal('1'),
  });
  expect({ exit, calls: at.calls().length }).toEqual({ exit: 5, calls: 1 });
});

test('another refusal than of the code is no reason to ask again', async () => {
  at.sts.fault('internal');
  const terminal = fakeTerminal(`${at.code()}\r`, '123456\r');
  const { exit } = await at.run(['login', 'work'], { terminal });
  expect({ exit, calls: at.calls().length, left: terminal.left() }).toEqual({
    exit: 6,
    calls: 1,
    left: ['123456\r'],
  });
});

test('Ctrl-C: 130, and nothing kept or sent', async () => {
  const { exit, stdout, stderr } = await at.run(['env', 'work'], { terminal: fakeTerminal('12\u0003') });
  expect({ exit, stdout, stderr, calls: at.calls(), cached: at.home.cached() }).toEqual({
    exit: 130,
    stdout: 'false\n',
    stderr: ['awsmfa: Cancelled'],
    calls: [],
    cached: [],
  });
});

test('a hostile profile name draws nothing but itself', async () => {
  at.home.write(
    '.aws/credentials',
    '[a\u001b[2Jb]\naws_access_key_id = AKIAX\naws_secret_access_key = secret-a\n',
  );
  const terminal = fakeTerminal('\u0003');
  await at.run(['login', 'a\u001b[2Jb', '--device', 'GAHT12345678'], { terminal });
  expect(terminal.shown()).toContain('MFA code for a?[2Jb (GAHT12345678):');
});
