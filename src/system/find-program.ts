import { accessSync, constants, statSync } from 'node:fs';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { World } from '../world.ts';

type Outside = Pick<World, 'env' | 'platform'>;

/**
 * The name of a program that can be run, as execvp(3) would look for it: with a slash it is a path, else it is in a
 * directory of PATH.
 *
 * @throws UserError notFound or cannotRun, the statuses that every shell gives
 */
export function checkedProgram(name: string, outside: Outside): string {
  const faults = candidates(name, outside).map(faultOf);
  if (faults.includes(undefined)) return name;
  const fault = faults.find((fault) => fault !== 'missing');
  if (fault) throw cannotRun(name, fault);
  throw new UserError(
    Exit.notFound,
    'no-such-command',
    `"${printable(name, 100)}": there is no such ${name.includes('/') ? 'file' : 'command on PATH'}`,
    'Aliases and functions of a shell are no programs: name the program itself, or run it by a shell.',
  );
}

/** Whether there is a regular file at this path. */
export function isFile(path: string): boolean {
  return lookAt(path)?.isFile() ?? false;
}

export function isProgram(name: string, outside: Outside): boolean {
  return candidates(name, outside).some((path) => faultOf(path) === undefined);
}

/** @param fault what is wrong, for the end of a sentence */
export function cannotRun(name: string, fault: string): UserError {
  return new UserError(
    Exit.cannotRun,
    'cannot-run',
    `"${printable(name, 100)}" cannot be run: ${fault}`,
    'Look at it with: ls -l, file.',
  );
}

/** Windows has its own way to find a program, and completes its name. */
function candidates(name: string, { env, platform }: Outside): readonly string[] {
  if (name.includes('/') || platform === 'win32') return [name];
  const path = env.PATH ?? '/bin:/usr/bin';
  return name === '' ? [] : path.split(':').map((directory) => `${directory || '.'}/${name}`);
}

function faultOf(path: string): string | undefined {
  const stat = lookAt(path);
  if (!stat) return 'missing';
  if (stat.isDirectory()) return 'it is a directory';
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return 'it is not executable';
  }
}

function lookAt(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
