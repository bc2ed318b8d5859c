import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** The rooms of src from the bottom up. A file imports from its own room and from those below, types included. */
const levels: readonly (readonly string[])[] = [
  [
    'errors',
    'text',
    'printable',
    'shell-word',
    'screen',
    'duration',
    'secret',
    'credentials',
    'world',
    'request',
    'ui',
  ],
  ['files', 'system'],
  ['config'],
  ['profile'],
  ['sts'],
  ['mfa', 'export'],
  ['providers', 'stores'],
  ['session'],
  ['serve'],
  ['commands', 'cli'],
  ['main', 'bin', 'aws-mfa', 'start'],
];

/** Node's modules that touch the world outside, and the rooms that may. */
const outside =
  /^node:(fs|net|http|https|tls|dns|tty|child_process|cluster|worker_threads|readline|repl|dgram|inspector)\b/;
const mayTouch = new Set(['bin', 'aws-mfa', 'files', 'system', 'sts', 'serve', 'start']);

/** Parts of commands that look at files of other programs: what doctor examines, and rc files. */
const lookAtOthers = /^commands\/(?:doctor|rc-file\.ts)/;

interface Import {
  readonly from: string;
  readonly to: string;
}

const src = new URL('../src', import.meta.url).pathname;
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'))
  .sort();

const importsOf = new Map(files.map((file) => [file, read(file)]));
const own: readonly Import[] = [...importsOf].flatMap(([from, targets]) =>
  targets.filter((to) => to.startsWith('.')).map((to) => ({ from, to: normalize(join(dirname(from), to)) })),
);

function read(file: string): readonly string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [
    ...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm),
    ...text.matchAll(/\bimport\('([^']+)'\)/g),
    ...text.matchAll(/\bgetBuiltinModule\('([^']+)'\)/g),
  ].map(([, target = '']) => target);
}

/** The folder of a file, or the file itself where it lies in src. */
function roomOf(file: string): string {
  return file.replace(/\/.*$/, '').replace(/\.ts$/, '');
}

function levelOf(file: string): number {
  return levels.findIndex((rooms) => rooms.includes(roomOf(file)));
}

test('the imports are found', () => {
  expect(own.length).toBeGreaterThan(300);
  expect(own).toContainEqual({ from: 'bin.ts', to: 'main.ts' });
});

test('every file lies in a room', () => {
  expect(files.filter((file) => levelOf(file) < 0)).toEqual([]);
});

test('no room imports from a higher one, and none of the same level from another', () => {
  const wrong = own.filter(
    ({ from, to }) =>
      levelOf(to) > levelOf(from) ||
      (levelOf(from) > 0 &&
        levelOf(from) < levels.length - 1 &&
        levelOf(to) === levelOf(from) &&
        roomOf(to) !== roomOf(from) &&
        !(roomOf(from) === 'cli' && roomOf(to) === 'commands')),
  );
  expect([...new Set(wrong.map(({ from, to }) => `${from} -> ${to}`))]).toEqual([]);
});

test('no circle of files', () => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of own) targets.set(from, [...(targets.get(from) ?? []), to]);
  const reached = (start: string) => {
    const seen = new Set<string>();
    const queue = [start];
    for (const file of queue) {
      for (const to of targets.get(file) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        queue.push(to);
      }
    }
    return seen;
  };
  expect(files.filter((file) => reached(file).has(file))).toEqual([]);
});

test('only some rooms touch the world outside', () => {
  const wrong = [...importsOf].flatMap(([from, targets]) =>
    mayTouch.has(roomOf(from)) || lookAtOthers.test(from)
      ? []
      : targets.filter((to) => outside.test(to)).map((to) => `${from} -> ${to}`),
  );
  expect([...new Set(wrong)]).toEqual([]);
});

test('only cli knows options', () => {
  const wrong = own.filter(
    ({ from, to }) => roomOf(to) === 'cli' && !['cli', 'main', 'aws-mfa'].includes(roomOf(from)),
  );
  expect([...new Set(wrong.map(({ from, to }) => `${from} -> ${to}`))]).toEqual([]);
});

test('CONTRIBUTING.md names files that are there', () => {
  const root = new URL('../', import.meta.url);
  const page = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8');
  const named = [
    ...page.matchAll(/(?<![\w/])(?:src|test|tools|shell|scripts|docs|packaging|\.github|\.ci)\/[\w./-]*\w/g),
  ]
    .map(([file]) => file)
    // NAME stands for the file that is added.
    .filter((file) => !/\bNAME\b/.test(file));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});

test('ARCHITECTURE.md names the rooms, and files that are there', () => {
  const page = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8');
  const rooms = levels.flat().filter((room) => files.some((file) => file.startsWith(`${room}/`)));
  expect(rooms.filter((room) => !page.includes(`${room}/`))).toEqual([]);
  const named = [...page.matchAll(/`([\w-]+(?:\/[\w-]+)*\.(?:ts|js|sh))`/g)].map(([, file = '']) => file);
  const isThere = (file: string) =>
    files.some((own) => own === file || own.endsWith(`/${file}`)) ||
    existsSync(new URL(`../${file}`, import.meta.url));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !isThere(file))).toEqual([]);
});
