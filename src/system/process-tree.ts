import { type ChildProcess, execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Ends a child and all that it started: with SIGTERM, so that they can put the terminal right, then with SIGKILL. */
export async function endTree({ pid }: ChildProcess, platform: string): Promise<void> {
  if (pid === undefined) return;
  if (platform === 'win32') {
    await run('taskkill', ['/pid', String(pid), '/t', '/f']);
    return;
  }
  // Looked up before the first signal: of a parent that is gone, the children are nobody's.
  const tree = [pid, ...descendants(pid, await parents(platform))];
  for (const each of tree) signal(each, 'SIGTERM');
  for (let waited = 0; waited < 500 && tree.some((each) => signal(each, 0)); waited += 25) await delay(25);
  for (const each of tree) signal(each, 'SIGKILL');
}

function descendants(pid: number, all: readonly Parentage[]): readonly number[] {
  const children = all.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...descendants(child, all)]);
}

type Parentage = readonly [pid: number, parent: number];

/** From `/proc` on Linux; elsewhere from `ps`, which POSIX asks for. */
async function parents(platform: string): Promise<readonly Parentage[]> {
  if (platform !== 'linux') {
    const lines = (await run('ps', ['-A', '-o', 'pid=,ppid='])).trim().split('\n');
    return lines.map((line) => line.trim().split(/\s+/).map(Number) as unknown as Parentage);
  }
  const pids = attempt(() => readdirSync('/proc')) ?? [];
  return pids.flatMap((pid): readonly Parentage[] => {
    const stat = /^\d+$/.test(pid) ? attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) : undefined;
    // The name of the program stands in brackets and may hold anything.
    return stat ? [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]] : [];
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

async function run(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { timeout: 5000 })).stdout;
  } catch {
    return '';
  }
}

/** Whether it was there. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  return attempt(() => process.kill(pid, name)) ?? false;
}
