import { Exit, orUndefined, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import type { Environment } from '../world.ts';

/** Windows's own ways to find programs, to quote for batch files, and to name the parent process. */

/** The programs that CreateProcess and cmd.exe can run. */
const runnable = ['.com', '.exe', '.bat', '.cmd'];

/**
 * The files that a command name may mean on Windows, in order: each directory of PATH, with each ending of PATHEXT
 * that is a program. Not the current directory, as in PowerShell: a program in a cloned repository must not run by name.
 */
export function windowsCandidates(name: string, env: Environment): readonly string[] {
  if (name === '') return [];
  const endings = (variable(env, 'PATHEXT') || '.COM;.EXE;.BAT;.CMD')
    .split(';')
    .map((ending) => ending.trim().toLowerCase())
    .filter((ending) => runnable.includes(ending));
  const hasEnding = runnable.some((ending) => name.toLowerCase().endsWith(ending));
  const names = hasEnding ? [name] : endings.map((ending) => name + ending);
  if (isWindowsPath(name)) return names;
  const directories = (variable(env, 'PATH') ?? '').split(';').map((directory) =>
    directory
      .replaceAll('"', '')
      .trim()
      .replace(/[\\/]+$/, ''),
  );
  return directories
    .filter((directory) => directory !== '')
    .flatMap((directory) => names.map((each) => `${directory}\\${each}`));
}

/** Whether the name is a path: `.\tool`, `C:\tool`, `C:tool`. */
export function isWindowsPath(name: string): boolean {
  return /[\\/]|^[a-z]:/i.test(name);
}

/** On Windows the names of variables are case-insensitive. */
function variable(env: Environment, name: string): string | undefined {
  const key = Object.keys(env).find((key) => key.toUpperCase() === name);
  return key === undefined ? undefined : env[key];
}

/** A program of Windows itself, never one of PATH or of the current directory. */
export function systemProgram(name: string, env: Environment): string {
  return `${variable(env, 'SYSTEMROOT') || 'C:\\Windows'}\\System32\\${name}`;
}

export function isBatchFile(path: string): boolean {
  return /\.(?:bat|cmd)$/i.test(path);
}

/**
 * The arguments of cmd.exe, verbatim, that run a batch file with these arguments. Quoted as the standard library of Rust
 * does since CVE-2024-24576: between quotes cmd runs nothing, `""` is a quote inside of them, and `%%cd:~,%` is a `%` that
 * begins no variable (`%cd:~,%` is always empty). `/v:off` leaves `!` alone.
 *
 * @throws UserError for a line break: cmd ignores the text after it
 */
export function batchArguments(path: string, args: readonly string[]): readonly string[] {
  const line = [path, ...args].map(quoteForBatch).join(' ');
  return ['/e:on', '/v:off', '/d', '/c', `"${line}"`];
}

function quoteForBatch(text: string): string {
  if (/[\r\n\0]/.test(text)) {
    throw new UserError(
      Exit.cannotRun,
      'cannot-run',
      `A batch file cannot be given an argument with a line break: "${printable(text, 60)}"`,
      'Name the program that the batch file starts, or a script of another language.',
    );
  }
  if (/^[\w#$*+./:?@\\-]+$/.test(text) && !text.endsWith('\\')) return text;
  // The C runtime of the program expects backslashes before a quote to be doubled.
  const inner = text
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/\\+$/, '$&$&')
    .replaceAll('%', '%%cd:~,%');
  return `"${inner}"`;
}

/** The name of the parent process, such as `powershell.exe`; undefined if tasklist does not know it. Takes 0.1 s. */
export function windowsParent(env: Environment): string | undefined {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const args = ['/fi', `PID eq ${process.ppid}`, '/fo', 'csv', '/nh'];
  const text = orUndefined(() =>
    execFileSync(systemProgram('tasklist.exe', env), args, {
      encoding: 'utf8',
      timeout: 5000,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  return nameInTaskList(text ?? '', process.ppid);
}

/** @param text of `tasklist /fo csv /nh`: `"cmd.exe","4711","Console","1","4,712 K"`, or a sentence if there is none */
export function nameInTaskList(text: string, pid: number): string | undefined {
  const [, name, id] = /^\s*"([^"]+)","(\d+)"/.exec(text) ?? [];
  return Number(id) === pid ? name : undefined;
}
