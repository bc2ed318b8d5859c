import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { translated } from '../src/cli/aws-mfa.ts';
import { readCommandLine } from '../src/cli/parse.ts';
import { project } from './support/desk.ts';
import { japanese, linesOf, pages, textOf } from './support/pages.ts';

function isUnderstood(line: string): boolean {
  const [program, ...argv] = line
    .replace(/(["'])(.*?)\1/g, (_all, _quote, text: string) => text.replace(/\s/g, '_'))
    .split(/\s+/);
  const own = program === 'aws-mfa' ? translated(argv, {}, { user: 'ada', isPiped: false }) : argv;
  return readCommandLine(own).invocation !== undefined;
}

describe.each(pages)('%s', (page) => {
  test('shows only what awsmfa understands', () => {
    expect(linesOf(textOf(page)).filter((line) => !isUnderstood(line))).toEqual([]);
  });

  test('links to pages and pictures that are there', () => {
    const text = textOf(page).replace(/^```[\s\S]*?^```$|`[^`\n]*`|^ {4}.*$/gm, '');
    const links = [
      ...[...text.matchAll(/\]\((?!https?:|\$)([^)#]+)/g)].map(([, link = '']) => link),
      ...[...text.matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, link = '']) => link),
    ];
    expect(links.filter((link) => !existsSync(join(project, dirname(page), link)))).toEqual([]);
  });

  // GitHub Flavored Markdown shows a row without a header above it as text.
  test('has tables with a header, and rows as wide as it', () => {
    const blocks = textOf(page).match(/(?:^\|.*\n?)+/gm) ?? [];
    const widths = blocks.map((block) => block.trim().split('\n').map(columnsOf));
    expect(blocks.filter((block) => !/^\|.*\|\n\|[\s:|-]+\|\n/.test(block))).toEqual([]);
    expect(widths.filter(([header, ...rows]) => rows.some((row) => row !== header))).toEqual([]);
  });
});

function columnsOf(row: string): number {
  return row.replace(/\\\|/g, '').split('|').length;
}

test('the pages have command lines, and a wrong one is found', () => {
  expect(pages.flatMap((page) => linesOf(textOf(page))).length).toBeGreaterThan(150);
  expect(['awsmfa us work', 'awsmfa use --no-such work', 'awsmfa use work'].map(isUnderstood)).toEqual([
    false,
    false,
    true,
  ]);
});

/** What a translation has in common with its page. */
function outline(text: string) {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, marks]) => marks),
    rows: [...prose.matchAll(/^\|/gm)].length,
    lines: [...new Set(linesOf(text))].sort(),
    settings: [...text.matchAll(/^[a-z_]+ = .*$/gm)].map(([line]) => line),
  };
}

test.each(japanese)('%s is in step with the English page', (page) => {
  expect(outline(textOf(page))).toEqual(outline(textOf(page.replace('docs/ja/', 'docs/'))));
});

test('README.ja.md shows every command of the English README', () => {
  const own = linesOf(textOf('README.ja.md'));
  // Its table of commands comes from the program, and is in English.
  const english = textOf('README.md').replace(/^<!-- commands[\s\S]*?<!-- end -->$/m, '');
  const calls = linesOf(english).filter((line) => line.split(' ').length > 2);
  expect(calls.filter((line) => !own.includes(line))).toEqual([]);
});
