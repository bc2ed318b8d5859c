import * as fish from './dialects/fish.ts';
import * as posix from './dialects/posix.ts';

/** A shell that has an integration in `shell/`. */
export interface Integration {
  readonly name: string;
  readonly file: string;
  /** Where its line belongs, for people. */
  readonly rcFile: string;
  readonly quote: (value: string) => string;
}

export const integrations: readonly Integration[] = [
  { name: 'zsh', file: 'awsmfa.zsh', rcFile: '~/.zshrc', quote: posix.quote },
  { name: 'bash', file: 'awsmfa.bash', rcFile: '~/.bashrc', quote: posix.quote },
  { name: 'fish', file: 'awsmfa.fish', rcFile: '~/.config/fish/config.fish', quote: fish.quote },
];

/** The line that loads the integration. It starts no process. */
export function rcLine({ file, quote }: Integration, shellDirectory: string): string {
  return `source ${quote(`${shellDirectory}/${file}`)}`;
}
