import { describe, expect, test } from 'vitest';
import { Exit, UserError } from '../src/errors.ts';
import { complain, type Style } from '../src/main.ts';
import { fakeWorld, type Setting } from './support/world.ts';

function said(error: unknown, style: Style = {}, setting: Setting = {}) {
  const lines: string[] = [];
  return [
    complain(
      error,
      style,
      fakeWorld([], setting, (line) => lines.push(line)),
    ),
    ...lines,
  ];
}

const error = new UserError(Exit.configuration, 'no-keys', 'Nothing there', 'Put something there.');

test('what and why in one line, what to do in another', () => {
  expect(said(error)).toEqual([3, 'awsmfa: Nothing there', '  Put something there.']);
  expect(said(new UserError(Exit.interrupted, 'interrupted', 'Cancelled'))).toEqual([
    130,
    'awsmfa: Cancelled',
  ]);
});

test('for process, whose callers show one line, in one', () => {
  expect(said(error, { oneLine: true })).toEqual([3, 'awsmfa: Nothing there. Put something there.']);
  const quoting = new UserError(Exit.unreachable, 'x', 'STS failed: An unknown error.', 'Try again.');
  expect(said(quoting, { oneLine: true })).toEqual([6, 'awsmfa: STS failed: An unknown error. Try again.']);
});

test('--json: one object', () => {
  const [exit, text] = said(error, { json: true });
  expect([exit, JSON.parse(String(text))]).toEqual([
    3,
    { error: { code: 'no-keys', message: 'Nothing there', hint: 'Put something there.' } },
  ]);
});

describe('colour', () => {
  test.for<[Setting, string]>([
    [{ stderrIsTerminal: true }, '\u001b[31mawsmfa:\u001b[39m Nothing there'],
    [{ stderrIsTerminal: true, env: { NO_COLOR: '1' } }, 'awsmfa: Nothing there'],
    [{ stderrIsTerminal: true, env: { NO_COLOR: '' } }, '\u001b[31mawsmfa:\u001b[39m Nothing there'],
    [{ stderrIsTerminal: false }, 'awsmfa: Nothing there'],
  ])('%o', ([setting, line]) => {
    expect(said(error, {}, setting)[1]).toBe(line);
  });
});

describe('a bug of ours', () => {
  test('is called one, in two lines without a stack', () => {
    expect(said(new TypeError('x is\u001b[2J not a function'))).toEqual([
      1,
      'awsmfa: That should not have happened: TypeError: x is?[2J not a function',
      '  Run it again with --debug and report what it says; it holds no secrets.',
    ]);
    expect(said('a string')[1]).toBe('awsmfa: That should not have happened: a string');
    expect(said(undefined)[0]).toBe(1);
  });

  test('shows its stack with --debug', () => {
    const lines = said(new Error('x'), { debug: true });
    expect(lines.slice(3).filter((line) => /^ {4}at /.test(String(line))).length).toBeGreaterThan(2);
  });
});
