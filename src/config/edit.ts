import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { appearances, DEFAULTS, type Document, entriesOf, parseDocument, type Section } from './document.ts';
import { strip } from './lines.ts';
import { type Changes, newSection, type Splice, sectionChanges, sectionRemoval, spliced } from './splices.ts';

/**
 * The document with these keys set in the section of this header text; the section comes at the end when it is
 * missing. No byte is touched but those of the values: key case, spacing, comments, order and line ends stay.
 *
 * botocore takes a comment behind a value for a part of it, and refuses the whole file for a section or key that is
 * there twice. So a comment behind a value that is set moves to a line of its own above it. Of a key that is there
 * twice in this section the last stays, which is the one that awsmfa reads; of the section, the last appearance: keys
 * that only an earlier one has move there, its header goes, its comments stay where they are. Other sections are
 * left alone, whatever botocore thinks of them.
 *
 * @param name the text between the brackets; `profileHeader` makes it for the config file
 * @throws UserError (configuration) for what could not be read back, before anything is changed
 */
export function setKeys(
  document: Document,
  name: string,
  entries: Iterable<readonly [string, string]>,
): Document {
  checkName(name, document);
  const changes = new Map<string, { readonly key: string; readonly value: string }>();
  for (const [key, value] of entries) {
    checkEntry(key, value, document);
    changes.set(key.toLowerCase(), { key, value });
  }
  const exists = document.byName.has(name);
  return change(
    document,
    name,
    changes,
    exists ? sectionChanges(document, name, changes) : [newSection(document, name, changes.values())],
  );
}

/** The document without these keys of a section, whole blocks included; a section that is twice there becomes one. */
export function removeKeys(document: Document, name: string, keys: Iterable<string>): Document {
  checkName(name, document);
  const changes = new Map([...keys].map((key) => [key.toLowerCase(), undefined]));
  return document.byName.has(name)
    ? change(document, name, changes, sectionChanges(document, name, changes))
    : document;
}

/**
 * The document without a section: from its header to its last key, and the blank lines after it; of the last section,
 * the blank line before it. Comments after the last key stay, because they mostly belong to the section that follows.
 */
export function removeSection(document: Document, name: string): Document {
  checkName(name, document);
  return change(document, name, undefined, sectionRemoval(document, name));
}

/** The edited document, if every other section still says what it said and this one what it should. */
function change(document: Document, name: string, changes: Changes | undefined, splices: Splice[]): Document {
  if (splices.length === 0) return document;
  const edited = parseDocument(spliced(document.text, splices), document.path);
  const wanted = changes && expected(document, name, changes);
  if (keepsOthers(document, edited, name) && same(wanted, own(edited, name))) return edited;
  // Such as an indented header that would continue the value above it, once what is between them has gone.
  throw refusal(
    document,
    `[${printable(name, 60)}] cannot be changed without changing what another section means`,
  );
}

/** Whether the other sections say what they said. Most are the same to the byte, and need not be read for that. */
function keepsOthers(before: Document, after: Document, name: string): boolean {
  const then = before.sections.filter((section) => section.name !== name);
  const now = after.sections.filter((section) => section.name !== name);
  return (
    then.length === now.length &&
    then.every((section, index) => {
      const other = now[index] as Section;
      if (section.name !== other.name) return false;
      if (textOf(before, section) === textOf(after, other)) return true;
      return same(pairs(before, section), pairs(after, other));
    })
  );
}

function textOf(document: Document, section: Section): string {
  return document.text.slice(section.body, section.end);
}

function pairs(document: Document, section: Section): unknown {
  return entriesOf(document, section).map(({ key, value }) => [key, value]);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What one section says, provided that nothing is there twice. */
function own(document: Document, name: string): unknown {
  const [section, second] = appearances(document, name);
  if (!section || second) return undefined;
  return entriesOf(document, section)
    .map(({ key, value }) => `${key}=${value}`)
    .sort();
}

function expected(document: Document, name: string, changes: Changes): unknown {
  const values = new Map<string, string | undefined>();
  for (const section of appearances(document, name)) {
    for (const { key, value } of entriesOf(document, section)) values.set(key, value);
  }
  for (const [key, wanted] of changes) values.set(key, wanted?.value);
  return [...values].flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])).sort();
}

/** `]` ends a name for every reader but botocore; `[DEFAULT]` would give its keys to every section of the file. */
function checkName(name: string, document: Document): void {
  if (name === '' || /[\]\r\n]/.test(name) || isBroken(name)) {
    throw refusal(
      document,
      `"${printable(name, 60)}" cannot be the name of a section: it is empty, or has ] or a line break`,
    );
  }
  if (name === DEFAULTS) throw refusal(document, `[${DEFAULTS}] is not a section that awsmfa changes`);
}

/** The value is not shown: it may be a secret. */
function checkEntry(key: string, value: string, document: Document): void {
  const shown = printable(key, 60);
  if (key === '' || key !== strip(key) || /[=:\r\n]|^[#;[]/.test(key) || isBroken(key))
    throw refusal(document, `"${shown}" cannot be a key`);
  if (/[\r\n]/.test(value)) throw refusal(document, `The value of ${shown} has a line break`);
  if (isBroken(value)) throw refusal(document, `The value of ${shown} cannot be written as UTF-8`);
  if (value !== strip(value)) throw refusal(document, `The value of ${shown} begins or ends with a blank`);
  if (/(?:^|[ \t])[#;]/.test(value))
    throw refusal(document, `The value of ${shown} has a part that would be a comment`);
}

/** Half of a character: it would be written as U+FFFD. */
function isBroken(text: string): boolean {
  return /\p{Cs}/u.test(text);
}

function refusal(document: Document, reason: string): UserError {
  return new UserError(
    Exit.configuration,
    'cannot-edit',
    `${reason} (${printable(document.path)})`,
    'Nothing was written; choose another name, or edit the file by hand',
  );
}
