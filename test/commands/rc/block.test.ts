import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownLine, withBlock, withoutBlock } from '../../../src/commands/rc/block.ts';

const line = "source '/opt/awsmfa/shell/awsmfa.zsh'";
const block = `# >>> awsmfa >>>\n${line}\n# <<< awsmfa <<<\n`;
const add = (text: string, its = line) => withBlock(text, its, '/home/u/.zshrc');
const remove = (text: string) => withoutBlock(text, '/home/u/.zshrc');

describe('the block', () => {
  test.for([
    ['an empty file', '', block],
    ['a usual one', 'alias ll=ls\n', `alias ll=ls\n${block}`],
    ['one whose last line has no end', 'alias ll=ls', `alias ll=ls\n${block}`],
    ['one with CRLF', 'alias ll=ls\r\n', `alias ll=ls\r\n${block}`],
    ['one with bytes that are no UTF-8', '# caf\xe9\n', `# caf\xe9\n${block}`],
  ] as const)('goes to the end of %s', ([, before, after]) => {
    expect(add(before)).toBe(after);
    expect(add(after)).toBe(after);
    expect(remove(after)).toBe(before.endsWith('ls') ? `${before}\n` : before);
  });

  test('with another path takes the place of the old one', () => {
    const old = `a\n${block.replace('/opt/', '/old/')}b\n`;
    expect(add(old)).toBe(`a\n${block}b\n`);
  });

  test('comes once and goes altogether, whatever was there', () => {
    const twice = `a\n${block}b\n${block}c`;
    expect(add(twice)).toBe(`a\n${block}b\nc`);
    expect(remove(twice)).toBe('a\nb\nc');
  });

  test('that an editor gave CRLF is written anew: a shell would look for a file with a CR in its name', () => {
    expect(add(`a\r\n${block.replaceAll('\n', '\r\n')}`)).toBe(`a\r\n${block}`);
  });

  test('at the end of a file without a last line feed is the same block', () => {
    const text = `a\n${block.trimEnd()}`;
    expect(add(text)).toBe(text);
    expect(remove(text)).toBe('a\n');
  });

  test('holds a path that is not ASCII as UTF-8', () => {
    const text = add('', "source '/home/Zoë/awsmfa.zsh'");
    expect(Buffer.from(text, 'latin1').toString('utf8')).toContain("source '/home/Zoë/awsmfa.zsh'\n");
  });

  test.for([`a\n# >>> awsmfa >>>\n${line}\n`, `a\n# >>> awsmfa >>>\n${line}\n${block}`])(
    'without an end is not guessed at: %j',
    (text) => {
      for (const edit of [add, remove])
        expect(() => edit(text)).toThrow(/^\/home\/u\/\.zshrc:2: .* begins here/);
    },
  );

  test('an end without a beginning is a comment like any other', () => {
    expect(remove('a\n# <<< awsmfa <<<\nb\n')).toBe('a\n# <<< awsmfa <<<\nb\n');
  });

  test('added and removed, any file is what it was', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '#', ' ', '\n', '\r\n', '\xff', '>>> awsmfa'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (before) => {
        const after = add(before);
        expect(add(after)).toBe(after);
        expect(remove(after)).toBe(before === '' || before.endsWith('\n') ? before : `${before}\n`);
      }),
    );
  });
});

describe('a line of the user', () => {
  const own = (text: string, shell = 'zsh') =>
    ownLine(text, { name: shell, file: `awsmfa.${shell}` }, '/home/u/.zshrc');

  test.for([
    line,
    '. ~/awsmfa/shell/awsmfa.zsh',
    '\t[[ -r ~/a/awsmfa.zsh ]] && source ~/a/awsmfa.zsh # mine',
    'source <(awsmfa init zsh --print)',
    'eval "$(awsmfa init zsh --print)"',
    'awsmfa init zsh --print | source',
  ])('%j loads it', (text) => {
    expect(own(`a\n${text}\nb\n`)).toEqual({ number: 2, line: text.replace('\t', '  ') });
    expect(own(`a\r\n${text}\r\nb`)).toEqual({ number: 2, line: text.replace('\t', '  ') });
  });

  test.for([
    '# source /x/awsmfa.zsh',
    'source /x/awsmfa.bash',
    'alias zsh=awsmfa',
    'source /x/myawsmfa.zsh',
    block,
  ])('%j does not', (text) => {
    expect(own(`${text}\n`)).toBeUndefined();
  });

  test('is shown without what a terminal would obey', () => {
    expect(own(`source '\u001b[2J/awsmfa.zsh'`)?.line).toBe("source '?[2J/awsmfa.zsh'");
  });
});
