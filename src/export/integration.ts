import { join } from 'node:path';
import * as fish from './dialects/fish.ts';
import * as posix from './dialects/posix.ts';
import * as powershell from './dialects/powershell.ts';

/** A shell that has an integration in `shell/`. */
export interface Integration {
  readonly name: string;
  readonly file: string;
  /** Where its line belongs, for people. */
  readonly rcFile: string;
  /** The line that loads the file at this path into a running shell. */
  readonly load: (path: string) => string;
  /** Begins the line of an rc file: the rest runs only if the file at this path is there. */
  readonly ifThere?: (path: string) => string;
}

const posixLines = {
  load: (path: string) => `source ${posix.quote(path)}`,
  ifThere: (path: string) => `[ ! -f ${posix.quote(path)} ] || `,
};

export const integrations: readonly Integration[] = [
  { name: 'zsh', file: 'awsmfa.zsh', rcFile: '~/.zshrc', ...posixLines },
  { name: 'bash', file: 'awsmfa.bash', rcFile: '~/.bashrc', ...posixLines },
  {
    name: 'fish',
    file: 'awsmfa.fish',
    rcFile: '~/.config/fish/config.fish',
    load: (path) => `source ${fish.quote(path)}`,
    ifThere: (path) => `test ! -f ${fish.quote(path)}; or `,
  },
  {
    name: 'powershell',
    file: 'awsmfa.ps1',
    rcFile: '$PROFILE',
    load: (path) =>
      `$_awsmfa = ${powershell.quote(path)}; if (Test-Path -LiteralPath $_awsmfa) { . $_awsmfa }`,
  },
  {
    name: 'cmd',
    file: 'awsmfa.cmd',
    rcFile: 'the value AutoRun of HKCU\\Software\\Microsoft\\Command Processor',
    // No file name on Windows has a quote, and at the prompt a `%` that begins no variable stays.
    load: (path) => `doskey awsmfa="${path}" $*`,
  },
  {
    name: 'nushell',
    file: 'awsmfa.nu',
    rcFile: '$nu.config-path',
    load: (path) => `use ${JSON.stringify(path)} *`,
  },
];

/** The line that loads the integration into a running shell. It starts no process. */
export function loadLine({ file, load }: Integration, shellDirectory: string): string {
  return load(join(shellDirectory, file));
}

/**
 * The same for an rc file. It says nothing when the file is missing, as after an uninstall or below another version of
 * Node, and its status is 0 then, for rc files under `set -e`.
 */
export function rcLine({ file, load, ifThere }: Integration, shellDirectory: string): string {
  const path = join(shellDirectory, file);
  return (ifThere?.(path) ?? '') + load(path);
}
