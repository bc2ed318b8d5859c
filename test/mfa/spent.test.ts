import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { spentCodes } from '../../src/mfa/with-code.ts';
import { makeHome } from '../support/home.ts';

const serial = 'arn:aws:iam::123456789012:mfa/alice';
const start = Date.UTC(2026, 10, 21, 9, 0, 10);

/** A memory at a time that the test sets, in seconds after the start. */
function memory(home = makeHome(), of = serial) {
  const clock = { seconds: 0 };
  const codes = spentCodes(home.cache, of, () => start + clock.seconds * 1000);
  return { ...codes, clock, home, file: () => home.cached('spent-')[0] ?? '' };
}

test('a code can be used once, another at once', async () => {
  const { claim } = memory();
  expect([
    await claim('123456'),
    await claim('123456'),
    await claim('654321'),
    await claim('123456'),
  ]).toEqual([true, false, true, false]);
});

test('on another device it is another code', async () => {
  const home = makeHome();
  expect(await memory(home).claim('123456')).toBe(true);
  expect(await memory(home, 'GAHT12345678').claim('123456')).toBe(true);
  expect(home.cached('spent-')).toHaveLength(2);
});

test.for([
  [0, false],
  [20, false],
  [79, false],
  [80, true],
  [-60, false],
  [-80, true],
] as const)('after %i s it is new: %s', async ([seconds, isNew]) => {
  const { claim, clock } = memory();
  await claim('123456');
  clock.seconds = seconds;
  expect(await claim('123456')).toBe(isNew);
});

test('a code that was not sent after all can be used', async () => {
  const { claim, release } = memory();
  await claim('123456');
  await claim('111111');
  await release('123456');
  expect([await claim('111111'), await claim('123456')]).toEqual([false, true]);
});

test('the file holds no code, is private, and does not grow', async () => {
  const { claim, file, clock } = memory();
  for (let code = 100_000; code < 100_030; code++) await claim(String(code));
  const text = readFileSync(file(), 'utf8');
  const { spent } = JSON.parse(text);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(spent.codes).toHaveLength(20);
  expect(text).not.toMatch(/(?<![0-9a-f])1000\d\d(?![0-9a-f])/);
  clock.seconds = 300;
  await claim('123456');
  expect(JSON.parse(readFileSync(file(), 'utf8')).spent).toMatchObject({ key: spent.key, codes: [{}] });
});

test('two homes write different hashes of the same code', async () => {
  const [one, two] = [memory(), memory()];
  for (const each of [one, two]) await each.claim('123456');
  const macOf = (path: string) => JSON.parse(readFileSync(path, 'utf8')).spent.codes[0].mac;
  expect(macOf(one.file())).toMatch(/^[0-9a-f]{64}$/);
  expect(macOf(one.file())).not.toBe(macOf(two.file()));
});

test.for([
  '',
  'junk',
  '{"version":1}',
  '{"version":1,"spent":null}',
  '{"version":1,"spent":{"key":"x","codes":[]}}',
  '{"version":1,"spent":{"key":"' + 'a'.repeat(64) + '","codes":[null,7,{"mac":1,"window":"x"}]}}',
])('a damaged file is an empty one: %s', async (text) => {
  const { claim, file } = memory();
  await claim('123456');
  writeFileSync(file(), text);
  expect([await claim('123456'), await claim('123456')]).toEqual([true, false]);
});

test('of many that have the same code at once, one may use it', async () => {
  const home = makeHome();
  const claims = Array.from({ length: 20 }, () => memory(home).claim('123456'));
  expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
});

test('where nothing can be kept every code is new', async () => {
  const nowhere = spentCodes(undefined, serial, () => start);
  expect([await nowhere.claim('123456'), await nowhere.claim('123456')]).toEqual([true, true]);
  const home = makeHome();
  home.write('.aws/awsmfa', 'a file where the directory should be');
  expect(await memory(home).claim('123456')).toBe(true);
});
