import type { SpawnOptions } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { Exit, orUndefined, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import type { Environment, World } from '../world.ts';
import { passSignals } from './signals.ts';
import { batchArguments, isBatchFile, isWindowsPath, systemProgram, windowsCandidates } from './windows.ts';

type Outside = Pick<World, 'env' | 'platform'>;

/** A program that can be run. */
export interface Command {
  /** The user's word, which becomes its `argv[0]`. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
}

/**
 * Finds a program as execvp(3) would: a name with a slash is a path, any other is looked for in the directories of PATH.
 *
 * @throws UserError notFound or cannotRun, the statuses that every shell gives
 */
export function findCommand(name: string, outside: Outside): Command {
  const paths = candidates(name, outside);
  const errors = paths.map(errorOf);
  const path = paths[errors.indexOf(undefined)];
  if (path !== undefined) return { name, path };
  const error = errors.find((error) => error !== 'missing');
  if (error) throw cannotRun(name, error);
  const [what, hint] = isPath(name, outside)
    ? ['file', 'Correct the path, or leave it out: a name without a slash is looked for on PATH.']
    : [
        'command on PATH',
        'Aliases and functions of a shell are no programs: name the program itself, or run it by a shell.',
      ];
  const message = `"${printable(name, 100)}": there is no such ${what}`;
  throw new UserError(Exit.notFound, 'no-such-command', message, hint);
}

/** Whether there is a regular file at this path. */
export function isFile(path: string): boolean {
  return lookAt(path)?.isFile() ?? false;
}

export function isCommand(name: string, outside: Outside): boolean {
  return candidates(name, outside).some((path) => errorOf(path) === undefined);
}

/** @param error the end of the sentence */
function cannotRun(name: string, error: string): UserError {
  return new UserError(
    Exit.cannotRun,
    'cannot-run',
    `"${printable(name, 100)}" cannot be run: ${error}`,
    'Look at it with: ls -l, file.',
  );
}

function isPath(name: string, { platform }: Outside): boolean {
  return platform === 'win32' ? isWindowsPath(name) : name.includes('/');
}

function candidates(name: string, { env, platform }: Outside): readonly string[] {
  if (platform === 'win32') return windowsCandidates(name, env);
  if (name.includes('/')) return [name];
  const path = env.PATH ?? '/bin:/usr/bin';
  return name === '' ? [] : path.split(':').map((directory) => `${directory || '.'}/${name}`);
}

function errorOf(path: string): string | undefined {
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
  return orUndefined(() => statSync(path, { throwIfNoEntry: false }));
}

/**
 * Runs a command with exactly this environment, and with our stdin, stdout, stderr and terminal. Where Node can, the
 * command takes the place of this process, and this function does not return: then signals, job control and the exit status are the command's own.
 *
 * @param isReplaced false if awsmfa still has work beside the command or after it
 * @returns its exit status, or 128 + N if it died of signal N, as shells say it
 * @throws UserError cannotRun
 */
export async function runCommand(
  command: Command,
  args: readonly string[],
  env: Environment,
  isReplaced: boolean,
): Promise<number> {
  if (isReplaced) replaceProcess(command, args, env);
  const signals = passSignals();
  try {
    const { child, ended } = start(command, args, { env: { ...env }, stdio: 'inherit' });
    signals.to(child);
    const { status, signal, code } = await ended;
    if (signal !== undefined) return 128 + process.getBuiltinModule('node:os').constants.signals[signal];
    if (status !== undefined) return status;
    throw cannotRun(command.name, startErrors[code ?? ''] ?? `the system says ${code ?? 'nothing'}`);
  } finally {
    signals.stop();
  }
}

/** Returns if the process cannot be replaced, or if success is not certain. */
function replaceProcess({ name, path }: Command, args: readonly string[], env: Environment): void {
  const { execve } = process as { execve?: (path: string, args: string[], env: object) => void };
  if (!execve || process.platform === 'win32' || !canExecute(path) || isLarge([name, ...args], env)) return;
  // Node ignores these two signals, and execve(2) keeps ignored signals ignored: `yes | head` would complain. A signal with a
  // listener gets its default action back.
  for (const signal of ['SIGPIPE', 'SIGXFSZ'] as const) process.on(signal, () => {});
  const { flushCompileCache } = process.getBuiltinModule('node:module') as { flushCompileCache?: () => void };
  flushCompileCache?.();
  const defined = Object.entries(env).filter(([, value]) => value !== undefined);
  try {
    execve.call(process, path, [name, ...args], Object.fromEntries(defined));
  } catch {
    // Node 26 throws. The child that is started instead reports the reason.
  }
}

/**
 * Whether execve(2) certainly accepts this file: until version 25 Node aborts with a stack trace if it does not. It accepts
 * programs of the same kind as Node itself, and scripts whose interpreter is one. A script without a first line `#!` needs execvp(3), which runs it with a shell.
 */
function canExecute(path: string, depth = 0): boolean {
  const head = readHead(path);
  const [, interpreter] = /^#![ \t]*([^ \t\n\0]+)/.exec(head) ?? [];
  if (interpreter)
    return depth < 3 && errorOf(interpreter) === undefined && canExecute(interpreter, depth + 1);
  const own = readHead(process.execPath);
  // ELF: class, byte order and machine (elf(5)); the loader, which is named in the first page. Mach-O: magic and processor.
  if (own.startsWith('\x7fELF')) {
    const loader = /\0(\/[\w/.-]*ld[\w.-]*)\0/.exec(head)?.[1];
    const isOurs = head.slice(0, 6) === own.slice(0, 6) && head.slice(18, 20) === own.slice(18, 20);
    return isOurs && (loader === undefined || existsSync(loader));
  }
  return head.slice(0, 8) === own.slice(0, 8) || head.startsWith('\xca\xfe\xba\xbe');
}

function readHead(path: string): string {
  const file = orUndefined(() => openSync(path, 'r'));
  if (file === undefined) return '';
  const head = Buffer.alloc(4096);
  const length = orUndefined(() => readSync(file, head)) ?? 0;
  closeSync(file);
  return head.toString('latin1', 0, length);
}

/** POSIX promises no more than 128 KiB for arguments and environment together (`ARG_MAX`; Linux takes a quarter of the stack). */
function isLarge(args: readonly string[], env: Environment): boolean {
  const texts = [...args, ...Object.entries(env).flat()];
  return texts.reduce((sum, text = '') => sum + Buffer.byteLength(text) + 10, 0) > 120_000;
}

interface Started {
  readonly child: { kill(signal: NodeJS.Signals): boolean };
  readonly ended: Promise<{
    readonly status?: number;
    readonly signal?: NodeJS.Signals;
    readonly code?: string;
  }>;
}

/** Starts a command. Node refuses to start a batch file on Windows, because its arguments need quoting for cmd.exe. */
export function start({ name, path }: Command, args: readonly string[], options: SpawnOptions): Started {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const onWindows = process.platform === 'win32';
  const child =
    onWindows && isBatchFile(path)
      ? spawn(systemProgram('cmd.exe', process.env), batchArguments(path, args), {
          ...options,
          windowsVerbatimArguments: true,
        })
      : spawn(onWindows ? path : name, args, options);
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve({ code }));
    child.on('exit', (status, signal) => resolve(signal ? { signal } : { status: status ?? 1 }));
  });
  return { child, ended };
}

/** The command itself was found before. So a missing file is the interpreter in its first line. */
const startErrors: Readonly<Record<string, string>> = {
  ENOENT: 'the interpreter that its first line names is not there',
  EACCES: 'the system does not permit it',
  ENOEXEC: 'it is no program of this system',
  E2BIG: 'arguments and environment are too long',
};
