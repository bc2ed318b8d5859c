import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { project } from '../support/desk.ts';
import { isMatrix } from '../support/matrix.ts';
import { collect } from '../support/shells.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'awsmfa-package-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(project, name), 'utf8');
const manifest = JSON.parse(read('package.json'));
/** As the developer's npm is set up, for what must be fetched. */
const own = () =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || /^(npm|INIT|VITEST|NODE_OPTIONS)/.test(name) ? [] : [[name, value]],
    ),
  );
const env = () => ({ PATH: process.env.PATH ?? '', HOME: root, npm_config_cache: join(root, 'cache') });

test('what is packed can be installed without a network, and runs', async () => {
  const copy = checkout('checkout', true);
  const pack = await collect('npm', ['pack', '--json', '--pack-destination', root], {
    env: env(),
    cwd: copy,
  });
  expect(pack.status, pack.stderr).toBe(0);
  const [{ filename, size, files, entryCount }] = JSON.parse(pack.stdout);
  expect(size).toBeLessThan(1024 * 1024);
  expect(files).toHaveLength(entryCount);
  const paths: string[] = files.map(({ path }: { path: string }) => path);
  const plain = paths.filter(
    (path) =>
      !/^(dist\/([\w-]+\.cjs|THIRD-PARTY-NOTICES\.txt|awsmfa\.1|completion\.tsv|sbom\.cdx\.json)|docs\/(ja\/)?[\w-]+\.md|docs\/images\/[\w-]+\.svg|shell\/awsmfa\.(zsh|bash|fish|ps1|cmd|nu|direnv\.sh|plugin\.zsh)|(shell|dist)\/completion\.(zsh|bash|fish|ps1))$/.test(
        path,
      ),
  );
  expect(plain.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.ja.md', 'README.md', 'package.json']);
  expect(paths).toEqual(
    expect.arrayContaining(['shell/awsmfa.zsh', 'shell/awsmfa.bash', 'shell/awsmfa.fish']),
  );

  const install = ['install', '--global', '--offline', '--ignore-scripts', '--prefix', join(root, 'prefix')];
  const installed = await collect('npm', [...install, join(root, filename)], { env: env(), cwd: root });
  expect(installed.status, installed.stderr).toBe(0);
  expect(installed.stdout).toMatch(/^added 1 package\b/m);
  // npm 11 links no man page that is not in a list.
  expect(readFileSync(join(root, 'prefix/share/man/man1/awsmfa.1'), 'utf8')).toMatch(/^\.TH AWSMFA 1 /);
  const program = (name: string, args: readonly string[]) =>
    collect(join(root, 'prefix/bin', name), args, { env: env(), cwd: root });
  const awsmfa = (...args: string[]) => program('awsmfa', args);
  expect(await awsmfa('--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  expect(await awsmfa('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^Usage: awsmfa/),
  });
  expect(await program('aws-mfa', ['--version'])).toMatchObject({
    status: 0,
    stdout: `${manifest.version}\n`,
    stderr: '',
  });
  for (const shell of ['zsh', 'bash', 'fish']) {
    const { stdout, stderr } = await awsmfa('init', shell);
    expect(stderr).toBe('');
    const [, file = ''] = /source '(.*)'\n$/.exec(stdout) ?? [];
    expect(existsSync(file), stdout).toBe(true);
    expect(await awsmfa('init', shell, '--print')).toMatchObject({ stdout: readFileSync(file, 'utf8') });
  }
}, 60_000);

if (isMatrix)
  test('two builds in two directories are the same bytes', async () => {
    const sums: string[] = [];
    for (const name of ['one', 'another one']) {
      const packed = await collect('npm', ['pack', '--json', '--pack-destination', root], {
        env: env(),
        cwd: checkout(name),
        timeout: 240_000,
      });
      expect(packed.status, packed.stderr).toBe(0);
      sums.push(JSON.parse(packed.stdout)[0].integrity);
    }
    expect(sums[1]).toBe(sums[0]);
  });

// npm fetches what the build needs: not without a network. npm 12 runs no script of a clone by itself.
const [, readmeLines = ''] = /^## Install\n[\s\S]*?\n((?: {4}.*\n)+)/m.exec(read('README.md')) ?? [];
if (isMatrix)
  test.for([
    ['the lines of the README', readmeLines],
    ['a clone, by npm 11 and older', 'npm install --global .'],
    ['a git URL', `npm install --global --allow-git=root 'git+file://${project}'`],
  ] as const)('from %s npm builds and installs a program that works', async ([, lines], { skip }) => {
    if (!existsSync(join(project, '.git'))) skip('This is no clone');
    const [clone, prefix] = [join(root, 'fresh clone'), join(root, 'fresh')];
    for (const path of [clone, prefix]) rmSync(path, { recursive: true, force: true });
    const git = await collect('git', ['clone', '--quiet', project, clone], { env: env(), cwd: root });
    expect(git.status, git.stderr).toBe(0);
    const environment = { ...own(), npm_config_prefix: prefix };
    const installed = await collect('sh', ['-ec', lines], { env: environment, cwd: clone, timeout: 240_000 });
    expect(installed.status, installed.stderr).toBe(0);
    // A git URL is installed from a clone of npm's own, which is gone by now.
    if (lines.includes('git+')) rmSync(clone, { recursive: true });
    const program = join(prefix, 'bin/awsmfa');
    expect(await collect(program, ['--version'], { env: env(), cwd: root })).toMatchObject({
      status: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

test('the core is one file, of ASCII: what it has no need of is loaded later', () => {
  const loaded = (name: string) =>
    readFileSync(join(project, 'dist', name), 'utf8')
      .split('\n')
      .filter((line) => /^(?!\t).*require\("\.\//.test(line));
  expect(loaded('core.cjs')).toEqual([]);
  expect(readFileSync(join(project, 'dist/core.cjs'), 'utf8')).not.toMatch(/[^\x00-\x7f]/);
  expect(loaded('awsmfa.cjs')).toEqual(['require("./core.cjs");']);
  expect(loaded('aws-mfa.cjs')).toEqual(['require("./awsmfa.cjs");']);
});

test('nothing is run and nothing else is fetched by an installation', () => {
  expect(manifest.dependencies ?? {}).toEqual({});
  expect(manifest.optionalDependencies ?? {}).toEqual({});
  for (const script of ['preinstall', 'install', 'postinstall']) {
    expect(manifest.scripts).not.toHaveProperty(script);
  }
});

test('the lock file names what every platform needs: otherwise `npm ci` refuses it in a fresh clone', () => {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  const missing = Object.entries<Locked>(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies).flatMap(([name, version]) => {
      const found = packages[`${place}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
      return found && (found.version === version || !/^\d/.test(version)) ? [] : [`${name}@${version}`];
    }),
  );
  expect(missing).toEqual([]);
});

type Locked = { version?: string; optionalDependencies?: Record<string, string> };

/** A copy to pack, without the developer's own; with what was built before the tests, or to be built again. */
function checkout(name: string, isBuilt = false): string {
  const copy = join(root, name);
  const left = new Set(
    ['node_modules', '.git', ...(isBuilt ? [] : ['dist', 'build'])].map((name) => join(project, name)),
  );
  cpSync(project, copy, { recursive: true, preserveTimestamps: true, filter: (path) => !left.has(path) });
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
