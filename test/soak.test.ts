import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { soak } from '../scripts/soak/run.ts';
import { programFile } from './support/desk.ts';
import { makeHome } from './support/home.ts';
import { runs } from './support/matrix.ts';

/** A seed of its own for each run: `npm run soak -- --seed N` makes the same choices again. */
const seed = Date.now() % 1_000_000;

test(`whatever goes wrong, what must hold holds (seed ${seed})`, async () => {
  const report = await soak({ root: makeHome().path, program: programFile, seconds: runs(4, 120), seed });
  expect(report.broken).toEqual([]);
  expect(report.steps).toBeGreaterThan(1);
});

test('a program that leaks, fails in its own way and loses the file is seen', async () => {
  const home = makeHome();
  const program = home.write(
    'program.cjs',
    `process.stderr.write('Error: should not have happened\\n    at x (y.js:1:1)\\n');
require('node:fs').writeFileSync(process.env.HOME + '/.aws/credentials', '[work]\\n');
process.exitCode = 9;
`,
  );
  chmodSync(program, 0o755);
  const { broken } = await soak({ root: makeHome().path, program, seconds: 2, seed: 1 });
  for (const what of ['exit status 9', 'an error of its own', 'the credentials file lost something'])
    expect(broken.join('\n')).toContain(what);
});
