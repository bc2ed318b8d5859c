import { printable } from './printable.ts';

/** A name or a path as an argument of a command that the user may copy; quoted where it has to be. */
export function shellWord(text: string): string {
  const shown = printable(text);
  return /^[\w./:@%+,-]+$/.test(shown) ? shown : quote(shown);
}

/** A profile as the argument of such a command. A name that begins with a hyphen would be read as an option. */
export function profileWord(name: string): string {
  return name.startsWith('-') ? optionWord('--profile', name) : shellWord(name);
}

/** An option with its value: `--to 'two words'`. */
export function optionWord(option: string, value: string): string {
  return `${option}${value.startsWith('-') ? '=' : ' '}${shellWord(value)}`;
}

/** POSIX single quotes, always: a bare word that looks safe is not (`=ls` in zsh), and double quotes run `$(…)`. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
