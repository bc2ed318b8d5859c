import { printable } from './printable.ts';

/** A name or a path as an argument of a command that the user may copy; quoted where it has to be. */
export function shellWord(text: string): string {
  const shown = printable(text);
  return /^[\w./:@%+,-]+$/.test(shown) ? shown : quote(shown);
}

/** POSIX single quotes, always: a bare word that looks safe is not (`=ls` in zsh), and double quotes run `$(…)`. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
