import type { Environment, World } from '../world.ts';
import type { Dialect, ShellDialect } from './dialect.ts';
import { cmd } from './dialects/cmd.ts';
import { dotenv, ini, json, process } from './dialects/data.ts';
import { elvish } from './dialects/elvish.ts';
import { fish } from './dialects/fish.ts';
import { nushell } from './dialects/nushell.ts';
import { bash, env, envNoExport, sh, zsh } from './dialects/posix.ts';
import { powershell } from './dialects/powershell.ts';
import { tcsh } from './dialects/tcsh.ts';
import { xonsh } from './dialects/xonsh.ts';

/** The values of `--shell`. Help, completion and the round-trip tests use this list. */
export const shells = {
  bash,
  zsh,
  sh,
  fish,
  powershell,
  cmd,
  nushell,
  elvish,
  xonsh,
  tcsh,
} as const satisfies Record<string, ShellDialect>;

/** The values of `--format`. The names are the AWS CLI's if it has one. */
export const formats = {
  env,
  'env-no-export': envNoExport,
  powershell,
  'windows-cmd': cmd,
  fish,
  process,
  json,
  dotenv,
  ini,
} as const satisfies Record<string, Dialect>;

export type ShellName = keyof typeof shells;

/** Shells that read the dialect of another one. */
const sameDialect: Readonly<Record<string, ShellName>> = {
  dash: 'sh',
  ash: 'sh',
  busybox: 'sh',
  ksh: 'sh',
  ksh93: 'sh',
  mksh: 'sh',
  oksh: 'sh',
  yash: 'sh',
  csh: 'tcsh',
  pwsh: 'powershell',
  nu: 'nushell',
  'cmd.exe': 'cmd',
};

/** Shells without a dialect. Users get an error, because the code of another shell would be wrong there. */
const unsupported: ReadonlySet<string> = new Set('es ion murex ngs osh rc scsh ysh'.split(' '));

/** The dialect for a name of `--shell` or of a process; undefined for a shell that awsmfa does not support. */
export function shellCalled(name: string): ShellName | undefined {
  if (Object.hasOwn(shells, name)) return name as ShellName;
  return Object.hasOwn(sameDialect, name) ? sameDialect[name] : undefined;
}

/**
 * The shell that runs awsmfa: the nearest ancestor that is a shell, else `$SHELL`, else `sh`. A parent may be
 * something else: npx, a script runner, a subshell. On Windows `SHELL` says nothing, because Git Bash leaves it to cmd too.
 *
 * @returns the name of its dialect, or of a shell that awsmfa does not support; undefined if Windows does not tell
 */
export function runningShell({
  ancestors,
  env,
  platform,
}: Pick<World, 'ancestors' | 'env' | 'platform'>): string | undefined {
  for (const ancestor of ancestors()) {
    // xonsh writes its arguments behind its name. A login shell's name begins with a hyphen.
    const name =
      platform === 'win32' ? ancestor.toLowerCase().replace(/\.exe$/, '') : ancestor.replace(/^-| .*/g, '');
    const shell = shellCalled(name) ?? (unsupported.has(name) ? name : undefined);
    if (shell) return shell;
  }
  if (platform === 'win32') return windowsShell(env);
  const login = env.SHELL?.replace(/^.*\//, '') || 'sh';
  return shellCalled(login) ?? login;
}

/**
 * Recognises a shell by the variables that it gives to its programs. Shells inherit these variables from each other, so the
 * signs of two shells tell nothing.
 */
function windowsShell(env: Environment): ShellName | undefined {
  const signs: readonly (readonly [ShellName, boolean])[] = [
    ['bash', env.MSYSTEM !== undefined],
    // PowerShell adds the directory of the user's own modules to those of the system.
    ['powershell', hasOwnModules(env)],
    ['cmd', env.PROMPT !== undefined],
  ];
  const [first, ...more] = signs.filter(([, isThere]) => isThere);
  return more.length === 0 ? first?.[0] : undefined;
}

function hasOwnModules({ PSModulePath = '', USERPROFILE }: Environment): boolean {
  const home = USERPROFILE && `${USERPROFILE.toLowerCase()}\\`;
  return home ? PSModulePath.split(';').some((path) => path.toLowerCase().startsWith(home)) : false;
}
