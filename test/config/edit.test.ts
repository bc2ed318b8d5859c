import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/config/document.ts';
import { removeKeys, removeSection, setKeys } from '../../src/config/edit.ts';
import { Exit, UserError } from '../../src/errors.ts';

function set(text: string, name: string, entries: Record<string, string>): string {
  return setKeys(parseDocument(text, 'credentials'), name, Object.entries(entries)).text;
}

describe('setKeys', () => {
  it('adds a section at the end, after a blank line', () => {
    expect(set('', 'work-mfa', { a: '1', b: '2' })).toBe('[work-mfa]\na = 1\nb = 2\n');
    expect(set('[work]\nx = 1\n', 'work-mfa', { a: '1' })).toBe('[work]\nx = 1\n\n[work-mfa]\na = 1\n');
    expect(set('[work]\nx = 1\n\n', 'work-mfa', { a: '1' })).toBe('[work]\nx = 1\n\n[work-mfa]\na = 1\n');
    expect(set('[work]\r\n\r\n', 'b', { a: '1' })).toBe('[work]\r\n\r\n[b]\r\na = 1\r\n');
    expect(set('\ufeff', 'work-mfa', { a: '1' })).toBe('\ufeff[work-mfa]\na = 1\n');
  });

  it('keeps CRLF, and a file without a final line break', () => {
    expect(set('[work]\r\nx = 1', 'b', { a: '1' })).toBe('[work]\r\nx = 1\r\n\r\n[b]\r\na = 1');
    expect(set('[work]\r\nx = 1\r\n', 'work', { x: '2', y: '3' })).toBe('[work]\r\nx = 2\r\ny = 3\r\n');
    expect(set('[work]\nx = 1', 'work', { x: '2' })).toBe('[work]\nx = 2');
    expect(set('[work]', 'work', { x: '2' })).toBe('[work]\nx = 2');
  });

  it('changes values and nothing else: key case, spacing, comments, order, unknown keys', () => {
    const text = [
      '# my keys',
      '[work-long-term]',
      'aws_access_key_id = AKIAEXAMPLE',
      '',
      '[work]',
      '; managed by hand',
      'AWS_Access_Key_Id=ASIAOLD',
      'toolkit_artifact_guid = 1',
      '  # indented',
      'aws_session_token   :   old',
      'expiration =',
      '',
      '# the other account',
      '[other]',
      'region = eu-west-1',
      '',
    ].join('\n');
    expect(
      set(text, 'work', {
        aws_access_key_id: 'ASIANEW',
        aws_session_token: 'new==',
        expiration: 'soon',
        assumed_role: 'False',
      }),
    ).toBe(
      text
        .replace('ASIAOLD', 'ASIANEW')
        .replace(':   old', ':   new==')
        .replace('expiration =\n', 'expiration = soon\nassumed_role = False\n'),
    );
  });

  it('moves a comment behind a value above it, for botocore would take it for a part of the value', () => {
    expect(set('[a]\n  x = 1 # why\n', 'a', { x: '2' })).toBe('[a]\n  # why\n  x = 2\n');
    expect(set('[a]\nx = 1 # why\n', 'a', { x: '1' })).toBe('[a]\n# why\nx = 1\n');
    expect(set('[a]\nx = 1 # why\n', 'a', { y: '1' })).toBe('[a]\nx = 1 # why\ny = 1\n');
  });

  it('replaces a block as a whole', () => {
    expect(set('[a]\nx =\n  y = 1\n  # note\n\n  z = 2\nw = 1\n', 'a', { x: '2' })).toBe(
      '[a]\n  # note\nx = 2\nw = 1\n',
    );
  });

  it('indents a new key as the one before it, and no less than the header after it', () => {
    expect(set('[a]\n  x = 1\n  [b]\n', 'a', { y: '2' })).toBe('[a]\n  x = 1\n  y = 2\n  [b]\n');
    expect(set('[a]\n  [b]\n', 'a', { y: '2' })).toBe('[a]\n  y = 2\n  [b]\n');
  });

  it('keeps quotes and other spellings of a header', () => {
    expect(set('[profile "two words"]\nx = 1\n', 'profile "two words"', { mfa_serial: 's' })).toBe(
      '[profile "two words"]\nx = 1\nmfa_serial = s\n',
    );
  });

  it('makes one section of one that is twice there, and one key of two', () => {
    const text = '[a]\n# first\nx = 1\n  more\nonly = here\n\n[b]\n[b]\n[a]\nx = 2\nx = 3\n';
    expect(set(text, 'a', { y: '4' })).toBe('# first\n\n[b]\n[b]\n[a]\nx = 3\nonly = here\ny = 4\n');
  });

  it('gives back the same document when there is nothing to change', () => {
    const document = parseDocument('[a]\nx = 1\n', 'credentials');
    expect(setKeys(document, 'a', [['X', '1']])).toBe(document);
  });

  it.each([
    ['a]b', 'x', '1'],
    ['a\nb', 'x', '1'],
    ['', 'x', '1'],
    ['DEFAULT', 'x', '1'],
    ['a', 'x\n[b]', '1'],
    ['a', '', '1'],
    ['a', 'x=', '1'],
    ['a', '[x', '1'],
    ['a', '#x', '1'],
    ['a', ' x', '1'],
    ['a', 'x', '1\r2'],
    ['a', 'x', '1 # secret'],
    ['a', 'x', ';secret'],
    ['a', 'x', ' secret'],
    ['a\ud800', 'x', '1'],
    ['a', 'x\udc00', '1'],
    ['a', 'x', 'secret\ud83d'],
  ])('refuses [%j] %j = %j', (name, key, value) => {
    const refused = () => set('[a]\n', name, { [key]: value });
    expect(refused).toThrow(UserError);
    expect(refused).toThrow(expect.objectContaining({ exit: Exit.configuration, code: 'cannot-edit' }));
    expect(refused).not.toThrow(/secret/);
  });

  it('refuses an edit that would change what another section means', () => {
    expect(() => removeSection(parseDocument('[a]\nx = 1\n[b]\n  [c]\ny = 1\n', 'credentials'), 'b')).toThrow(
      UserError,
    );
  });
});

describe('removal', () => {
  it('of keys', () => {
    const text = '[a]\nx = 1\nS3 =\n  y = 1\n# stays\nz = 2\n[b]\nx = 1\n';
    expect(removeKeys(parseDocument(text, 'c'), 'a', ['X', 's3', 'none']).text).toBe(
      '[a]\n# stays\nz = 2\n[b]\nx = 1\n',
    );
    expect(removeKeys(parseDocument(text, 'c'), 'none', ['x']).text).toBe(text);
  });

  it('of a section with the blank lines after it, but without the comments', () => {
    const text = '[a]\nx = 1\n\n[b]\n# goes\ny = 1\n\n# about c\n[c]\n[b]\n';
    expect(removeSection(parseDocument(text, 'c'), 'b').text).toBe('[a]\nx = 1\n\n# about c\n[c]\n');
    expect(removeSection(parseDocument(text, 'c'), 'none').text).toBe(text);
  });

  it.each([
    ['', ''],
    ['\ufeff', '\ufeff'],
    ['# nothing yet\n', '# nothing yet\n'],
    ['[a]\nx = 1\n', '[a]\nx = 1\n'],
    ['[a]\r\nx = 1\r\n', '[a]\r\nx = 1\r\n'],
    ['[a]\rx = 1\r', '[a]\rx = 1\r'],
    ['[a]\nx = 1', '[a]\nx = 1'],
    ['[a]\r\nx = 1', '[a]\r\nx = 1'],
    ['[a]\n\nx = 1\n# end', '[a]\n\nx = 1\n# end'],
    // A blank line that was there already goes as well.
    ['[a]\nx = 1\n\n', '[a]\nx = 1\n'],
  ])('of a new section: %j is %j again', (text, after) => {
    const added = parseDocument(set(text, 'b', { y: '2' }), 'c');
    expect(removeSection(added, 'b').text).toBe(after);
  });

  it('of a section in the middle leaves one blank line', () => {
    const text = '[a]\nx = 1\n\n[b]\ny = 1\n\n[c]\nz = 1\n';
    expect(removeSection(parseDocument(text, 'c'), 'b').text).toBe('[a]\nx = 1\n\n[c]\nz = 1\n');
  });
});
