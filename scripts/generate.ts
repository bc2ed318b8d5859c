import { readFileSync, writeFileSync } from 'node:fs';
import { completionTable } from '../src/cli/completion.ts';
import { manPage } from './generate/man.ts';
import { pages, upToDate } from './generate/tables.ts';

/**
 * Writes what is made from the table of commands and options: the man page, the table for the completion of nushell, and
 * tables in the pages. Run after each build.
 */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
writeFileSync('dist/awsmfa.1', manPage(version));
const rows = completionTable().map((row) => `${row.join('\t')}\n`);
writeFileSync('dist/completion.tsv', rows.join(''));
for (const page of pages) {
  const text = upToDate(page);
  if (text !== readFileSync(page, 'utf8')) writeFileSync(page, text);
}
