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

/**
 * The names that a user may have meant by `name`, the likeliest first: names that differ by a few typing slips
 * (a letter missing, added, changed, or swapped with its neighbour; at most a third of the name), and names of which
 * it is a part. Case does not count.
 */
export function closestNames(name: string, names: readonly string[], limit = 3): readonly string[] {
  const wanted = name.toLowerCase();
  const ranked = [...new Set(names)].map((each) => ({
    name: each,
    rank: rankOf(wanted, each.toLowerCase()),
  }));
  const found = ranked.filter(({ rank }) => rank < Infinity).sort((a, b) => a.rank - b.rank);
  return found.slice(0, limit).map(({ name }) => name);
}

/** The number of slips. A part of a name comes after a single slip and before two. */
function rankOf(wanted: string, candidate: string): number {
  const most = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  const isPart =
    Math.min(wanted.length, candidate.length) >= 2 &&
    (candidate.includes(wanted) || wanted.includes(candidate));
  const slips = Math.abs(wanted.length - candidate.length) > most ? Infinity : distanceOf(wanted, candidate);
  return Math.min(slips <= most ? slips : Infinity, isPart ? 1.5 : Infinity);
}

/** Optimal string alignment: Levenshtein's distance, with a swap of neighbours as one step. */
function distanceOf(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + change,
          isSwap ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}

/**
 * The words of a command, as Python's `shlex.split` finds them, with which the AWS CLI reads `credential_process`: blanks
 * separate, '…' keeps everything, "…" keeps everything but \" and \\, and \ outside of quotes keeps the next character.
 * Nothing is expanded. Undefined where a quote is not closed, or nothing follows the last \.
 */
export function splitWords(command: string): readonly string[] | undefined {
  const words: string[] = [];
  let rest = command.replace(/^[ \t\r\n]+/, '');
  while (rest !== '') {
    const [text] = wholeWord.exec(rest) ?? [''];
    const after = rest.slice(text.length);
    if (text === '' || !/^(?:[ \t\r\n]|$)/.test(after)) return undefined;
    words.push(text.replace(piece, unquoted));
    rest = after.replace(/^[ \t\r\n]+/, '');
  }
  return words;
}

/**
 * Whether a command needs a shell: it begins with NAME=, or has a character with a meaning for POSIX's shell, outside of
 * quotes or, as $ and `, inside of "…".
 */
export function needsShell(command: string): boolean {
  const bare = command.replace(
    piece,
    (_all, _single, double?: string) => double?.replace(/[^$`]/g, '') ?? '',
  );
  return /[|&;<>()$`~*?[\n]/.test(bare) || /^\s*\w+=/.test(bare);
}

const wholeWord = /^(?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[^'"\\ \t\r\n])+/;
const piece = /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])/g;

function unquoted(_all: string, single?: string, double?: string, escaped?: string): string {
  return single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? '';
}
