import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import { appearances, DEFAULTS, type Document, entriesOf, parseDocument, type Section } from './document.ts';
import type { Entry } from './entries.ts';
import { CR, LF, lineEnds, nextLine, strip } from './lines.ts';

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
  const changes = new Map<string, NewEntry>();
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

/** The text that replaces `[from, to)`. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** By key in lower case; undefined for a key to remove. */
type Changes = ReadonlyMap<string, NewEntry | undefined>;

interface NewEntry {
  readonly key: string;
  readonly value: string;
}

/** The edited document, after checking that only this section changed, and as wanted. */
function change(document: Document, name: string, changes: Changes | undefined, splices: Splice[]): Document {
  if (splices.length === 0) return document;
  const edited = parseDocument(spliced(document.text, splices), document.path);
  const wanted = changes && expected(document, name, changes);
  if (keepsOthers(document, edited, name) && same(wanted, own(edited, name))) return edited;
  // For example, an indented header would continue the value above it if the lines between them are removed.
  throw refusal(
    document,
    `[${printable(name, 60)}] cannot be changed without changing what another section means`,
  );
}

/** Whether the other sections are unchanged. Most are equal to the byte, and need no reading. */
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

/** The content of a section; undefined if the section is there twice. */
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

/** `]` ends a name for all readers but botocore. `[DEFAULT]` would give its keys to every section of the file. */
function checkName(name: string, document: Document): void {
  if (name === '' || /[\]\r\n]/.test(name) || isBroken(name)) {
    throw refusal(
      document,
      `"${printable(name, 60)}" cannot be the name of a section: it is empty, or has ] or a line break`,
    );
  }
  if (name === DEFAULTS) throw refusal(document, `[${DEFAULTS}] is not a section that awsmfa changes`);
}

/** Errors do not show the value, which may be a secret. */
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

/** Whether it contains half of a character, which would be written as U+FFFD. */
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

function spliced(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const splice of [...splices].sort((a, b) => a.from - b.from || a.to - b.to)) {
    result += text.slice(at, splice.from) + splice.text;
    at = splice.to;
  }
  return result + text.slice(at);
}

/** A section at the end of the file, after a blank line. */
function newSection({ text }: Document, name: string, entries: Iterable<NewEntry>): Splice {
  const lines = [`[${name}]`, ...[...entries].map(({ key, value }) => `${key} = ${value}`)];
  const isFirst = text === '' || text === '\ufeff';
  if (!isFirst && blankLineAbove(text, text.length) === '') lines.unshift('');
  return insertion(text, text.length, lines, lastBreak(text));
}

/** The splices that merge all appearances of a section into one with these changes. */
function sectionChanges(document: Document, name: string, changes: Changes): Splice[] {
  const { text } = document;
  const parts = appearances(document, name).map((section) => ({
    section,
    entries: entriesOf(document, section),
  }));
  const last = parts.at(-1);
  if (!last) return [];
  const winners = new Map(parts.flatMap(({ entries }) => entries.map((entry) => [entry.key, entry])));
  const added = new Map(changes);
  const moved: Entry[] = [];
  const splices: Splice[] = [];
  for (const { section, entries } of parts) {
    if (section !== last.section) splices.push({ from: section.start, to: section.body, text: '' });
    for (const entry of entries) {
      const isWinner = winners.get(entry.key) === entry;
      const isHere = section === last.section;
      const wanted = changes.get(entry.key);
      if (isWinner && isHere && wanted) splices.push(...replacement(text, entry, wanted.value));
      else if (!isWinner || !isHere || changes.has(entry.key))
        splices.push({ from: entry.start, to: entry.end, text: '' });
      if (isWinner && isHere) added.delete(entry.key);
      if (isWinner && !isHere && !changes.has(entry.key)) moved.push(entry);
    }
  }
  const lineBreak = breakAfter(text, last.section.start) || lastBreak(text);
  const indent = indentOf(document, last.section, last.entries.at(-1));
  const lines = moved.flatMap((entry) => relined(text, entry, indent));
  for (const entry of added.values()) if (entry) lines.push(`${indent}${entry.key} = ${entry.value}`);
  const at = last.entries.at(-1)?.end ?? last.section.body;
  return lines.length === 0 ? splices : [...splices, insertion(text, at, lines, lineBreak)];
}

/** The splices that remove a section. After `newSection` they restore the file. */
function sectionRemoval(document: Document, name: string): Splice[] {
  const { text } = document;
  return appearances(document, name).map((section) => {
    const to = afterBlankLines(text, entriesOf(document, section).at(-1)?.end ?? section.body);
    const from = to === text.length ? beforeBlankLine(text, section.start) : section.start;
    return { from, to, text: '' };
  });
}

/** For the last section in a file: includes the blank line before it, and the line break if the file ends without one. */
function beforeBlankLine(text: string, start: number): number {
  const from = start - blankLineAbove(text, start).length;
  if (isBreak(text.charCodeAt(text.length - 1))) return from;
  return from - (/(?:\r\n?|\n)$/.exec(text.slice(0, from).slice(-2))?.[0].length ?? 0);
}

/** The blank line above the line that starts here, with its line break; '' if there is none. */
function blankLineAbove(text: string, start: number): string {
  const above = text.slice(Math.max(start - 200, 0), start);
  return /(?<=\n|\r(?!\n))[ \t]*(?:\r\n?|\n)$/.exec(above)?.[0] ?? '';
}

/**
 * Replaces a value and keeps the spacing around the `=`. A comment after the value gets its own line, and comment lines
 * within the value stay.
 */
function replacement(text: string, entry: Entry, value: string): Splice[] {
  const [first = '', ...rest] = linesOf(text.slice(entry.start, entry.end));
  const head = first.slice(0, entry.delimiter - entry.start + 1);
  const tail = first.slice(head.length);
  const behind = tail.search(/[ \t][#;]/);
  if (behind === -1 && rest.length === 0 && entry.value === value) return [];
  const lineBreak = breakAfter(text, entry.start) || lastBreak(text);
  const indent = first.slice(0, first.length - first.trimStart().length);
  const comments = behind === -1 ? [] : [indent + strip(tail.slice(behind))];
  comments.push(...rest.filter((line) => /^[#;]/.test(strip(line))));
  const gap = /^[ \t]*(?=[^ \t])/.exec(tail)?.[0] ?? (/[ \t]$/.test(head.slice(0, -1)) ? ' ' : '');
  const lines = [...comments, value === '' ? head : head + gap + value];
  const end = isBreak(text.charCodeAt(entry.end - 1)) ? lineBreak : '';
  return [{ from: entry.start, to: entry.end, text: lines.join(lineBreak) + end }];
}

/** The lines of an entry at another indentation. */
function relined(text: string, entry: Entry, indent: string): string[] {
  const [first = '', ...rest] = linesOf(text.slice(entry.start, entry.end)).map(strip);
  return [indent + first, ...rest.map((line) => (line === '' ? '' : `${indent}    ${line}`))];
}

/**
 * The indentation for a new key: that of the last key, so that neither the key nor the next header continues a value. In a
 * section without keys: that of the next header, which must not be indented further than the key.
 */
function indentOf(document: Document, section: Section, last: Entry | undefined): string {
  const line = document.text.slice(last ? last.start : section.end, last ? last.delimiter : undefined);
  return /^[^\S\r\n]*/.exec(line)?.[0] ?? '';
}

/** Inserts whole lines. At the end of a file without a final line break, no line break follows them either. */
function insertion(text: string, at: number, lines: readonly string[], lineBreak: string): Splice {
  const block = lines.join(lineBreak);
  const isOpen = at > 0 && !isBreak(text.charCodeAt(at - 1)) && text.slice(0, at) !== '\ufeff';
  return { from: at, to: at, text: isOpen ? lineBreak + block : block + lineBreak };
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n?|\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function afterBlankLines(text: string, from: number): number {
  const endOfLine = lineEnds(text);
  for (let start = from; ; ) {
    const end = endOfLine(start);
    if (start === text.length || strip(text.slice(start, end)) !== '') return start;
    start = nextLine(text, end);
  }
}

/** The line break at the end of the line with this offset; '' in the last line. */
function breakAfter(text: string, offset: number): string {
  const end = lineEnds(text)(offset);
  return text.slice(end, nextLine(text, end));
}

function lastBreak(text: string): string {
  const lf = text.lastIndexOf('\n');
  const cr = text.lastIndexOf('\r');
  if (cr > lf) return '\r';
  return cr >= 0 && cr === lf - 1 ? '\r\n' : '\n';
}

function isBreak(code: number): boolean {
  return code === LF || code === CR;
}
