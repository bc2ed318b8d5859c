import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { programFile } from './desk.ts';

/** awsmfa as a process of its own. */
export interface Started {
  readonly child: ChildProcess;
  /** What it has written so far. */
  printed(): string;
  said(): string;
  readonly result: Promise<Result>;
}

export interface Result {
  /** As a shell sees it: 128 + N for a process that died of signal N. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home and an STS: a stage has them, and so has a desk. */
export interface Place {
  readonly home: { readonly path: string };
  readonly sts: { readonly url: string };
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** The Node that runs it; the one of the tests by default. */
  readonly node?: string;
  readonly stdio?: StdioOptions;
}

/** The built program, in the home and against the STS of a stage, with no terminal; nothing else of this environment. */
export function start(
  argv: readonly string[],
  at: Place,
  { env, node = process.execPath, stdio }: Options = {},
): Started {
  const child = spawn(node, [programFile, ...argv], {
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
    child.on('close', (status, signal) =>
      resolve({ status: signal ? 128 + constants.signals[signal] : status, stdout, stderr }),
    ),
  );
  return { child, printed: () => stdout, said: () => stderr, result };
}

/** Looks every 5 ms; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process is there and does something. */
export function isRunning(pid: string): boolean {
  // A zombie answers to a signal, and is gone for all that.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : undefined;
  if (stat) return !/\) [ZX]/.test(stat);
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
