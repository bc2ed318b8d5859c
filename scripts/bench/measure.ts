import { type ChildProcess, spawn } from 'node:child_process';

/** A program to run, and how it must end. */
export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Something that is measured: the same program again and again, or a new one each time. */
export interface Subject {
  readonly name: string;
  readonly run: () => Run;
  /** Throws when the program did not do what it was measured for. */
  readonly check?: (stdout: string) => void;
  /** At most so many times, spread over the run: for what takes seconds. */
  readonly times?: number;
  /** True to measure the CPU time of the program and of all that it starts, in place of the time that passes; ten runs each time. */
  readonly cpu?: boolean;
}

/**
 * Measures all subjects in turns (A B C A B C …), so that what slows the machine for a while slows them all. A
 * first round, not counted, fills the caches of the machine.
 *
 * @returns milliseconds by the subject's name
 */
export async function measure(
  subjects: readonly Subject[],
  rounds: number,
  progress: (round: number) => void,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const samples = new Map(subjects.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    progress(round);
    for (const subject of subjects) {
      const stride = Math.ceil(rounds / Math.min(rounds, subject.times ?? rounds));
      if (round % stride !== 0) continue;
      const took = await once(subject);
      if (round > 0) samples.get(subject.name)?.push(took);
    }
  }
  return samples;
}

export interface Finished {
  /** Milliseconds. */
  readonly took: number;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end, with stdout in a pipe as under `$(…)`, and without a terminal, so that nothing can ask and wait. */
export async function finish({ command, args, env }: Run): Promise<Finished> {
  const start = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      running.delete(child);
      resolve({ took: Number(process.hrtime.bigint() - start) / 1e6, status, stdout, stderr });
    });
  });
}

/** Ends what is running right now, with everything it has started: no Ctrl-C of a terminal reaches it. */
export function endRunning(): void {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}

const running = new Set<ChildProcess>();

async function once({ name, run, check, cpu }: Subject): Promise<number> {
  const { took, status, stdout, stderr } = await finish(cpu ? timed(run()) : run());
  if (status !== 0) throw new Error(`${name}: status ${status}: ${stderr.trim()}`);
  check?.(stdout);
  return cpu ? cpuOf(stderr) : took;
}

/** Ten runs in a shell that says on stderr what its children took: `times` counts in steps of 10 ms. */
function timed({ command, args, env }: Run): Run {
  const script = 'for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" >/dev/null || exit; done; times >&2';
  return { command: 'sh', args: ['-c', script, 'sh', command, ...args], env };
}

/** Milliseconds of one run, from the second line of `times`: `0m1.200s 0m0.300s`, user and system of ten. */
function cpuOf(stderr: string): number {
  const children = stderr.trimEnd().split('\n').at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  if (seconds.length !== 2) throw new Error(`times of sh said: ${children}`);
  return seconds.reduce((sum, each) => sum + each, 0) * 100;
}
