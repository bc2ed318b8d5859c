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
