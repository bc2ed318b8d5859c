import { readFileSync } from 'node:fs';
import { commandNames, commands, optionRows } from '../../src/cli/commands.ts';

/** The tables of commands and options in the pages, in Markdown. They stand between two comments there. */
export const tables = {
  commands: () =>
    rows(
      ['command', 'what it does'],
      commandNames.map((name) => {
        const { argument, describe } = commands[name];
        return [code(['awsmfa', name, argument]), sentence(describe)];
      }),
    ),
  options: () =>
    rows(
      ['option', 'what it does', 'commands'],
      optionRows.map(([name, { alias, value, describe, on }]) => [
        `${code([`--${name}`, value])}${alias ? `, ${code([alias.length === 1 ? `-${alias}` : `--${alias}`])}` : ''}`,
        sentence(describe),
        on === 'all' ? 'all' : on.join(', '),
      ]),
    ),
} as const;

/** The pages that have such tables. */
export const pages = ['README.md', 'docs/reference.md'] as const;

/** A page with its tables as the program has them. */
export function upToDate(page: string): string {
  const text = readFileSync(page, 'utf8');
  return text.replace(
    /(<!-- (commands|options) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, begin: string, name: keyof typeof tables, end: string) => `${begin}${tables[name]()}${end}`,
  );
}

function rows(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), `|${'---|'.repeat(head.length)}\n`, ...lines.map(line)].join('');
}

function code(words: readonly (string | undefined)[]): string {
  return `\`${words.filter(Boolean).join(' ')}\``;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
