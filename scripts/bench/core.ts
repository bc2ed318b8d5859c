import { work } from '../demo/accounts.ts';
import type { Chapter, Ground } from './chapter.ts';
import { shown } from './figures.ts';
import { type Env, fresh } from './homes.ts';
import { finish, type Subject } from './measure.ts';
import { limited } from './table.ts';

/** The program as a whole process, over `node -e 0`, with each Node that was asked for. */
export async function core(ground: Ground): Promise<Chapter> {
  const versions = new Map<string, string>();
  for (const node of ground.nodes) versions.set(node, await versionOf(node, ground.few));
  return {
    subjects: ground.nodes.flatMap((node) => subjects(node, ground)),
    rows: (of) =>
      [...versions].flatMap(([node, version]) => {
        const names = ['bare', 'cached', 'process', 'many', 'fresh', 'list', 'list many'];
        const [bare, cached, behind, many, anew, list, listMany] = names.map((name) => of(`${name} ${node}`));
        if (!bare || !cached || !behind || !many || !anew || !list || !listMany) return [];
        const over = (what: string, most: number, figure: typeof bare, base: typeof bare) =>
          limited(
            `Node ${version}: ${what}`,
            figure.median / base.median,
            most,
            '×',
            `${shown(figure)} / ${shown(base)}`,
          );
        return [
          over('awsmfa env, cached / node -e 0', 1.35, cached, bare),
          over('awsmfa process, cached / node -e 0', 1.35, behind, bare),
          over('awsmfa env, fresh / node -e 0', 4.5, anew, bare),
          over('awsmfa env, 2,000 profiles / 2', 1.5, many, cached),
          over('awsmfa list, 2,000 profiles / 2', 1.5, listMany, list),
        ];
      }),
  };
}

function subjects(node: string, { root, core, sts, few, many }: Ground): readonly Subject[] {
  const env = (name: string, env: () => Env): Subject => ({
    name: `${name} ${node}`,
    run: () => ({ command: node, args: [core, 'env', work.profile], env: env() }),
  });
  const lists = (name: string, env: Env): Subject => ({
    name: `${name} ${node}`,
    run: () => ({ command: node, args: [core, 'list'], env }),
  });
  let before = 0;
  return [
    { name: `bare ${node}`, run: () => ({ command: node, args: ['-e', '0'], env: few }) },
    { ...env('cached', () => few), check: exports },
    {
      name: `process ${node}`,
      run: () => ({ command: node, args: [core, 'process', work.profile], env: few }),
      check: (stdout) => {
        if (JSON.parse(stdout).Version !== 1) throw new Error('awsmfa process printed no version 1');
      },
    },
    {
      ...env('fresh', () => {
        before = sts.count('GetSessionToken');
        return fresh(root, few, sts);
      }),
      check: (stdout) => {
        exports(stdout);
        if (sts.count('GetSessionToken') !== before + 1)
          throw new Error('a fresh session that STS was not asked for');
      },
    },
    { ...env('many', () => many), check: exports },
    lists('list', few),
    lists('list many', many),
  ];
}

function exports(stdout: string): void {
  if (!stdout.includes('AWS_SESSION_TOKEN='))
    throw new Error(`awsmfa env printed no session: ${stdout.slice(0, 80)}`);
}

async function versionOf(node: string, env: Env): Promise<string> {
  const asked = finish({ command: node, args: ['-p', 'process.versions.node'], env }).catch(() => undefined);
  const version = (await asked)?.stdout.trim() ?? '';
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${node} is no Node`);
  return version;
}
