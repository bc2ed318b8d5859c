import { found } from '../demo/shells.ts';
import type { Chapter, Ground } from './chapter.ts';
import { shown } from './figures.ts';
import { finish, type Run } from './measure.ts';
import { told } from './table.ts';

/** What other programs do that reads the files of 2,000 profiles, without asking anybody. */
const known: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['aws-vault', ['list', '--profiles']],
  ['aws-runas', ['list', 'roles']],
  ['granted', ['--version']],
  ['awsume', ['--list-profiles']],
];

/** The peers that are installed, in the same run: how long each takes with 2,000 profiles. */
export async function peers({ many }: Ground): Promise<Chapter> {
  const there: (readonly [what: string, run: Run])[] = [];
  const left: string[] = [];
  for (const [name, args] of known) {
    const [command] = found(name);
    const run = { command: command ?? name, args, env: { ...many, AWS_VAULT_BACKEND: 'file' } };
    const isUsable = command !== undefined && (await finish(run)).status === 0;
    if (isUsable) there.push([`${name} ${args.join(' ')}`, run]);
    else left.push(name);
  }
  return {
    subjects: there.map(([name, run]) => ({ name, run: () => run, times: 7 })),
    rows: (of) => there.map(([name]) => told(name, `${of(name).median.toFixed(0)} ms`, shown(of(name)))),
    ...(left.length > 0
      ? { note: `Peers that are not installed here, or fail with these files: ${left.join(', ')}.` }
      : {}),
  };
}
