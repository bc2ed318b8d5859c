import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRcFile, writeRcFile } from '../../../src/commands/rc/file.ts';
import { makeHome } from '../../support/home.ts';

const advice = 'Add it by hand.';
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

async function append(path: string, text: string): Promise<void> {
  const file = readRcFile(path, advice);
  await writeRcFile(file, file.text + text, advice);
}

test('every byte but the new ones stays, and so does the mode', async () => {
  const home = makeHome();
  const bytes = Buffer.from([0x23, 0xff, 0xfe, 0x00, 0xe9, 0x0d, 0x0a]);
  const path = home.write('.zshrc', bytes);
  chmodSync(path, 0o664);
  await append(path, 'x\n');
  expect(readFileSync(path)).toEqual(Buffer.concat([bytes, Buffer.from('x\n')]));
  expect(modeOf(path)).toBe('664');
  expect(readdirSync(home.path)).toEqual(['.zshrc']);
});

test('a profile of PowerShell in UTF-16 is refused: bytes at its end would not be text there', () => {
  const path = makeHome().write('profile.ps1', Buffer.from('\ufeffx = 1', 'utf16le'));
  expect(() => readRcFile(path, advice)).toThrow(`${path} is in UTF-16`);
});

test('a file that is missing is made as the umask has it, with its directory', async () => {
  const home = makeHome();
  const path = join(home.path, '.config/fish/config.fish');
  const before = process.umask(0o027);
  try {
    await append(path, 'x\n');
  } finally {
    process.umask(before);
  }
  expect({ text: readFileSync(path, 'utf8'), mode: modeOf(path) }).toEqual({ text: 'x\n', mode: '640' });
});

test('a symbolic link stays, and what it points to is written, there or not', async () => {
  const home = makeHome();
  home.write('dotfiles/zshrc', 'a\n');
  for (const name of ['zshrc', 'bashrc']) symlinkSync(`dotfiles/${name}`, join(home.path, `.${name}`));
  for (const name of ['zshrc', 'bashrc']) {
    await append(join(home.path, `.${name}`), 'x\n');
    expect(lstatSync(join(home.path, `.${name}`)).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(home.path, `.${name}`))).toBe(`dotfiles/${name}`);
  }
  expect(readFileSync(join(home.path, 'dotfiles/zshrc'), 'utf8')).toBe('a\nx\n');
  expect(readFileSync(join(home.path, 'dotfiles/bashrc'), 'utf8')).toBe('x\n');
});

test('one that is read-only stays as it is, also for root', async () => {
  const home = makeHome();
  const path = home.write('.zshrc', 'a\n');
  chmodSync(path, 0o444);
  await expect(append(path, 'x\n')).rejects.toMatchObject({
    exit: 3,
    code: 'cannot-write',
    message: `Cannot write ${path}: it is read-only`,
    hint: advice,
  });
  expect(readFileSync(path, 'utf8')).toBe('a\n');
});

test('one that has changed since it was read is not overwritten', async () => {
  const home = makeHome();
  const path = home.write('.zshrc', 'a\n');
  const file = readRcFile(path, advice);
  home.write('.zshrc', 'b\n');
  await expect(writeRcFile(file, 'a\nx\n', advice)).rejects.toMatchObject({
    code: 'cannot-write',
    hint: advice,
  });
  expect(readFileSync(path, 'utf8')).toBe('b\n');
});

test('what is no file is said with its path', () => {
  const home = makeHome();
  const path = join(home.path, '.zshrc');
  mkdirSync(path);
  expect(() => readRcFile(path, advice)).toThrow(
    expect.objectContaining({ exit: 3, message: `Cannot read ${path}: it is a directory`, hint: advice }),
  );
});
