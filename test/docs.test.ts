import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { translated } from '../src/cli/aws-mfa.ts';
import { readCommandLine } from '../src/cli/parse.ts';
import { project } from './support/desk.ts';

const inFolder = (folder: string) =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const japanese = inFolder('docs/ja');
const pages = [
  ...['README.md', 'README.ja.md', 'SECURITY.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md'],
  ...inFolder('docs'),
  ...japanese,
];
const textOf = (page: string) => readFileSync(join(project, page), 'utf8');

/** Command lines of awsmfa and of its aws-mfa: in `code`, in the blocks that show a terminal or a script, in `$(…)`. */
function linesOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:console|sh)?\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const shown = [
    ...[...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, line = '']) => line),
    ...[...text.matchAll(/^(?: {4}|\t)(?:\$ )?(.*)$/gm)].map(([, line = '']) => line),
    ...blocks.flatMap((block) => block.split('\n').map((line) => line.replace(/^\$ /, ''))),
  ];
  return shown
    .map((line) => line.replace(/\s+#.*| >>? .*| && .*|;.*| \\?\| .*|\s+&$/, '').trim())
    .filter((line) => /^(awsmfa|aws-mfa)( |$)/.test(line) && !/…$|\[|<|^awsmfa [A-Z]|: /.test(line));
}

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
});

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
