import { type Fault, isSpace, LF, lineEnds, nextLine, strip, stripEnd } from './lines.ts';

/** A key of a section, with its value and where it stands. */
export interface Entry {
  /** In lower case, because keys have no case (`RawConfigParser.optionxform`). */
  readonly key: string;
  /** With its continuation lines, joined with LF. */
  readonly value: string;
  /** The keys and values of an indented block under a key without a value of its own, such as `s3 =`. */
  readonly block: ReadonlyMap<string, string> | undefined;
  /** The start of its line. */
  readonly start: number;
  /** The offset of its `=` or `:`. */
  readonly delimiter: number;
  /** The start of the line after its last one. */
  readonly end: number;
  /** A line of its block that makes botocore reject the file, unless a later key of the same name replaces this one. */
  readonly fault: Fault | undefined;
}

/** The state while reading the keys of a section. */
export interface Reading {
  readonly found: Draft[];
  /** The start of the next line. */
  at: number;
  /** The indentation of the last key. A line that is indented further continues its value. */
  indent: number;
  /** The key whose value may continue. */
  open: Draft | undefined;
  /** The lines of the open value below its first. */
  more: string[];
  /** The number of blank lines since then, which belong to the value if it continues. */
  blanks: number;
  /** Called with each line that is neither a key nor part of a value. botocore rejects the file for it. */
  readonly note: ((fault: Fault) => void) | undefined;
}

/** An entry that may continue. Without a value after the delimiter (`isBare`), the next lines are a block. */
type Draft = { -readonly [K in keyof Entry]: Entry[K] } & { readonly isBare: boolean };

/**
 * The keys in the lines of `[from, to)`, in file order, with duplicates. The rules are those of Python's
 * `RawConfigParser._read` with its defaults, which botocore uses:
 * `=` or `:` ends a key; a line indented further than the key continues its value, blank lines between included;
 * a line whose first character is `#` or `;` is a comment, wherever it is indented.
 * A line that makes botocore reject the file (no delimiter, no key) is noted and left out, and ends the value above it.
 */
export function readEntries(text: string, from: number, to: number, note?: Reading['note']): Entry[] {
  const reading = startReading(from, note);
  readTo(text, reading, to);
  if (reading.more.length > 0) finish(reading);
  return reading.found;
}

export function startReading(from: number, note?: Reading['note']): Reading {
  return { found: [], at: from, indent: 0, open: undefined, more: [], blanks: 0, note };
}

/** Reads on to the line that starts at `to`. */
export function readTo(text: string, reading: Reading, to: number): void {
  let rest: { readonly start: number; readonly endOfLine: ReturnType<typeof lineEnds> } | undefined;
  while (reading.at < to) {
    const start = reading.at;
    usualLines.lastIndex = start;
    if (usualLines.test(text)) {
      readUsualLines(text, reading, usualLines.lastIndex);
      continue;
    }
    rest ??= { start, endOfLine: lineEnds(text.slice(start, to)) };
    const end = rest.start + rest.endOfLine(start - rest.start);
    reading.at = nextLine(text, end);
    readLine(text.slice(start, end), start, reading.at, reading);
  }
}

/**
 * Usual lines, as nearly all are: empty, or a key in lower case at the start and a value of visible ASCII without # and ;.
 * One regular expression finds up to a hundred in a third of the time of `readLine`, with the same result.
 */
const usualLines = /(?:(?:[a-z_]+[ \t]*=[ \t]*[!-"$-:<-~]+(?:[ \t]+[!-"$-:<-~]+)*[ \t]*)?\n){1,100}/y;

/** A section of such lines, with empty ones only at its end. */
const usualSection = /^(?:[a-z_]+[ \t]*=[ \t]*[!-"$-:<-~]+(?:[ \t]+[!-"$-:<-~]+)*[ \t]*\n)+\n*$/;

/**
 * The values of a section by key if all of its lines are usual, else undefined. The same values as those of `readEntries`,
 * without their places: V8's own functions do nearly all of the work.
 */
export function readUsualValues(text: string): ReadonlyMap<string, string> | undefined {
  return text.length < 10_000 && usualSection.test(text)
    ? new Map(text.trimEnd().split('\n').map(pairOf))
    : undefined;
}

function pairOf(line: string): readonly [key: string, value: string] {
  const delimiter = line.indexOf('=');
  return [line.slice(0, delimiter).trimEnd(), line.slice(delimiter + 1).trim()];
}

function readUsualLines(text: string, reading: Reading, to: number): void {
  for (let start = reading.at; start < to; ) {
    if (text.charCodeAt(start) === LF) {
      reading.blanks++;
      start++;
      continue;
    }
    if (reading.more.length > 0) finish(reading);
    const delimiter = text.indexOf('=', start);
    const end = text.indexOf('\n', delimiter) + 1;
    const key = text.slice(start, delimiter).trimEnd();
    const value = text.slice(delimiter + 1, end).trim();
    reading.open = { key, value, block: undefined, isBare: false, start, delimiter, end, fault: undefined };
    reading.found.push(reading.open);
    reading.indent = 0;
    reading.blanks = 0;
    start = end;
  }
  reading.at = to;
}

function readLine(line: string, start: number, next: number, reading: Reading): void {
  const indent = indentation(line);
  const first = line.charCodeAt(indent);
  if (indent === line.length) {
    reading.blanks++;
    return;
  }
  if (first === HASH || first === SEMICOLON) return;
  if (reading.open && indent > reading.indent) {
    const { open } = reading;
    const content = strip(line);
    if (open.isBare && lacksEquals(content)) open.fault ??= { kind: 'nested-without-equals', at: start };
    for (; reading.blanks > 0; reading.blanks--) reading.more.push('');
    reading.more.push(content);
    open.end = next;
    return;
  }
  finish(reading);
  reading.indent = indent;
  const delimiter = delimiterOf(line);
  const key = delimiter === -1 ? '' : strip(line.slice(0, delimiter));
  if (key === '') {
    const without = indent > 0 ? 'continues-nothing' : 'no-delimiter';
    reading.note?.({ kind: delimiter === -1 ? without : 'no-key', at: start });
    return;
  }
  const behind = line.slice(delimiter + 1);
  // A comment in it belongs to the command, as in aws-vault, whose key this is.
  const value = strip(key.toLowerCase() === 'mfa_process' ? behind : withoutComment(behind));
  const isBare = value === '' && strip(behind) === '';
  reading.open = {
    key: key.toLowerCase(),
    value,
    block: undefined,
    isBare,
    start,
    delimiter: start + delimiter,
    end: next,
    fault: undefined,
  };
  reading.found.push(reading.open);
}

const HASH = 0x23;
const SEMICOLON = 0x3b;

/** The offset of the first `=` or `:`; -1 for none. */
function delimiterOf(line: string): number {
  const equals = line.indexOf('=');
  const colon = line.indexOf(':');
  return colon === -1 || (equals !== -1 && equals < colon) ? equals : colon;
}

/** Ends the open value. Comments in its continuation lines stay, as in botocore and the SDKs, except in a block. */
function finish(reading: Reading): void {
  const { open, more } = reading;
  reading.open = undefined;
  reading.blanks = 0;
  if (!open || more.length === 0) return;
  reading.more = [];
  open.value = stripEnd(`${open.value}\n${more.join('\n')}`);
  if (!open.value.startsWith('\n')) return;
  const text = more.filter((line) => line !== '').join('\n');
  open.value = `\n${text}`;
  open.block = readBlock(text);
}

/** botocore's `_parse_nested` fails on such a line. After `key = # comment` it sees no block, and no error. */
function lacksEquals(content: string): boolean {
  return content.split(lineBreaks).some((line) => strip(line) !== '' && !line.includes('='));
}

/** The number of white space characters at the start of a line. */
function indentation(line: string): number {
  let indent = 0;
  while (isSpace(line.charCodeAt(indent))) indent += 1;
  return indent;
}

/**
 * A `#` or `;` after a space or tab begins a comment (AWS SDKs and Tools Reference Guide, "Format of the config
 * file"; botocore keeps it as a part of the value). So a value that consists of a comment is empty, and a block may
 * follow.
 */
function withoutComment(text: string): string {
  if (!text.includes('#') && !text.includes(';')) return text;
  const comment = text.search(/[ \t][#;]/);
  return comment === -1 ? text : text.slice(0, comment);
}

/** Whether a comment after the value was left out. The AWS CLI and boto3 read it as part of the value. */
export function hasComment({ value, block, delimiter, end }: Entry, text: string): boolean {
  if (block || value.includes('\n')) return false;
  const [line = ''] = text.slice(delimiter + 1, end).split(/[\r\n]/, 1);
  return line.trim() !== value && /[ \t][#;]/.test(line);
}

/** botocore's `_parse_nested`: one level, keys keep their case, and every line break of Unicode ends a line. */
function readBlock(value: string): ReadonlyMap<string, string> {
  const block = new Map<string, string>();
  for (const line of value.split(lineBreaks)) {
    const equals = line.indexOf('=');
    if (equals === -1) continue;
    block.set(strip(line.slice(0, equals)), strip(withoutComment(line.slice(equals + 1))));
  }
  return block;
}

/** Python's `str.splitlines`. */
const lineBreaks = /[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;
