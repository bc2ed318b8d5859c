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
  readonly quote: (value: string) => string;
  /** The line that loads a file; without it `source` and the quoted path. */
  readonly load?: (path: string) => string;
  /** Begins the line of an rc file: the rest runs only if the file at this quoted path is there. */
  readonly ifThere?: (path: string) => string;
}

const posixIfThere = (path: string) => `[ ! -f ${path} ] || `;

export const integrations: readonly Integration[] = [
  { name: 'zsh', file: 'awsmfa.zsh', rcFile: '~/.zshrc', quote: posix.quote, ifThere: posixIfThere },
  { name: 'bash', file: 'awsmfa.bash', rcFile: '~/.bashrc', quote: posix.quote, ifThere: posixIfThere },
  {
    name: 'fish',
    file: 'awsmfa.fish',
    rcFile: '~/.config/fish/config.fish',
    quote: fish.quote,
    ifThere: (path) => `test ! -f ${path}; or `,
  },
  {
    name: 'powershell',
    file: 'awsmfa.ps1',
    rcFile: '$PROFILE',
    quote: powershell.quote,
    load: (path) =>
      `$_awsmfa = ${powershell.quote(path)}; if (Test-Path -LiteralPath $_awsmfa) { . $_awsmfa }`,
  },
  {
    name: 'cmd',
    file: 'awsmfa.cmd',
    rcFile: 'the value AutoRun of HKCU\\Software\\Microsoft\\Command Processor',
    // No file name on Windows has a quote, and at the prompt a `%` that begins no variable stays.
    quote: (path) => `"${path}"`,
    load: (path) => `doskey awsmfa="${path}" $*`,
  },
  {
    name: 'nushell',
    file: 'awsmfa.nu',
    rcFile: '$nu.config-path',
    quote: JSON.stringify,
    load: (path) => `use ${JSON.stringify(path)} *`,
  },
];

/** The line that loads the integration into a running shell. It starts no process. */
export function loadLine({ file, quote, load }: Integration, shellDirectory: string): string {
  const path = join(shellDirectory, file);
  return load ? load(path) : `source ${quote(path)}`;
}

/**
 * The same for an rc file. It says nothing when the file is missing, as after an uninstall or below another version of
 * Node, and its status is 0 then, for rc files under `set -e`.
 */
export function rcLine(integration: Integration, shellDirectory: string): string {
  const { file, quote, ifThere } = integration;
  const guard = ifThere?.(quote(join(shellDirectory, file))) ?? '';
  return guard + loadLine(integration, shellDirectory);
}
