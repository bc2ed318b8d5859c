import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { work } from '../demo/accounts.ts';
import { article } from './article.ts';
import type { Ground } from './chapter.ts';
import { core } from './core.ts';
import { figures } from './figures.ts';
import { chainHome, home, logIn } from './homes.ts';
import { load } from './load.ts';
import { endRunning, measure } from './measure.ts';
import { packed } from './packed.ts';
import { parallel } from './parallel.ts';
import { peers } from './peers.ts';
import { inShells } from './shells.ts';
import type { Row } from './table.ts';

export interface Settings {
  readonly rounds: number;
  readonly nodes: readonly string[];
}

/** Measures everything in one run. */
export async function survey({
  rounds,
  nodes,
}: Settings): Promise<{ rows: readonly Row[]; notes: readonly string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'awsmfa-bench-'));
  process.once('exit', () => {
    endRunning();
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const sts = await startLocalSts({ users: [work.user] });
  try {
    const ground = await prepare(root, nodes, sts);
    const chapters = [inShells(ground), await core(ground), await article(ground), await peers(ground)];
    const samples = await measure(
      chapters.flatMap(({ subjects }) => subjects),
      rounds,
      progressOf(rounds),
    );
    const of = (name: string) => figures(samples.get(name) ?? []);
    const rows = chapters.flatMap(({ rows }) => rows(of));
    const notes = chapters.flatMap(({ note }) => (note === undefined ? [] : [note]));
    const storms = [await parallel('env', ground), await parallel('process', ground)];
    return {
      rows: [...rows, ...storms, ...(await load(ground)), packed(ground)],
      notes: [...notes, machine(rounds)],
    };
  } finally {
    await sts.close();
  }
}

async function prepare(root: string, nodes: readonly string[], sts: LocalSts): Promise<Ground> {
  const project = join(__dirname, '..');
  const program = join(project, 'dist', 'awsmfa.cjs');
  const [few, many] = [home(root, 2, sts), home(root, 2000, sts)];
  const held = await logIn(process.execPath, program, few, sts);
  await logIn(process.execPath, program, many, sts);
  const chains = [100, 400].map((roles) => chainHome(root, roles, sts));
  return { root, project, core: program, sts, nodes, few, many, chains, held };
}

/** On a terminal, for it takes a while. */
function progressOf(rounds: number): (round: number) => void {
  if (!process.stderr.isTTY) return () => {};
  return (round) =>
    process.stderr.write(round === rounds ? '\r\u001b[K' : `\rround ${round + 1} of ${rounds + 1} `);
}

function machine(rounds: number): string {
  const [cpu] = cpus();
  return `${rounds} rounds, in turns; ${cpus().length} × ${cpu?.model.trim()}, ${process.platform} ${release()}.`;
}
