import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appearances, parseDocument, readSection, sectionNames } from '../../src/config/document.ts';
import { removeSection, setKeys } from '../../src/config/edit.ts';
import { UserError } from '../../src/errors.ts';
import { sharedFile } from '../support/shared-file-arbitrary.ts';

/** Contract, section 9, over files that are harder than real ones. */
describe('for any file', () => {
  const names = fc.constantFrom('work', 'prod', 'x', 'two words', '__proto__', 'new-mfa', ' x', 'default');
  const entries = fc.uniqueArray(
    fc.tuple(
      fc.constantFrom(
        'aws_access_key_id',
        'aws_session_token',
        'Expiration',
        'key_0',
        'KEY_1',
        'key',
        '__proto__',
      ),
      fc.stringMatching(/^[A-Za-z0-9+/=:.-]([A-Za-z0-9+/=:. -]{0,12}[A-Za-z0-9+/=:.-])?$/),
    ),
    { minLength: 1, selector: ([key]) => key.toLowerCase() },
  );

  /** The text without the lines of this section, and without comments and blank lines, which may move. */
  function outside(text: string, name: string): string[] {
    const document = parseDocument(text, 'c');
    const inside = (at: number) =>
      [...document.sections].reverse().find(({ start }) => start <= at)?.name === name;
    const lines: string[] = [];
    let at = 0;
    for (const line of text.match(/[^\r\n]*(?:\r\n?|\n)|[^\r\n]+$/g) ?? []) {
      if (!inside(at)) lines.push(line);
      at += line.length;
    }
    return lines;
  }

  const edit = fc.tuple(sharedFile('credentials'), names, entries);

  it('what is set is read back, once set it stays, and nothing is there twice', () => {
    fc.assert(
      fc.property(edit, ([text, name, wanted]) => {
        const once = attempt(() => setKeys(parseDocument(text, 'c'), name, wanted));
        if (!once) return;
        for (const [key, value] of wanted) {
          expect(readSection(once, name)?.get(key.toLowerCase())?.value).toBe(value);
        }
        expect(appearances(once, name)).toHaveLength(1);
        expect(setKeys(once, name, wanted)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it('every other byte is the same', () => {
    fc.assert(
      fc.property(edit, ([text, name, wanted]) => {
        const document = parseDocument(text, 'c');
        const edited = attempt(() => setKeys(document, name, wanted));
        // The comments of an earlier appearance stay in the section before it.
        if (!edited || appearances(document, name).length > 1) return;
        if (appearances(document, name).length === 1)
          expect(outside(edited.text, name)).toEqual(outside(text, name));
        else expect(edited.text.startsWith(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a new section that is taken out again leaves the file, but for a blank line at its end', () => {
    fc.assert(
      fc.property(sharedFile('credentials'), entries, (text, wanted) => {
        const document = parseDocument(text, 'c');
        const removed = removeSection(setKeys(document, 'brand-new', wanted), 'brand-new');
        expect(removed.text).toBe(text.replace(/(?<=\n|\r(?!\n))[ \t]*(?:\r\n?|\n)$/, ''));
        expect(sectionNames(removed)).toEqual(sectionNames(document));
      }),
    );
  });

  /** An edit may be refused, where lines that are no keys stand in the way; a file that botocore reads never is. */
  function attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }
});
