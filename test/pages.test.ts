import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pages, upToDate } from '../scripts/generate/tables.ts';

test.each(pages)('%s has the commands and options of the program', (page) => {
  const text = readFileSync(page, 'utf8');
  expect(text).toContain('<!-- commands -->\n| command | what it does |\n');
  expect(upToDate(page)).toBe(text);
});
