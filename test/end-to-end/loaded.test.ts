import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { desk, programFile } from '../support/desk.ts';
import { collect } from '../support/shells.ts';

const home = desk();

beforeEach(async () => {
  const code = ['--token-code', home.sts.nextCode('ada')];
  expect(await home.awsmfa(['login', 'work', ...code])).toMatchObject({ status: 0 });
});

/** What the program loads: files of its own by the word they begin with, and modules of Node. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const [recorder, log] = [join(home.home, 'recorder.cjs'), join(home.home, 'loaded')];
  writeFileSync(log, '');
  writeFileSync(
    recorder,
    `const { appendFileSync } = require('node:fs');
const Module = require('node:module');
const load = Module._load;
Module._load = function (name, ...more) {
  appendFileSync(${JSON.stringify(log)}, name + '\\n');
  return load.call(this, name, ...more);
};
const builtin = process.getBuiltinModule;
process.getBuiltinModule = (name) => {
  appendFileSync(${JSON.stringify(log)}, name + '\\n');
  return builtin(name);
};`,
  );
  const ran = await collect(process.execPath, ['-r', recorder, programFile, ...args], {
    env: { ...home.env, SHELL: '/bin/sh' },
    cwd: home.home,
  });
  expect(ran).toMatchObject({ status: 0 });
  const names = readFileSync(log, 'utf8').trim().split('\n');
  return [...new Set(names.map((name) => basename(name).replace(/(?:-[\w-]{8})?\.cjs$/, '')))].sort();
}

const cached = ['awsmfa', 'core', 'node:fs', 'node:module', 'node:path'];

test('a session from the cache loads one file of its own, and nothing of Node that is large', async () => {
  expect(await loadedBy('env', 'work', '--shell', 'bash')).toEqual(cached);
  expect(await loadedBy('process', 'work')).toEqual(cached);
});

test('exec loads what starts a command besides, and no library', async () => {
  const loaded = await loadedBy('exec', 'work', '--', 'true');
  expect(loaded).toEqual(expect.arrayContaining(cached));
  // Node that cannot replace itself starts a child.
  const others = loaded.filter((name) => ![...cached, 'node:child_process'].includes(name));
  expect(others).toEqual(['command', 'exec']);
});

test('list and --help load no library of AWS', async () => {
  const aws = /^(?:client|identity|sts|Sha256Node|http|iam)$/;
  expect((await loadedBy('list')).filter((name) => aws.test(name))).toEqual([]);
  const help = await loadedBy('--help');
  expect(help).toContain('explain');
  expect(help.filter((name) => aws.test(name) || name === 'assert')).toEqual([]);
});
