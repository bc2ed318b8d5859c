import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soak } from './soak/run.ts';

const usage = `Usage: npm run soak -- [--seconds N] [--seed N]

  --seconds N   how long (300)
  --seed N      the same choices again, as far as the machine lets them happen in the same order`;

/** `npm run soak`: random commands, kills, faults and damage, and after each what must hold. */
async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  if (!(seconds > 0) || !Number.isInteger(seed)) {
    console.error(usage);
    return 2;
  }
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-soak-')));
  try {
    const { steps, broken, did } = await soak({
      root,
      program: join(__dirname, '../dist/awsmfa.cjs'),
      seconds,
      seed,
    });
    const done = [...did].map(([what, count]) => `${what} ${count}`).join(', ');
    console.log(`seed ${seed}: ${steps} steps in ${seconds} s: ${done}`);
    for (const line of broken) console.log(`BROKEN: ${line}`);
    if (broken.length > 0) console.log(`To see it again: npm run soak -- --seed ${seed}`);
    console.log(`${steps - broken.length} passed, ${broken.length} failed`);
    return broken.length > 0 ? 1 : 0;
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    process.exitCode = 2;
    console.error(`soak: ${error.message}\n${usage}`);
  },
);
