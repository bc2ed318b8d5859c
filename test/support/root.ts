import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';
import { missing, type RunOptions, type RunResult, run, type Shell } from './shells.ts';

/** What only root can do: files of somebody else, and root in somebody else's home. */
export interface Root {
  /** The file, or the directory with all in it, belongs to this user (a number) from now on. */
  give(path: string, user: number): void;
  /** Runs a script as root. */
  run(shell: Shell, script: string, options: RunOptions): Promise<RunResult>;
}

/** By sudo where the tests are not root's, with the rights that `.ci/run` needs there to install packages. */
export function asRoot(context: TestContext): Root {
  const words = prefix ?? missing('sudo without a password', context);
  return {
    give: (path, user) => {
      const [program = '', ...args] = [...words, 'chown', '-R', `${user}:${user}`, path];
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    },
    run: (shell, script, options) => {
      if (words.length === 0) return run(shell, script, options);
      const variables = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
      const [command = '', ...args] = [...words, '/usr/bin/env', '-i', ...variables, shell.command];
      return run({ ...shell, command, args: [...args, ...shell.args] }, script, options);
    },
  };
}

const isRoot = process.getuid?.() === 0;
const prefix = isRoot ? [] : spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
