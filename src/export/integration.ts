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
}

export const integrations: readonly Integration[] = [
  { name: 'zsh', file: 'awsmfa.zsh', rcFile: '~/.zshrc', quote: posix.quote },
  { name: 'bash', file: 'awsmfa.bash', rcFile: '~/.bashrc', quote: posix.quote },
  { name: 'fish', file: 'awsmfa.fish', rcFile: '~/.config/fish/config.fish', quote: fish.quote },
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

/** The line that loads the integration. It starts no process. */
export function rcLine({ file, quote, load }: Integration, shellDirectory: string): string {
  const path = join(shellDirectory, file);
  return load ? load(path) : `source ${quote(path)}`;
}
