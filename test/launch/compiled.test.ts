import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compiledPath, readCompiled } from '../../src/launch/compiled.ts';
import { keepCompiled } from '../../src/launch/keep.ts';
import { makeHome } from '../support/home.ts';
import { buildCore, type Core } from '../support/real-core.ts';
import { collect } from '../support/shells.ts';

const code = Buffer.from('what V8 made of it');

function kept(content: Buffer = code) {
  const home = makeHome();
  mkdirSync(home.cache, { recursive: true });
  const path = join(home.cache, 'code-x.bin');
  keepCompiled(path, content);
  return { home, path };
}

describe('what is kept', () => {
  test('is read again', () => {
    const { home, path } = kept();
    expect(readCompiled(path)).toEqual(code);
    expect(readdirSync(home.cache)).toEqual(['code-x.bin']);
  });

  test.for(Array.from({ length: code.length * 2 }, (_, at) => at))('with byte %i flipped is not', (at) => {
    const { path } = kept();
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(readCompiled(path)).toBeUndefined();
  });

  test('cut short, empty, or foreign is not', () => {
    const { path } = kept();
    const bytes = readFileSync(path);
    for (const content of [bytes.subarray(0, 20), Buffer.alloc(0), Buffer.from('{}\n')]) {
      writeFileSync(path, content);
      expect(readCompiled(path)).toBeUndefined();
    }
  });

  test('that is not for the user alone, or behind a link, is not', () => {
    const { home, path } = kept();
    const link = join(home.cache, 'code-y.bin');
    symlinkSync(path, link);
    expect(readCompiled(link)).toBeUndefined();
    chmodSync(path, 0o644);
    expect(readCompiled(path)).toBeUndefined();
  });

  test('goes when nobody has made it for a month', () => {
    const { home, path } = kept();
    const old = Date.now() / 1000 - 31 * 86_400;
    utimesSync(path, old, old);
    keepCompiled(join(home.cache, 'code-z.bin'), code);
    expect(readdirSync(home.cache)).toEqual(['code-z.bin']);
  });

  test('is nothing where there is no cache', () => {
    const home = makeHome();
    keepCompiled(join(home.cache, 'code-x.bin'), code);
    expect(readdirSync(home.path)).toEqual([]);
    keepCompiled(join(home.write('file', ''), 'code-x.bin'), code);
    expect(readdirSync(home.path)).toEqual(['file']);
  });
});

test('each build, and each Node, has its own, beside the sessions', () => {
  const core = { path: '', source: '', build: '1.2.3-4-5' };
  const name = `code-1.2.3-4-5-${process.version}-${process.arch}.bin`;
  expect(compiledPath(core, { HOME: '/home/ada' })).toBe(`/home/ada/.aws/awsmfa/${name}`);
  expect(compiledPath(core, { HOME: '/home/ada', AWSMFA_CACHE_DIR: '/cache' })).toBe(`/cache/${name}`);
  expect(compiledPath(core, {})).toBeUndefined();
  expect(compiledPath(core, { AWSMFA_CACHE_DIR: 'cache' })).toBeUndefined();
});

describe('the program', () => {
  let core: Core;
  beforeAll(() => {
    core = buildCore();
  });
  afterAll(() => core.remove());

  test('says the same with it as without it, and with one that is damaged; its other files see one core', async () => {
    const home = makeHome();
    mkdirSync(home.cache, { recursive: true });
    const run = () =>
      collect(process.execPath, [join(core.directory, 'dist/awsmfa.cjs'), 'exec', '--help'], {
        env: { HOME: home.path },
        cwd: home.path,
      });
    const first = await run();
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('[--] [command…]') });
    expect(first.stdout.match(/Usage:/g)).toEqual(['Usage:']);
    const [file = ''] = readdirSync(home.cache);
    expect(file).toMatch(/^code-.*\.bin$/);
    const path = join(home.cache, file);
    expect(await run()).toEqual(first);

    const bytes = readFileSync(path);
    const damaged = Buffer.from(bytes);
    damaged[bytes.length >> 2] = (damaged[bytes.length >> 2] ?? 0) ^ 0x10;
    writeFileSync(path, damaged);
    expect(await run()).toEqual(first);
    expect(readFileSync(path).equals(damaged), 'it is replaced').toBe(false);
    expect(readCompiled(path)).toBeDefined();
  });
});
