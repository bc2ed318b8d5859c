import { type Entry, type Reading, readEntries, readTo, readUsualValues, startReading } from './entries.ts';
import { CR, type Fault, isSpace, LF, lineEnds, lineNumber, nextLine, strip } from './lines.ts';

/**
 * A shared config or credentials file: its text, and where its sections are. The text stays unchanged, so that
 * an edit (`edit.ts`) changes only the bytes that it means. The keys of a section are read on demand: a prompt needs one
 * profile of perhaps 2,000.
 */
export interface Document {
  readonly path: string;
  readonly text: string;
  /** In file order. Together they cover the text from the first header to the end. */
  readonly sections: readonly Section[];
  /** By exact header text, in the order of first appearance; of sections with the same header, the last one. */
  readonly byName: ReadonlyMap<string, Section>;
  /** The first line that belongs to no section: a line above the first header, or a header without a name. */
  readonly fault: Fault | undefined;
}

/** A header line and the lines up to the next header, as offsets into the text. */
export interface Section {
  /** The text between the brackets, unchanged; '' for a header that is not closed, or empty. */
  readonly name: string;
  /** The start of the header line. */
  readonly start: number;
  /** The start of the line after the header. */
  readonly body: number;
  /** The start of the next header line, or the end of the text. */
  readonly end: number;
  /** The previous section with the same header. */
  readonly earlier: Section | undefined;
}

/**
 * Reads the text of a shared file. It accepts every text, because an edit keeps what it does not understand. A caller that
 * uses values must check for a `Fault` too. Keys after a header that is not closed belong to no section. The AWS SDK for
 * JavaScript gives them to the section before, that is to another account.
 *
 * It goes from bracket to bracket, because `indexOf` is fast and brackets are rare outside of headers. Only before an
 * indented bracket the lines above matter: it may continue a value, which `RawConfigParser._read` checks first.
 *
 * @param path for messages only
 */
export function parseDocument(text: string, path: string): Document {
  const sections: Section[] = [];
  const byName = new Map<string, Section>();
  const top = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const endOfLine = lineEnds(text);
  let last: { -readonly [K in keyof Section]: Section[K] } | undefined;
  let reading: Reading | undefined;
  let fault: Fault | undefined;
  for (let at = text.indexOf('[', top); at !== -1; ) {
    let start: number | undefined = at;
    let body: number;
    let name: string | undefined;
    usualHeader.lastIndex = at;
    if (text.charCodeAt(at - 1) === LF && usualHeader.test(text)) {
      body = usualHeader.lastIndex;
      name = text.slice(at + 1, body - 2);
    } else {
      start = startOfLine(text, at, top);
      if (start === undefined) {
        at = text.indexOf('[', at + 1);
        continue;
      }
      const end = endOfLine(at);
      body = nextLine(text, end);
      if (start < at && last) {
        reading ??= startReading(last.body);
        readTo(text, reading, start);
      }
      name = reading && continues(reading, at - start) ? undefined : readHeader(text, at, end);
    }
    if (name !== undefined) {
      if (last) last.end = start;
      last = { name, start, body, end: text.length, earlier: byName.get(name) };
      sections.push(last);
      if (name !== '') byName.set(name, last);
      else fault ??= { kind: text.charCodeAt(at + 1) === CLOSE ? 'no-name' : 'open-header', at: start };
      reading = undefined;
    }
    at = text.indexOf('[', body);
  }
  const stray = lineBetween(text, top, sections[0]?.start ?? text.length);
  if (stray !== undefined) fault = { kind: 'before-header', at: stray };
  return { path, text, sections, byName, fault };
}

/** A usual header, as nearly all are. The regular expression has the same result as `startOfLine` and `readHeader`. */
const usualHeader = /\[[^\]\r\n]+\]\n/y;

/** The start of the first line in `[from, to)` that is neither blank nor a comment. */
function lineBetween(text: string, from: number, to: number): number | undefined {
  if (from === to) return undefined;
  const lines = text.slice(from, to);
  const endOfLine = lineEnds(lines);
  for (let start = 0; start < lines.length; ) {
    const end = endOfLine(start);
    const content = strip(lines.slice(start, end));
    if (content !== '' && !content.startsWith('#') && !content.startsWith(';')) return from + start;
    start = nextLine(lines, end);
  }
  return undefined;
}

/** The start of the line if only white space stands before `at`. */
function startOfLine(text: string, at: number, top: number): number | undefined {
  for (let start = at; start > top; start -= 1) {
    const before = text.charCodeAt(start - 1);
    if (before === LF || before === CR) return start;
    if (!isSpace(before)) return undefined;
  }
  return top;
}

function continues(reading: Reading, indent: number): boolean {
  return reading.open !== undefined && indent > reading.indent;
}

/**
 * The name in a header line; '' for a header without one; undefined for a line that is not a header. The name ends at the
 * last `]` of the line, and is not trimmed (`RawConfigParser.SECTCRE`). A line that is not a header for Python may be a
 * key, such as `[x = y`. Else it is a header that is not closed, or has no name.
 */
function readHeader(text: string, at: number, end: number): string | undefined {
  const line = text.slice(at, end);
  const close = line.lastIndexOf(']');
  if (close > 1) return line.slice(1, close);
  return /[=:]/.test(line) ? undefined : '';
}

const CLOSE = 0x5d;

/** RawConfigParser's `default_section`: its keys are keys of every section of the file. */
export const DEFAULTS = 'DEFAULT';

/** The names of the sections, in the order of first appearance. */
export function sectionNames(document: Document): string[] {
  const names = [...document.byName.keys()];
  return document.byName.has(DEFAULTS) ? names.filter((name) => name !== DEFAULTS) : names;
}

/**
 * The keys of a section by lower-case name; undefined if there is no such section. Of sections with the same
 * header, and of equal keys, the last wins (botocore refuses the file, the SDK for JavaScript does not). Keys of `[DEFAULT]`
 * are keys of every section of the file, as in botocore (`RawConfigParser.options`).
 *
 * @param note called with each line that no reader accepts
 */
export function readSection(
  document: Document,
  name: string,
  note?: Reading['note'],
): ReadonlyMap<string, Entry> | undefined {
  if (!document.byName.has(name) || name === DEFAULTS) return undefined;
  const keys = new Map<string, Entry>();
  let isFaulty = false;
  for (const part of [...appearances(document, DEFAULTS), ...appearances(document, name)]) {
    for (const entry of entriesOf(document, part, note)) {
      keys.set(entry.key, entry);
      if (entry.fault) isFaulty = true;
    }
  }
  // Report faults of values only now: a later key of the same name replaces the value.
  if (note && isFaulty) for (const { fault } of keys.values()) if (fault) note(fault);
  return keys;
}

/** The values of `readSection` for a usual section, read fast; undefined for any other, and for none. */
export function readValues(document: Document, name: string): ReadonlyMap<string, string> | undefined {
  const section = document.byName.get(name);
  if (!section || section.earlier || document.byName.has(DEFAULTS)) return undefined;
  return readUsualValues(document.text.slice(section.body, section.end));
}

/** The keys of one appearance of a section, in file order. */
export function entriesOf({ text }: Document, { body, end }: Section, note?: Reading['note']): Entry[] {
  return readEntries(text, body, end, note);
}

/** The sections with this header, first to last. */
export function appearances(document: Document, name: string): Section[] {
  const found: Section[] = [];
  for (let section = document.byName.get(name); section; section = section.earlier) found.unshift(section);
  return found;
}

/** The 1-based number of the line that an offset is in. */
export function lineAt(document: Document, offset: number): number {
  return lineNumber(document.text, offset);
}
