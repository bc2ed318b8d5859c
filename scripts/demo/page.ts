/** What the demo shows: headings, prose, command lines as typed, what they answered, and what was proved by it. */
export interface Page {
  heading(text: string): void;
  say(text: string): void;
  /** A command line, with the prompt of a shell before it. */
  typed(line: string): void;
  answer(text: string): void;
  /** A claim that has been checked. */
  proved(text: string): void;
}

/** Colours only where somebody looks, and not where he asked for none (no-color.org). */
export function page(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Page {
  const coloured = out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const paint = (code: number, reset: number) => (text: string) =>
    coloured && text ? `\u001b[${code}m${text}\u001b[${reset}m` : text;
  const [bold, dim, green, cyan] = [paint(1, 22), paint(2, 22), paint(32, 39), paint(36, 39)];
  const width = Math.max(60, Math.min(out.isTTY ? out.columns : 100, 100));
  let last: keyof Page | undefined;

  const write = (kind: keyof Page, apart: boolean, lines: string) => {
    out.write(`${apart && last !== undefined ? '\n' : ''}${lines}\n`);
    last = kind;
  };
  return {
    heading: (text) => write('heading', true, bold(text)),
    say: (text) => write('say', last !== 'say', folded(text, width, '')),
    typed: (line) => write('typed', last !== 'typed', `  ${dim('$')} ${cyan(line)}`),
    answer: (text) => {
      const lines = text.split('\n').map((line) => line && `    ${folded(line, width - 4, '      ')}`);
      write('answer', last === 'say', lines.map(dim).join('\n'));
    },
    proved: (text) => write('proved', false, `  ${green('✓')} ${text}`),
  };
}

/** Folded at blanks, so that a terminal does not have to; what has no blank stays in one piece. */
function folded(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].join('\n');
}
