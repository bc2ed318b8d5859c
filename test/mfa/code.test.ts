import { describe, expect, test } from 'vitest';
import { isCode } from '../../src/mfa/source.ts';
import { stage } from '../support/stage.ts';
import { fakeTerminal, type Setting } from '../support/world.ts';

const at = stage();

test('six ASCII digits are a code, and nothing else is', () => {
  const texts = [
    '123456',
    '000000',
    '12345',
    '1234567',
    'abcdef',
    '١٢٣٤٥٦',
    '１２３４５６',
    '123456\n',
    ' 123456',
    '',
  ];
  expect(texts.filter(isCode)).toEqual(['123456', '000000']);
});

describe('the code comes', () => {
  const wrong = '000000';
  const given = (code: string): [name: string, argv: readonly string[], setting: Setting][] => [
    ['from the option', ['--token-code', code], { env: { AWSMFA_TOKEN_CODE: wrong }, stdin: wrong }],
    ['from its other name', [`--token=${code}`], {}],
    ['from stdin', ['--token-code', '-'], { stdin: `${code}\n`, env: { AWSMFA_TOKEN_CODE: wrong } }],
    ['from stdin, said more than once', ['--token-code', '-'], { stdin: `${code}\n`.repeat(500) }],
    ['from stdin, with what Windows adds', ['--token-code', '-'], { stdin: ` ${code}\r\n` }],
    ['from the environment', [], { env: { AWSMFA_TOKEN_CODE: code }, stdin: wrong }],
    ['from the terminal', [], { terminal: fakeTerminal(`${code}\r`), stdin: wrong }],
    [
      'from the terminal, as authenticators show it',
      [],
      { terminal: fakeTerminal(`${code.replace(/^.../, '$& ')}\r`) },
    ],
  ];

  test.for(given('').map(([name], index) => [name, index] as const))('%s', async ([, index]) => {
    const [, argv, setting] = given(at.code())[index] as ReturnType<typeof given>[number];
    expect(await at.run(['login', 'work', ...argv], setting)).toMatchObject({ exit: 0 });
    expect(at.calls()).toMatchObject([{ status: 200 }]);
  });
});

describe('what is no code is not sent', () => {
  const hint = '  Nothing was sent. Take the six digits your authenticator shows now.';
  test.for<[string, string]>([
    ['12345', '5 digits'],
    ['1234567', '7 digits'],
    ['1', '1 digit'],
    ['abcdef', '6 characters'],
    ['١٢٣٤٥٦', '6 characters'],
    ['12345\u001b', '6 characters'],
  ])('%j', async ([code, what]) => {
    expect(await at.run(['env', 'work', '--token-code', code])).toEqual({
      exit: 5,
      stdout: 'false\n',
      stderr: [`awsmfa: The MFA code from --token-code is not six digits (${what})`, hint],
    });
    const message = `awsmfa: The MFA code from AWSMFA_TOKEN_CODE is not six digits (${what})`;
    const env = { AWSMFA_TOKEN_CODE: code };
    expect((await at.run(['env', 'work'], { env })).stderr).toEqual([message, hint]);
    expect(at.calls()).toEqual([]);
  });

  test('an empty stdin', async () => {
    expect((await at.run(['login', 'work', '--token-code', '-'], { stdin: '\n' })).stderr).toEqual([
      'awsmfa: The MFA code from stdin is not six digits (0 digits)',
      hint,
    ]);
  });
});

describe('no way to ask: status 4 at once', () => {
  const hint =
    '  In any terminal: awsmfa login work. Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.';

  test.for<[string, readonly string[], Setting, string]>([
    ['no terminal', [], {}, 'there is no terminal to ask on'],
    ['forbidden', ['--no-prompt'], { terminal: fakeTerminal('123456\r') }, '--no-prompt forbids asking'],
    ['an empty variable', [], { env: { AWSMFA_TOKEN_CODE: '' } }, 'there is no terminal to ask on'],
  ])('%s', async ([, argv, setting, why]) => {
    expect(await at.run(['env', 'work', ...argv], setting)).toEqual({
      exit: 4,
      stdout: 'false\n',
      stderr: [`awsmfa: An MFA code is needed, and ${why}`, hint],
    });
    expect({ calls: at.calls(), asked: setting.terminal?.shown() ?? '' }).toEqual({ calls: [], asked: '' });
  });
});

test('the code is asked for last: what can fail without it fails first', async () => {
  const failing: readonly (readonly string[])[] = [
    ['nobody'],
    ['work', '--duration', '1s'],
    ['work', '--region', 'a b'],
    ['work', '--device', 'x'],
  ];
  for (const argv of failing) {
    const terminal = fakeTerminal('123456\r');
    const { exit } = await at.run(['login', ...argv], { terminal });
    expect([exit, terminal.shown()]).toEqual([expect.toBeOneOf([2, 3]), '']);
  }
});
