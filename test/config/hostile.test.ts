import { describe, expect, it } from 'vitest';
import { lineAt, parseDocument, readSection, sectionNames } from '../../src/config/document.ts';
import { kindOf } from '../../src/config/headers.ts';

/** Anything worse than linear takes minutes. CPU time, which other processes do not change. */
describe('large and hostile files', () => {
  const size = 5_000_000;
  it.each([
    ['one long value', `[a]\nk = ${'x'.repeat(size)}\n`],
    ['one line of blanks', `[a]\nk = ${' '.repeat(size)}y\n`],
    ['blanks before a header', `[a]\nk=v\n${' '.repeat(size)}[b]`],
    ['open brackets in one line', '['.repeat(size)],
    ['open brackets in many lines', '[\n'.repeat(size / 2)],
    ['indented brackets', `[a]\nk = v\n${' [\n'.repeat(size / 3)}`],
    ['blank lines', `[a]\nk = v\n${'\n'.repeat(size)}`],
    ['carriage returns', `[a]\nk = v\n${'\r'.repeat(size)}[b]`],
    ['one section many times', '[a]\nk = v\n'.repeat(100_000)],
    ['quotes in a header', `[profile ${'"x" '.repeat(size / 4)}]`],
    ['an open quote in a header', `[profile "${'\\'.repeat(size)}]`],
    ['comment signs', `[a]\nk = ${'#;'.repeat(size / 2)}\n`],
  ])('%s', (_, text) => {
    const before = process.cpuUsage();
    const document = parseDocument(text, 'config');
    for (const name of sectionNames(document)) {
      kindOf(name);
      readSection(document, name);
    }
    lineAt(document, text.length);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
