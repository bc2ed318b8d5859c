import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Settings, survey } from './bench/survey.ts';
import { page, table } from './bench/table.ts';

const usage = `Usage: npm run bench -- [--rounds N] [--node PATH]... [--check]

  --rounds N    how often everything is measured (30)
  --node PATH   a Node to measure with; repeatable, all of them in one run
  --check       exit 1 when a figure is above what it may be at most`;

/** `npm run bench`: the ratios that awsmfa promises, measured on this machine, as a table and as docs/benchmark.md. */
async function bench(argv: readonly string[]): Promise<number> {
  const asked = read(argv);
  if (asked === undefined) {
    console.error(usage);
    return 2;
  }
  const { rows, notes } = await survey(asked);
  const missed = rows.filter(({ ok }) => ok === false);
  console.log(table(rows));
  writeFileSync(join(__dirname, '../docs/benchmark.md'), page(rows, notes));
  for (const note of notes) console.log(note);
  if (missed.length > 0) console.log(`\n${missed.length} of ${rows.length} above what it may be at most.`);
  return asked.check && missed.length > 0 ? 1 : 0;
}

function read(argv: readonly string[]): (Settings & { readonly check: boolean }) | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        rounds: { type: 'string', default: '30' },
        node: { type: 'string', multiple: true, default: [process.execPath] },
        check: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds);
    return Number.isInteger(rounds) && rounds > 0
      ? { rounds, nodes: values.node, check: values.check }
      : undefined;
  } catch {
    return undefined;
  }
}

bench(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    process.exitCode = 1;
    console.error(`bench: ${error.message}`);
  },
);
