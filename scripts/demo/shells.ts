import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A shell as a person knows it, and how to run a script file in it without anybody's rc files. */
export interface Shell {
  readonly name: 'zsh' | 'bash' | 'fish' | 'sh';
  readonly args: readonly string[];
  /** Its file under `shell/`; `sh` has none. */
  readonly integration?: string;
  /** The variable that holds the status of the last command. */
  readonly status: '$?' | '$status';
  /** A command line that exports a variable whose value needs no quotes. */
  readonly exports: (name: string, value: string) => string;
}

const posix = { status: '$?', exports: (name: string, value: string) => `export ${name}=${value}` } as const;

export const sh: Shell = { name: 'sh', args: [], ...posix };

/** The shells that have an integration. */
export const integrated: readonly Shell[] = [
  { name: 'zsh', args: ['-f'], integration: 'shell/awsmfa.zsh', ...posix },
  { name: 'bash', args: ['--norc', '--noprofile'], integration: 'shell/awsmfa.bash', ...posix },
  {
    name: 'fish',
    args: ['--no-config'],
    integration: 'shell/awsmfa.fish',
    status: '$status',
    exports: (name, value) => `set -gx ${name} ${value}`,
  },
];

/** Where a program is on this PATH, in the order of PATH. */
export function found(program: string, path = process.env.PATH ?? ''): readonly string[] {
  const places = path.split(delimiter).filter((directory) => directory !== '');
  return places.map((directory) => join(directory, program)).filter(isProgram);
}

/** For sh, zsh and bash. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
