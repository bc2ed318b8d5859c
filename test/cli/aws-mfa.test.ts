import { expect, test } from 'vitest';
import { translated } from '../../src/cli/aws-mfa.ts';
import { readCommandLine } from '../../src/cli/parse.ts';

const assumed = ['--profile=default', '--long-term-suffix=long-term', '--role-session-name=ada'];

const lines: readonly (readonly [what: string, argv: readonly string[], expected: readonly string[]])[] = [
  ['nothing', [], assumed],
  [
    'all that aws-mfa knows',
    ['--device', 'a:mfa/x', '--duration', '900', '--profile', 'w', '--log-level=INFO', '--force', '--setup'],
    [
      ...assumed.slice(1),
      '--device',
      'a:mfa/x',
      '--duration',
      '900',
      '--profile',
      'w',
      '--log-level=INFO',
      '--force',
      '--setup',
    ],
  ],
  [
    'its other names',
    ['--long-suffix', 'lt', '--short-suffix=st', '--assume', 'arn'],
    [
      assumed[0],
      assumed[2],
      '--long-term-suffix',
      'lt',
      '--short-term-suffix=st',
      '--assume-role',
      'arn',
    ] as string[],
  ],
  [
    'the first letters of an option',
    ['--dur', '900', '--prof=w', '--short-s', 'st', '--role', 'me', '--f'],
    [
      '--long-term-suffix=long-term',
      '--duration',
      '900',
      '--profile=w',
      '--short-term-suffix',
      'st',
      '--role-session-name',
      'me',
      '--force',
    ],
  ],
  ['letters of two options', ['--de', 'x', '--l', 'y'], [...assumed, '--device', 'x', '--l', 'y']],
  ['a value that looks like an option', ['--device', '--dur'], [...assumed, '--device', '--dur']],
  [
    'what only awsmfa knows',
    ['--token', '-', '--region', 'x', '--quiet', '--to', 'y'],
    [...assumed, '--token', '-', '--region', 'x', '--quiet', '--to', 'y'],
  ],
  [
    'an empty value, which is none',
    ['--assume-role', '', '--device=', '--prof', '', '--region=', '--force'],
    [...assumed, '--region=', '--force'],
  ],
  ['names of JavaScript', ['--toString', '--constructor=1'], [...assumed, '--toString', '--constructor=1']],
];

test.for(lines)('%s', ([, argv, expected]) => {
  expect(translated(argv, {}, { user: 'ada', isPiped: false })).toEqual(['write', '--aws-mfa', ...expected]);
});

test('the environment says what no option says', () => {
  const env = { AWS_PROFILE: 'work', MFA_STS_DURATION: '7200', LOGNAME: 'eve', USER: 'bob' };
  expect(translated([], env, { user: 'ada', isPiped: false })).toEqual([
    'write',
    '--aws-mfa',
    '--profile=work',
    '--duration=7200',
    '--long-term-suffix=long-term',
    '--role-session-name=eve',
  ]);
  const own = ['--profile=a', '--duration', '900', '--long-suffix', 'b', '--role-session-name', 'c'];
  expect(readCommandLine(translated(own, env, { user: 'ada', isPiped: false }))?.flags).toEqual({
    'aws-mfa': true,
    profile: 'a',
    duration: '900',
    'long-term-suffix': 'b',
    'role-session-name': 'c',
  });
});

test('without a name the session is called as awsmfa calls it', () => {
  expect(translated([], {}, { user: '', isPiped: false })).toEqual([
    'write',
    '--aws-mfa',
    ...assumed.slice(0, 2),
  ]);
});

test('the code is the one on stdin, unless another is said', () => {
  const system = { user: '', isPiped: true };
  const code = (argv: readonly string[], env = {}) =>
    readCommandLine(translated(argv, env, system))?.flags['token-code'];
  expect(code([])).toBe('-');
  expect(code(['--token', '123456'])).toBe('123456');
  expect(code(['--token-code=123456'])).toBe('123456');
  expect(code([], { AWSMFA_TOKEN_CODE: '123456' })).toBeUndefined();
  expect(code([], { AWSMFA_MFA_PROCESS: 'ykman' })).toBeUndefined();
});
