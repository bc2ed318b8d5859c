import { describe, expect, it } from 'vitest';
import { splitWords } from '../../src/session/provider/words.ts';

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
