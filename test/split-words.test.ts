import { describe, expect, it } from 'vitest';
import { needsShell, splitWords } from '../src/text.ts';

/** Of Python: `shlex.split`. */
describe('the words of a command', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    [' "a b" \'c d\' ', ['a b', 'c d']],
    ['a\\ b "c\\"d\\\\e\\f" \'g\\h\'', ['a b', 'c"d\\e\\f', 'g\\h']],
    ['a"b c"\'d e\'f', ['ab cd ef']],
    ['--x="" \'\'', ['--x=', '']],
    ['a;b|c $HOME ~ # d', ['a;b|c', '$HOME', '~', '#', 'd']],
    ['', []],
    ['"a', undefined],
    ["a 'b", undefined],
    ['a\\', undefined],
  ])('%j', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });
});

describe('a shell is needed for', () => {
  it.each([
    'a | b',
    'a; b',
    'a && b',
    'a >b',
    '~/bin/a',
    '$HOME/bin/a',
    '"$HOME/bin/a"',
    'a "`b`"',
    'a *.txt',
    'LANG=C a',
    `a "it's $HOME"`,
  ])('%s', (command) => {
    expect(needsShell(command)).toBe(true);
  });
});

describe('no shell is needed for', () => {
  it.each([
    'a b',
    `/usr/bin/a "b c" 'd|e' f`,
    'a "b|c;d&e<f>g"',
    "a '$HOME' '~'",
    'a \\$b',
    'a --b=c',
    'ykman oath accounts code --single "Amazon Web Services:ada@work"',
  ])('%s', (command) => {
    expect(needsShell(command)).toBe(false);
  });
});
