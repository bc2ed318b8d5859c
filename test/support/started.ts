import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Core } from './real-core.ts';
import type { Stage } from './stage.ts';

/** awsmfa as a process of its own. */
export interface Started {
  readonly child: ChildProcess;
  /** What it has written so far. */
  printed(): string;
  said(): string;
  readonly result: Promise<Result>;
}

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
}

/** The built program, in the home and against the STS of a stage, with no terminal; nothing else of this environment. */
export function start(argv: readonly string[], core: Core, at: Stage, { env, stdio }: Options = {}): Started {
  const child = spawn(process.execPath, [join(core.directory, 'dist/awsmfa.cjs'), ...argv], {
    env: { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, PATH: '/usr/bin:/bin', ...env },
    cwd: at.home.path,
    stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const result = new Promise<Result>((resolve) =>
    child.on('close', (status) => resolve({ status, stdout, stderr })),
  );
  return { child, printed: () => stdout, said: () => stderr, result };
}

/** Looks every 5 ms; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
