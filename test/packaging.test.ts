import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { project } from './support/desk.ts';
import { collect, needs } from './support/shells.ts';

// The files for Homebrew, Arch Linux and Nix, as a release fills them.
const url = 'https://example.com/releases/awsmfa-9.8.7.tgz';
const hex = '6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090';
let root: string;
const read = (name: string) => readFileSync(join(root, 'packaging', name), 'utf8');
const run = (command: string, args: readonly string[]) =>
  collect(command, args, { env: { PATH: process.env.PATH ?? '', HOME: root }, cwd: root });

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'packaging-'));
  cpSync(join(project, 'packaging'), join(root, 'packaging'), { recursive: true });
  writeFileSync(join(root, 'packed.tgz'), 'abc123');
  const filled = await run(process.execPath, ['packaging/fill.js', url, 'packed.tgz']);
  expect(filled).toMatchObject({ status: 0, stderr: '' });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('after fill.js', () => {
  test.each(['awsmfa.rb', 'PKGBUILD', 'flake.nix'])('%s names the release, and no placeholder', (name) => {
    expect(read(name)).toContain(url);
    expect(read(name)).toContain(name === 'flake.nix' ? Buffer.from(hex, 'hex').toString('base64') : hex);
    expect(read(name)).not.toMatch(/0\.0\.0|0{40}|A{40}/);
  });

  test('an address without a version is refused', async () => {
    const refused = await run(process.execPath, [
      'packaging/fill.js',
      'https://example.com/a.tgz',
      'packed.tgz',
    ]);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/^Usage: /) });
  });
});

test('the formula is Ruby', (context) =>
  needs('ruby', async () => {
    expect(await run('ruby', ['-c', 'packaging/awsmfa.rb'])).toMatchObject({ status: 0, stderr: '' });
  })(context));

test('the flake is Nix', (context) =>
  needs('nix-instantiate', async () => {
    expect(await run('nix-instantiate', ['--parse', 'packaging/flake.nix'])).toMatchObject({ status: 0 });
  })(context));

test('the PKGBUILD installs a program that runs', async () => {
  mkdirSync(join(root, 'package'));
  for (const name of ['dist', 'shell', 'LICENSE', 'package.json']) {
    cpSync(join(project, name), join(root, 'package', name), { recursive: true });
  }
  const script =
    'set -eu; . packaging/PKGBUILD; srcdir=$PWD pkgdir=$PWD/root; package; root/usr/bin/awsmfa --version';
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(await run('bash', ['-c', script])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(readFileSync(join(root, 'root/usr/share/man/man1/awsmfa.1'), 'utf8')).toMatch(/^\.TH AWSMFA/im);
});
