import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { project } from './support/desk.ts';

/** What rolldown starts from. */
const entries = ['src/bin.ts', 'src/start.ts', 'src/aws-mfa.ts'];

const files = ['src', 'test', 'scripts', 'tools'].flatMap((folder) =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[tj]s$/.test(name))
    .map((name) => join(folder, name)),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(project, file), 'utf8')]));

/** For each name that a file exports: the files that use the word. */
function usersOf(name: string, file: string): readonly string[] {
  const word = new RegExp(`\\b${name.replace('$', '\\$')}\\b`);
  return [...texts].filter(([other, text]) => other !== file && word.test(text)).map(([other]) => other);
}

test('every file of src is imported', () => {
  const imported = new Set(
    [...texts].flatMap(([file, text]) =>
      [...text.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, target = '']) =>
        normalize(join(dirname(file), target)),
      ),
    ),
  );
  expect(
    files.filter((file) => file.startsWith('src/') && !imported.has(file) && !entries.includes(file)),
  ).toEqual([]);
});

// The types in the signature of an exported function are exported with it, whoever uses them.
test('every exported value of src is used by another file', () => {
  const unused = [...texts]
    .filter(([file]) => file.startsWith('src/') && !entries.includes(file))
    .flatMap(([file, text]) =>
      [...text.matchAll(/^export (?:async )?(?:const|function|class) (\w+)/gm)].flatMap(([, name = '']) =>
        usersOf(name, file).length > 0 ? [] : [`${file}: ${name}`],
      ),
    );
  expect(unused).toEqual([]);
});

test('every package of package.json is used', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const configs = readdirSync(project).filter(
    (name) => /\.(config\.[tj]s|json)$/.test(name) && name !== 'package-lock.json',
  );
  const scripts = configs.map((name) =>
    readFileSync(join(project, name), 'utf8').replace(/"devDependencies"[\s\S]*/, ''),
  );
  const all = [...texts.values(), ...scripts].join('\n');
  // The compiler and the linter are programs.
  const programs = ['typescript', '@biomejs/biome', '@vitest/coverage-v8'];
  const isUsed = (name: string) =>
    programs.includes(name) ||
    name.startsWith('@types/') ||
    all.includes(`'${name}`) ||
    all.includes(`"${name}`);
  expect(Object.keys(devDependencies).filter((name) => !isUsed(name))).toEqual([]);
});
