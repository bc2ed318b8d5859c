import type { Dialect } from './dialect.ts';
import { json, process } from './dialects/data.ts';
import { fish } from './dialects/fish.ts';
import { bash, env, envNoExport, sh, zsh } from './dialects/posix.ts';

/** What `--shell` takes. The help, the README's table and the round-trip tests run over this list. */
export const shells = { bash, zsh, sh, fish } as const satisfies Record<string, Dialect>;

/** What `--format` takes; the names are those of the AWS CLI where it has one. */
export const formats = { env, 'env-no-export': envNoExport, fish, process, json } as const satisfies Record<
  string,
  Dialect
>;

export type ShellName = keyof typeof shells;

export function isShellName(name: string): name is ShellName {
  return Object.hasOwn(shells, name);
}

/**
 * The shell that runs awsmfa: the nearest ancestor that is a shell we know, else `$SHELL`, else `sh`. A parent
 * may be something else: npx, a script runner, a subshell.
 *
 * @param ancestors process names, nearest first; a login shell's has a leading dash
 */
export function runningShell(ancestors: Iterable<string>, loginShell: string | undefined): ShellName {
  for (const name of ancestors) {
    const shell = shellCalled(name.replace(/^-/, ''));
    if (shell) return shell;
  }
  return shellCalled(loginShell?.replace(/^.*\//, '') ?? '') ?? 'sh';
}

function shellCalled(name: string): ShellName | undefined {
  if (isShellName(name)) return name;
  return posixShells.has(name) ? 'sh' : undefined;
}

const posixShells = new Set(['dash', 'ash', 'busybox', 'ksh', 'ksh93', 'mksh', 'yash']);
