import { constants } from 'node:os';
import { execa } from 'execa';
import { plain } from '../export/dialect.ts';
import type { Change } from '../export/environment.ts';
import type { Environment } from '../world.ts';
import { cannotRun } from './find-program.ts';
import { passSignals } from './pass-signals.ts';

/** An environment after a change: what a shell would have that did what the change says. */
export function withChange(env: Environment, change: Change): Environment {
  const after: Record<string, string | undefined> = { ...env };
  for (const step of change) {
    if ('set' in step) after[step.set] = plain(step.value);
    else for (const name of step.unset) delete after[name];
  }
  return after;
}

/**
 * Runs a command with exactly this environment, and with our stdin, stdout, stderr and terminal, until it ends.
 *
 * @returns its exit status, or 128 + N when it died of signal N, as shells say it
 * @throws UserError cannotRun
 */
export async function runChild(
  [program, ...args]: readonly [string, ...string[]],
  env: Environment,
): Promise<number> {
  const signals = passSignals();
  try {
    const child = execa(program, args, {
      env,
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
      // It would listen to signals of its own, and end the child where we pass them on.
      cleanup: false,
    });
    signals.to(child);
    const { exitCode, signal, code } = await child;
    if (signal !== undefined) return 128 + constants.signals[signal];
    if (exitCode !== undefined) return exitCode;
    throw cannotRun(program, startFaults[code ?? ''] ?? `the system says ${code ?? 'nothing'}`);
  } finally {
    signals.stop();
  }
}

/** It has been looked for before: what is missing now is what its first line names. */
const startFaults: Readonly<Record<string, string>> = {
  ENOENT: 'the interpreter that its first line names is not there',
  EACCES: 'the system does not permit it',
  ENOEXEC: 'it is no program of this system',
  E2BIG: 'arguments and environment are too long',
};
