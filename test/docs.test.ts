import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { translated } from '../src/cli/aws-mfa.ts';
import { readCommandLine } from '../src/cli/parse.ts';
import { project } from './support/desk.ts';

/** The pages for people who come from another tool. */
const pages = readdirSync(join(project, 'docs')).filter((name) => name.startsWith('from-'));
const textOf = (page: string) => readFileSync(join(project, 'docs', page), 'utf8');

/** Command lines of awsmfa and of its aws-mfa: in `code`, in the blocks that show a terminal, in `$(…)`. */
function linesOf(text: string): string[] {
  const shown = [...text.matchAll(/`([^`\n]+)`/g), ...text.matchAll(/^\$ (.*)$/gm)].map(
    ([, line = '']) => line,
  );
  return shown
    .filter((line) => /^(awsmfa|aws-mfa)( |$)/.test(line))
    .map((line) => line.replace(/ >> .*/, ''));
}

/** Options that stand alone in the second column of a table of options. */
function optionsOf(text: string): string[] {
  return [...text.matchAll(/^\| `--[^|]*\| `(--[^`]+)`/gm)].map(([, option = '']) => option);
}

test('there is a page for each', () => {
  expect(pages.sort()).toEqual([
    'from-aws-mfa.md',
    'from-aws-vault.md',
    'from-awsume.md',
    'from-the-zsh-function.md',
  ]);
});

describe.each(pages)('%s', (page) => {
  test('shows only what awsmfa understands', () => {
    const lines = linesOf(textOf(page));
    expect(lines.length).toBeGreaterThan(5);
    const wrong = lines.filter((line) => {
      const [program, ...argv] = line.split(' ');
      return (
        readCommandLine(program === 'aws-mfa' ? translated(argv, {}, { user: 'ada', isPiped: false }) : argv)
          .invocation === undefined
      );
    });
    expect(wrong).toEqual([]);
    expect(optionsOf(textOf(page)).filter((option) => readCommandLine(option.split(' ')).problem)).toEqual(
      [],
    );
  });

  test('links to pages that are there', () => {
    const files = new Set(readdirSync(join(project, 'docs')));
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !files.has(link) && link !== '../README.md')).toEqual([]);
  });
});
