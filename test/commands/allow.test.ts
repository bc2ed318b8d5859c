import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, makeHome } from '../support/home.ts';
import { run } from '../support/world.ts';

const here = process.cwd();
let home: Home;
beforeEach(() => {
  home = makeHome();
  home.write('shop/.awsmfa', 'work\n# of the team\n');
});
afterEach(() => process.chdir(here));

const path = (name: string) => join(home.path, name);
const list = () => readFileSync(path('.aws/awsmfa/allowed'), 'utf8');

/** In a directory of the home, which the shell may call by another name. */
function allow(directory: string, args: readonly string[] = [], pwd?: string) {
  process.chdir(path(directory));
  return run(['allow', ...args], { home, env: pwd === undefined ? {} : { PWD: pwd } });
}

test('a line for each directory, with the name as it is now', async () => {
  expect(await allow('shop')).toEqual({
    exit: 0,
    stdout: '',
    stderr: [
      '~/shop/.awsmfa is allowed: with AWSMFA_AUTO_PROFILE=1, shells take the profile work here and below',
    ],
  });
  home.write('bank/.awsmfa', 'two words');
  await allow('bank');
  expect(list()).toBe(`work\t${path('shop')}\ntwo words\t${path('bank')}\n`);
  home.write('shop/.awsmfa', 'other');
  await allow('shop');
  expect(list()).toBe(`two words\t${path('bank')}\nother\t${path('shop')}\n`);
  expect(statSync(path('.aws/awsmfa/allowed')).mode & 0o777).toBe(0o600);
});

test('below the directory, the nearest file counts', async () => {
  mkdirSync(path('shop/src/deep'), { recursive: true });
  await allow('shop/src/deep');
  expect(list()).toBe(`work\t${path('shop')}\n`);
  home.write('shop/src/.awsmfa', 'inner');
  await allow('shop/src/deep');
  expect(list()).toBe(`work\t${path('shop')}\ninner\t${path('shop/src')}\n`);
});

test('--remove takes the line out, also when the file has gone', async () => {
  await allow('shop');
  expect(await allow('shop', ['--remove'])).toMatchObject({ stderr: ['~/shop/.awsmfa is allowed no more'] });
  expect(list()).toBe('');
  expect(await allow('shop', ['--remove'])).toMatchObject({
    exit: 0,
    stderr: ['~/shop/.awsmfa was not allowed'],
  });
  await allow('shop');
  rmSync(path('shop/.awsmfa'));
  expect(await allow('shop', ['--remove'])).toMatchObject({ stderr: ['~/shop/.awsmfa is allowed no more'] });
  expect(list()).toBe('');
  mkdirSync(path('empty'));
  expect(await allow('empty', ['--remove'])).toMatchObject({
    exit: 0,
    stderr: ['~/empty/.awsmfa was not allowed'],
  });
});

test('the directory is called as the shell calls it, if that is the same one', async () => {
  symlinkSync(path('shop'), path('link'));
  await allow('shop', [], path('link'));
  expect(list()).toBe(`work\t${path('link')}\n`);
  for (const other of [home.path, '/nowhere', 'shop', '']) {
    await allow('shop', ['--remove'], path('link'));
    await allow('shop', [], other);
    expect(list(), other).toBe(`work\t${path('shop')}\n`);
    await allow('shop', ['--remove']);
  }
});

test.for<[content: string | Uint8Array]>([
  [''],
  ['\nwork\n'],
  [' work\n'],
  ['work \n'],
  ['wo\u001b[31mrk\n'],
  ['wo\trk'],
  ['x'.repeat(300)],
  [Uint8Array.of(0x77, 0xff, 0x0a)],
])('a file that names no profile: %j', async ([content]) => {
  home.write('shop/.awsmfa', content);
  expect(await allow('shop')).toMatchObject({
    exit: 3,
    stderr: [
      'awsmfa: ~/shop/.awsmfa names no profile',
      '  Its first line must be the name of a profile, and nothing else.',
    ],
  });
});

test('a link, a directory, or no file at all', async () => {
  mkdirSync(path('link'));
  symlinkSync(path('shop/.awsmfa'), path('link/.awsmfa'));
  mkdirSync(path('directory/.awsmfa'), { recursive: true });
  for (const name of ['link', 'directory']) {
    expect(await allow(name)).toMatchObject({
      exit: 3,
      stderr: [
        `awsmfa: ~/${name}/.awsmfa is no file of yours`,
        '  It must be a file, not a link, that belongs to you.',
      ],
    });
  }
  mkdirSync(path('empty'));
  expect(await allow('empty')).toMatchObject({
    exit: 3,
    stderr: ['awsmfa: there is no .awsmfa in ~/empty or above', '  To make one: echo work > .awsmfa'],
  });
});

test('a directory whose name no line can hold', async () => {
  home.write('a\nb/.awsmfa', 'work');
  expect(await allow('a\nb')).toMatchObject({ exit: 3 });
});

test('a list that others can write counts as empty, and is replaced', async () => {
  home.write('.aws/awsmfa/allowed', 'evil\t/\n');
  chmodSync(path('.aws/awsmfa/allowed'), 0o666);
  await allow('shop');
  expect(list()).toBe(`work\t${path('shop')}\n`);
  expect(statSync(path('.aws/awsmfa/allowed')).mode & 0o777).toBe(0o600);
});

test('without a home directory there is no place for the list', async () => {
  process.chdir(path('shop'));
  expect(await run(['allow'])).toMatchObject({
    exit: 3,
    stderr: ['awsmfa: there is no home directory', '  Set HOME.'],
  });
  writeFileSync(path('shop/.awsmfa'), 'work');
});
