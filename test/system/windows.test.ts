import { expect, test } from 'vitest';
import {
  batchArguments,
  isWindowsPath,
  nameInTaskList,
  windowsCandidates,
} from '../../src/system/windows.ts';

test.for<[string, Record<string, string>, readonly string[]]>([
  ['aws', { Path: 'C:\\a;C:\\b' }, ['C:\\a\\aws.exe', 'C:\\a\\aws.cmd', 'C:\\b\\aws.exe', 'C:\\b\\aws.cmd']],
  // Parts in quotes, empty ones, with a backslash at their end, and the current directory, which is not searched.
  [
    'aws.cmd',
    { PATH: '"C:\\Program Files\\x";;C:\\b\\; ' },
    ['C:\\Program Files\\x\\aws.cmd', 'C:\\b\\aws.cmd'],
  ],
  ['.\\aws', {}, ['.\\aws.exe', '.\\aws.cmd']],
  ['C:\\x y\\aws.EXE', {}, ['C:\\x y\\aws.EXE']],
  ['node18.2', { PATH: 'C:\\a' }, ['C:\\a\\node18.2.exe', 'C:\\a\\node18.2.cmd']],
  ['', { PATH: 'C:\\a' }, []],
])('%s may mean', ([name, env, paths]) => {
  // What PATHEXT names beside programs needs an interpreter, which CreateProcess does not look for.
  expect(windowsCandidates(name, { PATHEXT: '.EXE;.VBS; .Cmd;.JS', ...env })).toEqual(paths);
});

test('PATHEXT as Windows has it', () => {
  const endings = windowsCandidates('x', { PATH: 'C:' }).map((path) => path.slice(-4));
  expect(endings).toEqual(['.com', '.exe', '.bat', '.cmd']);
});

test('a name with a place in it is a path', () => {
  expect(['a/b', '.\\a', 'c:a', 'C:\\a', 'a', 'a.b', 'a:b'].map(isWindowsPath)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
});

test.for([
  ['plain', 'plain'],
  ['', '""'],
  ['a&calc', '"a&calc"'],
  ['a"&calc&"', '"a""&calc&"""'],
  ['a\\"b', '"a\\\\""b"'],
  ['ends\\', '"ends\\\\"'],
  ['x^', '"x^"'],
  ['%PATH%', '"%%cd:~,%PATH%%cd:~,%"'],
  ['!PATH!', '"!PATH!"'],
  ['開発', '"開発"'],
] as const)('a batch file is given %s as %s', ([argument, quoted]) => {
  expect(batchArguments('C:\\x.cmd', [argument])).toEqual([
    '/e:on',
    '/v:off',
    '/d',
    '/c',
    `"C:\\x.cmd ${quoted}"`,
  ]);
});

test.for(['a\nb', 'a\rb', 'a\0b'])('a batch file cannot be given %j', (argument) => {
  expect(() => batchArguments('x.cmd', [argument])).toThrow('with a line break');
});

test('what tasklist says', () => {
  expect(nameInTaskList('\r\n"cmd.exe","4711","Console","1","4,712 K"\r\n', 4711)).toBe('cmd.exe');
  expect(nameInTaskList('"cmd.exe","4711","Console","1","4.712 K"', 12)).toBeUndefined();
  expect(nameInTaskList('INFO: No tasks are running which match the specified criteria.', 1)).toBeUndefined();
});
