import { spawn } from 'node:child_process';
import type { Terminal, World } from '../world.ts';

/**
 * Runs a program that talks to the user: its stdin, stdout and stderr are the terminal. It has all the time it wants.
 *
 * @returns whether it succeeded; false when it cannot be started too
 */
export function runOnTerminal(
  [program = '', ...args]: readonly string[],
  { input, output }: Terminal,
  { env }: Pick<World, 'env'>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const [stdin, stdout] = [input as NodeJS.ReadStream, output as NodeJS.WriteStream];
    const child = spawn(program, args, { env: { ...env }, stdio: [stdin, stdout, stdout] });
    child.on('error', () => resolve(false));
    child.on('close', (status) => resolve(status === 0));
  });
}
