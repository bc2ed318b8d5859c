import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/config/document.ts';
import { removeSection, setKeys } from '../../src/config/edit.ts';
import { bytesOf, editableText, editSharedFile } from '../../src/config/shared-file-edit.ts';
import { Exit, UserError } from '../../src/errors.ts';
import { makeHome } from '../support/home.ts';

const work = '# mine\n[work]\naws_access_key_id = AKIA1\n';
const section = '[work-mfa]\nexpiration = soon\n';
const after = `${work}\n${section}`;

const add = (document: Document) => setKeys(document, 'work-mfa', [['expiration', 'soon']]);
const edited = (path: string) => editSharedFile(path, add);

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const textOf = (path: string) => readFileSync(path, 'utf8');
const beside = (path: string) => readdirSync(dirname(path)).sort();

/** The error of an edit, which has left the files of the directory as they were. */
async function refusal(path: string, edit = add): Promise<string> {
  const error = await editSharedFile(path, edit).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exit: Exit.configuration });
  return `${error.code}: ${error.message}`;
}

describe('the file', () => {
  test('is written, or left alone when the edit changes nothing', async () => {
    const { credentials } = makeHome({ credentials: work });
    expect(await edited(credentials)).toBe('written');
    const { ino, mtimeMs } = statSync(credentials);
    expect(await edited(credentials)).toBe('unchanged');
    expect(textOf(credentials)).toBe(after);
    expect(statSync(credentials)).toMatchObject({ ino, mtimeMs });
    expect(beside(credentials)).toEqual(['credentials']);
  });

  test('is made, and its directory, for their owner alone', async () => {
    const { path, credentials } = makeHome();
    const nothing = (document: Document) => removeSection(document, 'work');
    expect(await editSharedFile(credentials, nothing)).toBe('unchanged');
    expect(readdirSync(path)).toEqual([]);
    expect(await edited(credentials)).toBe('written');
    expect(textOf(credentials)).toBe(section);
    expect([modeOf(credentials), modeOf(dirname(credentials))]).toEqual(['600', '700']);
  });

  test('is made in a directory that stays as it is', async () => {
    const home = makeHome({ config: '' });
    chmodSync(dirname(home.config), 0o755);
    await edited(home.credentials);
    expect([modeOf(home.credentials), modeOf(dirname(home.config))]).toEqual(['600', '755']);
  });

  test('is for its owner alone whatever the umask', async () => {
    const { credentials } = makeHome();
    const umask = process.umask(0);
    try {
      await edited(credentials);
    } finally {
      process.umask(umask);
    }
    expect([modeOf(credentials), modeOf(dirname(credentials))]).toEqual(['600', '700']);
  });

  test.for([
    ['600', '600'],
    ['644', '600'],
    ['666', '600'],
    ['770', '600'],
    ['440', '400'],
    ['400', '400'],
  ] as const)('of mode %s has mode %s then', async ([before, then]) => {
    const { credentials } = makeHome({ credentials: work });
    chmodSync(credentials, Number.parseInt(before, 8));
    expect(await edited(credentials)).toBe('written');
    expect([modeOf(credentials), textOf(credentials)]).toEqual([then, after]);
  });

  test('that is a hard link too: the other name keeps what it had', async () => {
    const { credentials, path } = makeHome({ credentials: work });
    linkSync(credentials, join(path, 'backup'));
    await edited(credentials);
    expect([textOf(credentials), textOf(join(path, 'backup'))]).toEqual([after, work]);
  });

  test('in a directory with a very long path', async () => {
    const home = makeHome();
    const path = home.write(join('d'.repeat(200), 'ü'.repeat(100), 'credentials'), work);
    const here = process.cwd();
    await Promise.all([edited(path), edited(path)]);
    expect([textOf(path), beside(path), process.cwd()]).toEqual([after, ['credentials'], here]);
  });

  test('with a very long name', async () => {
    const { path } = makeHome();
    const file = join(path, 'n'.repeat(255));
    await Promise.all([edited(file), edited(file)]);
    expect([textOf(file), beside(file).length]).toEqual([section, 1]);
  });

  test('of another path, also a relative one', async () => {
    const { path } = makeHome({ config: '' });
    const here = process.cwd();
    process.chdir(path);
    try {
      for (const name of ['mine', 'new/mine', './.aws/config']) await edited(name);
    } finally {
      process.chdir(here);
    }
    for (const name of ['mine', 'new/mine', '.aws/config']) expect(textOf(join(path, name))).toBe(section);
  });
});

describe('a symbolic link stays, and what it leads to is replaced', () => {
  test('a chain of them, absolute and relative', async () => {
    const home = makeHome({ config: '' });
    const target = home.write('dotfiles/aws/credentials', work);
    symlinkSync(join(home.path, 'dotfiles'), join(home.path, 'link'));
    symlinkSync('../../link/aws/credentials', join(dirname(target), '../second'));
    symlinkSync('../dotfiles/second', home.credentials);
    // A relative link counts from where it is: `link/..` would be something else.
    await expect(edited(home.credentials)).rejects.toThrow('a link into a directory that does not exist');
    expect(textOf(target)).toBe(work);
  });

  test('absolute and relative, through a directory that is a link', async () => {
    const home = makeHome({ config: '' });
    const target = home.write('dotfiles/aws/credentials', work);
    symlinkSync(join(home.path, 'dotfiles'), join(home.path, 'link'));
    symlinkSync('../link/aws/credentials', join(home.path, 'dotfiles/second'));
    symlinkSync(join(home.path, 'link/second'), home.credentials);
    expect(await edited(home.credentials)).toBe('written');
    expect(textOf(target)).toBe(after);
    expect(readlinkSync(home.credentials)).toBe(join(home.path, 'link/second'));
    expect(lstatSync(join(home.path, 'dotfiles/second')).isSymbolicLink()).toBe(true);
    expect([beside(home.credentials), beside(target)]).toEqual([['config', 'credentials'], ['credentials']]);
  });

  test('into a directory without the file: it is made there', async () => {
    const home = makeHome({ config: '' });
    home.write('dotfiles/other', '');
    symlinkSync('../dotfiles/credentials', home.credentials);
    await edited(home.credentials);
    expect(textOf(join(home.path, 'dotfiles/credentials'))).toBe(section);
    expect(modeOf(join(home.path, 'dotfiles/credentials'))).toBe('600');
    expect(readlinkSync(home.credentials)).toBe('../dotfiles/credentials');
  });

  test('into nowhere, or to itself, is refused', async () => {
    const { credentials, config } = makeHome({ config: '' });
    symlinkSync('../gone/credentials', credentials);
    expect(await refusal(credentials)).toBe(
      `cannot-write: Cannot write ${credentials}: it is a link into a directory that does not exist`,
    );
    const loop = `${config}-loop`;
    symlinkSync(loop, loop);
    expect(await refusal(loop)).toBe(
      `cannot-write: Cannot write ${loop}: too many symbolic links, or a link to itself`,
    );
    expect(beside(credentials)).toEqual(['config', 'config-loop', 'credentials']);
  });
});

describe('what is no file to edit is refused, and stays', () => {
  test('a directory', async () => {
    const { path, credentials } = makeHome();
    mkdirSync(credentials, { recursive: true });
    expect(await refusal(credentials)).toBe(`unreadable-file: Cannot read ${credentials}: it is a directory`);
    expect(readdirSync(path, { recursive: true }).sort()).toEqual(['.aws', '.aws/credentials']);
  });

  test('a FIFO', async () => {
    const { credentials } = makeHome({ config: '' });
    execFileSync('mkfifo', [credentials]);
    expect(await refusal(credentials)).toBe(
      `unreadable-file: Cannot read ${credentials}: it is not a regular file`,
    );
    expect(lstatSync(credentials).isFIFO()).toBe(true);
  });

  test('the null device, which is how people say that there is no file', async () => {
    expect(await refusal('/dev/null')).toBe(
      'unreadable-file: Cannot read /dev/null: it is not a regular file',
    );
  });

  test('a path below a file', async () => {
    const { credentials } = makeHome({ credentials: work });
    expect(await refusal(join(credentials, 'credentials'))).toBe(
      `cannot-write: Cannot write ${credentials}/credentials: what should be its directory is a file`,
    );
  });

  test('a path where no directory can be made', async () => {
    expect(await refusal('/proc/awsmfa/credentials')).toMatch(
      /^cannot-write: Cannot write \/proc\/awsmfa\/credentials: /,
    );
  });

  test('a home that nobody knows', async () => {
    expect(await refusal('~/.aws/credentials')).toBe(
      'cannot-write: Cannot write ~/.aws/credentials: there is no home directory',
    );
  });

  test('a name too long for any file', async () => {
    const { credentials } = makeHome({ config: '' });
    const path = join(dirname(credentials), 'n'.repeat(256));
    expect(await refusal(path)).toMatch(/^cannot-write: .*: its name is too long$/);
  });

  test.for([
    ['UTF-16', Buffer.from('\ufeff[work]\n', 'utf16le'), 'it is UTF-16, and must be UTF-8 (line 1)'],
    ['17 MB', Buffer.alloc(17 * 1024 * 1024, '#'), 'it is larger than 16 MB'],
  ] as const)('%s', async ([, bytes, reason]) => {
    const { credentials } = makeHome({ credentials: '' });
    writeFileSync(credentials, bytes);
    expect(await refusal(credentials)).toContain(reason);
    expect(readFileSync(credentials).equals(bytes)).toBe(true);
    expect(beside(credentials)).toEqual(['credentials']);
  });

  test.for(['a]b', 'a\nb', 'a\rb', 'DEFAULT', ''])('the name %j', async (name) => {
    const { credentials } = makeHome({ credentials: work });
    const { ino, mtimeMs } = statSync(credentials);
    expect(await refusal(credentials, (document) => setKeys(document, name, [['x', '1']]))).toMatch(
      /^cannot-edit: /,
    );
    expect([textOf(credentials), beside(credentials)]).toEqual([work, ['credentials']]);
    expect(statSync(credentials)).toMatchObject({ ino, mtimeMs });
  });
});

describe('no byte changes but those that are meant', () => {
  test.for([
    ['a byte order mark', `\ufeff${work}`],
    ['NUL bytes', `${work}x = a\0b\n\0\0\n`],
    ['CRLF, LF and CR mixed', `[work]\r\nx = 1\n\n# a\ry = 2\r\nz = 3\n`],
    ['keys above the first section', `x = 1\n${work}`],
    ['a section that is there twice', `${work}\n[other]\n[other]\nx = 1\n${work}`],
    ['a header without end', `${work}[open\nx = 1\n`],
    ['U+FFFD that is really there', `# \ufffd\ufffe\n${work}`],
    ['half a line of 1 MB', `${work}x = ${'y'.repeat(1024 * 1024)}\n`],
    ['5 MB', `${`${work}# more\n\n`.repeat(120_000).trimEnd()}\n`],
  ] as const)('%s', async ([, text]) => {
    const { credentials } = makeHome({ credentials: text });
    expect(await edited(credentials)).toBe('written');
    const whole = textOf(credentials);
    expect(whole.startsWith(text)).toBe(true);
    expect(whole.slice(text.length)).toMatch(/^\n?\[work-mfa\](\r\n|\n)expiration = soon(\r\n|\n)$/);
    expect(await editSharedFile(credentials, (document) => removeSection(document, 'work-mfa'))).toBe(
      'written',
    );
    expect(textOf(credentials)).toBe(text);
  });
});

describe('a file that is not all UTF-8 keeps its bytes', () => {
  // 日本語 in Shift_JIS has a backslash and brackets among its second bytes.
  const shiftJis = Buffer.from('# \x93\xfa\x96{\x8c\xea \x83\\ \x83[ \x83]\n', 'latin1');
  test.for([
    ['Shift_JIS', shiftJis],
    ['Latin-1', Buffer.from('# gr\xfc\xdfe, caf\xe9\n', 'latin1')],
    ['half a character', Buffer.from('# \xe2\x82\n', 'latin1')],
    ['Latin-1 beside UTF-8', Buffer.concat([Buffer.from('# \xe9\n', 'latin1'), Buffer.from('# 日本 😀\n')])],
  ] as const)('%s', async ([, comment]) => {
    const { credentials } = makeHome({ credentials: '' });
    writeFileSync(credentials, Buffer.concat([comment, Buffer.from('[work]\nx = 1\n'), comment]));
    await editSharedFile(credentials, (document) => setKeys(document, 'work', [['x', '2']]));
    const edited = Buffer.concat([comment, Buffer.from('[work]\nx = 2\n'), comment]);
    expect(readFileSync(credentials).toString('latin1')).toBe(edited.toString('latin1'));
  });

  test('whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (array) => {
        const bytes = Buffer.from(array);
        fc.pre(!bytes.toString('utf8').startsWith('\ufffd\ufffd'));
        expect(bytesOf(editableText(bytes, 'x')).equals(bytes)).toBe(true);
      }),
      { seed: 20261128, numRuns: 2000 },
    );
  });
});
