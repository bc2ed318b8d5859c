import { work } from '../demo/accounts.ts';
import type { Chapter, Ground } from './chapter.ts';
import { type Figures, shown } from './figures.ts';
import { type Env, fresh } from './homes.ts';
import { finish, type Subject } from './measure.ts';
import { limited, type Row } from './table.ts';

/** A Node that was asked for. */
interface Runtime {
  readonly node: string;
  readonly version: string;
  /** Node 22.8 and later keep compiled code. */
  readonly cachesCode: boolean;
  /** Node 22.15 and later can become another program. */
  readonly replacesItself: boolean;
}

/** The program as a whole process, over `node -e 0`, with each Node that was asked for. */
export async function core(ground: Ground): Promise<Chapter> {
  const runtimes: Runtime[] = [];
  for (const node of ground.nodes) runtimes.push(await runtimeOf(node, ground.few));
  return {
    subjects: runtimes.flatMap(({ node }) => subjects(node, ground)),
    rows: (of) => runtimes.flatMap((runtime) => rows(runtime, (name) => of(`${name} ${runtime.node}`))),
  };
}

function rows(
  { version, cachesCode, replacesItself }: Runtime,
  of: (name: string) => Figures,
): readonly Row[] {
  const over = (what: string, most: number, name: string, base = 'bare') =>
    limited(
      `Node ${version}: ${what}`,
      of(name).median / of(base).median,
      most,
      '×',
      `${shown(of(name))} / ${shown(of(base))}`,
    );
  const cached = cachesCode ? 1.4 : 1.6;
  return [
    over('awsmfa env, cached / node -e 0', cached, 'cached'),
    over('awsmfa process, cached / node -e 0', cached, 'process'),
    over('awsmfa exec -- true, cached / node -e 0', replacesItself ? 1.5 : 2, 'exec'),
    over('awsmfa env, fresh / node -e 0', 4, 'fresh'),
    over('awsmfa --help / node -e 0', 2.5, 'help'),
    over('awsmfa env, 2,000 profiles / 2', 1.5, 'many', 'cached'),
    over('awsmfa list, 2,000 profiles / node -e 0', 3.3, 'list many'),
    over('awsmfa list, 2,000 profiles / 2, CPU', 2.6, 'list many cpu', 'list cpu'),
    over('awsmfa list, chain of 400 roles / 100, CPU', 2.5, 'chain 400', 'chain 100'),
  ];
}

function subjects(node: string, { root, core, sts, few, many, chains }: Ground): readonly Subject[] {
  const runs = (
    name: string,
    args: readonly string[],
    env: () => Env,
    more: Partial<Subject> = {},
  ): Subject => ({
    name: `${name} ${node}`,
    run: () => ({ command: node, args: [core, ...args], env: env() }),
    ...more,
  });
  const env = ['env', work.profile];
  let before = 0;
  return [
    { name: `bare ${node}`, run: () => ({ command: node, args: ['-e', '0'], env: few }) },
    runs('cached', env, () => few, { check: exports }),
    runs('process', ['process', work.profile], () => few, {
      check: (stdout) => {
        if (JSON.parse(stdout).Version !== 1) throw new Error('awsmfa process printed no version 1');
      },
    }),
    runs('exec', ['exec', work.profile, '--', 'true'], () => few),
    runs('help', ['--help'], () => few),
    runs(
      'fresh',
      env,
      () => {
        before = sts.count('GetSessionToken');
        return fresh(root, few, sts);
      },
      {
        check: (stdout) => {
          exports(stdout);
          if (sts.count('GetSessionToken') !== before + 1)
            throw new Error('a fresh session that STS was not asked for');
        },
      },
    ),
    runs('many', env, () => many, { check: exports }),
    runs('list many', ['list'], () => many),
    runs('list cpu', ['list'], () => few, { cpu: true, times: 10 }),
    runs('list many cpu', ['list'], () => many, { cpu: true, times: 10 }),
    ...[100, 400].map((roles, index) =>
      runs(`chain ${roles}`, ['list'], () => chains[index] ?? few, { cpu: true, times: 10 }),
    ),
  ];
}

function exports(stdout: string): void {
  if (!stdout.includes('AWS_SESSION_TOKEN='))
    throw new Error(`awsmfa env printed no session: ${stdout.slice(0, 80)}`);
}

async function runtimeOf(node: string, env: Env): Promise<Runtime> {
  const script =
    "console.log(process.versions.node, !!require('module').enableCompileCache, !!process.execve)";
  const asked = finish({ command: node, args: ['-e', script], env }).catch(() => undefined);
  const [version = '', cachesCode, replacesItself] = (await asked)?.stdout.trim().split(' ') ?? [];
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${node} is no Node`);
  return { node, version, cachesCode: cachesCode === 'true', replacesItself: replacesItself === 'true' };
}
