import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { told } from './claims.ts';
import { type Home, type Report, reported } from './home.ts';
import type { Shell } from './shells.ts';

/** What happened in a shell at one command line: what was shown, and what the shell held afterwards. */
export interface Step extends Report {
  readonly line: string;
  readonly output: string;
}

/**
 * Types command lines into one real shell, all into the same one, and has it report after each. The script goes
 * there as a file: fish 3.6 cannot read one from the stdin that Node gives to a child.
 */
export async function typeInto(
  shell: Shell,
  lines: readonly string[],
  { home, cwd, exported }: { home: Home; cwd: string; exported: Readonly<Record<string, string>> },
): Promise<readonly Step[]> {
  const run = `${shell.name}-${++runs}`;
  const name = (index: number) => `${run}-${index}`;
  const script = lines.map((line, index) => `${line}\ndemo-report ${name(index)} ${shell.status}\n`).join('');
  const path = join(home.root, run);
  writeFileSync(path, script);
  const output = await runScript(shell, path, { cwd, env: { ...home.env, ...exported } });
  const parts = output.split(reported);
  told(
    parts.length > lines.length,
    `${shell.name} should have reached its last line; it said: ${output.trim()}`,
  );
  return lines.map((line, index) => ({
    ...(JSON.parse(readFileSync(join(home.root, name(index)), 'utf8')) as Report),
    line,
    output: (parts[index] ?? '').trimEnd(),
  }));
}

/** Ends the shell that is running right now, with everything it has started. */
export function endRunning(): void {
  if (running === undefined) return;
  try {
    process.kill(-running, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

let running: number | undefined;
let runs = 0;

/**
 * Both streams in one file, in the order in which things were said. A session of its own, hence no terminal: what
 * would ask must fail, and not wait for whoever watches the demo.
 */
function runScript(
  shell: Shell,
  script: string,
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<string> {
  const path = `${script}-output`;
  const out = openSync(path, 'a');
  return new Promise((resolve, reject) => {
    const child = spawn(shell.name, [...shell.args, script], {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['ignore', out, out],
    });
    closeSync(out);
    running = child.pid;
    const timer = setTimeout(endRunning, 20_000);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      running = undefined;
      settle();
    };
    child.on('error', (error) => finish(() => reject(error)));
    child.on('close', () => finish(() => resolve(readFileSync(path, 'utf8'))));
  });
}
