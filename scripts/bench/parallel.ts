import { work } from '../demo/accounts.ts';
import type { Ground } from './chapter.ts';
import { fresh } from './homes.ts';
import { finish } from './measure.ts';
import { limited, type Row } from './table.ts';

const processes = 200;

/** Many processes that want the same session at once, with nothing cached: how many calls reach STS. */
export async function parallel(command: 'env' | 'process', { root, core, sts, few }: Ground): Promise<Row> {
  const env = fresh(root, few, sts);
  const before = sts.count('GetSessionToken');
  const start = process.hrtime.bigint();
  const results = await Promise.all(
    Array.from({ length: processes }, () =>
      finish({ command: process.execPath, args: [core, command, work.profile], env }),
    ),
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const failed = results.find(({ status }) => status !== 0);
  if (failed) throw new Error(`one of ${processes} at once failed: ${failed.stderr.trim()}`);
  const sessions = new Set(results.map(({ stdout }) => stdout)).size;
  if (sessions !== 1) throw new Error(`${processes} at once printed ${sessions} different sessions`);
  const calls = sts.count('GetSessionToken') - before;
  return limited(
    `${processes} awsmfa ${command} at once: calls to STS`,
    calls,
    1,
    '',
    `one session for all, ${seconds.toFixed(1)} s`,
  );
}
