/**
 * Text from a file or from the network, made fit for a terminal: control characters (C0, C1, DEL, and the
 * Unicode characters that change the direction or the break of lines) become `?`, so that neither an escape
 * sequence nor a line break gets through. Longer than `limit` characters, it is cut and ends in `…`.
 */
export function printable(text: string, limit = 300): string {
  const clean = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '?',
  );
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** A URL without user and password. A password may contain `@`. */
export function withoutUser(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/?#\\]*@/, '$1');
}

/** A path as people write it, fit for a terminal: `~/.aws/config`. */
export function tilde(path: string, home: string | undefined): string {
  const root = home?.replace(/\/$/, '');
  return printable(root && path.startsWith(`${root}/`) ? `~${path.slice(root.length)}` : path);
}

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
