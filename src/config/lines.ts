import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';

/**
 * Lines and white space as Python sees them, because botocore reads the shared files with it: a line ends with
 * LF, CRLF or a lone CR (text mode's universal newlines), and white space is `str.isspace`. JavaScript's `trim`
 * differs: it takes a byte order mark and leaves U+001C to U+001F and U+0085.
 */
export const LF = 0x0a;
export const CR = 0x0d;

/**
 * Where lines end: the offset of the line break at or after `from`, or of the end of the text. Most texts have no
 * CR, and are asked for it once: `indexOf` is several times faster than a regular expression in a cold process.
 */
export function lineEnds(text: string): (from: number) => number {
  if (!text.includes('\r')) {
    return (from) => {
      const end = text.indexOf('\n', from);
      return end === -1 ? text.length : end;
    };
  }
  const lineBreak = /[\r\n]/g;
  return (from) => {
    lineBreak.lastIndex = from;
    return lineBreak.exec(text)?.index ?? text.length;
  };
}

/** The start of the line after the one that ends at `end`, or the end of the text. */
export function nextLine(text: string, end: number): number {
  const isPair = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF;
  return Math.min(end + (isPair ? 2 : 1), text.length);
}

/** The 1-based number of the line that `offset` is in. */
export function lineNumber(text: string, offset: number): number {
  const before = text.slice(0, offset);
  const endOfLine = lineEnds(before);
  let number = 1;
  for (let end = endOfLine(0); end < before.length; end = endOfLine(nextLine(before, end))) number += 1;
  return number;
}

/** Python's `str.isspace` for one UTF-16 unit. */
export function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code >= 0x1c;
  return code >= 0x85 && (code === 0x85 || code === 0xa0 || (code >= 0x1680 && isWideSpace(code)));
}

function isWideSpace(code: number): boolean {
  return (
    (code >= 0x2000 && code <= 0x200a) || [0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000].includes(code)
  );
}

/** Python's `str.strip()`. */
export function strip(text: string): string {
  let start = 0;
  while (start < text.length && isSpace(text.charCodeAt(start))) start += 1;
  return stripEnd(start === 0 ? text : text.slice(start));
}

/** Python's `str.rstrip()`. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/**
 * A line that every reader of shared files rejects: botocore (`RawConfigParser._read`, `_parse_nested`) and the AWS SDKs
 * reject the whole file for it. awsmfa rejects as little as it can without guessing the owner of the line:
 *
 * - for a header without a name, and for a line above the first header: the file;
 * - for a line below a header: that section, if a profile uses it.
 *
 * awsmfa accepts what only one of the two rejects (duplicate sections and keys, a byte order mark, `:` for `=`, names with
 * blanks).
 */
export interface Fault {
  readonly kind: FaultKind;
  /** The start of the line. */
  readonly at: number;
}

type FaultKind = keyof typeof reasons;

/** Each: what is wrong with the line, how to fix it. The line itself is not shown: it may be a secret. */
const reasons = {
  'before-header': [
    'the line stands above the first [section]',
    'Put it below the header of its profile, or make it a comment with # in front.',
  ],
  'open-header': [
    'the header has no closing ]',
    'A header is [profile NAME] in the config file, [NAME] in the credentials file.',
  ],
  'no-name': [
    'the header [] has no name',
    'A header is [profile NAME] in the config file, [NAME] in the credentials file.',
  ],
  'no-key': [
    'there is no key in front of the = or :',
    'Write KEY = VALUE, or make the line a comment with # in front.',
  ],
  'no-delimiter': [
    'the line has no = and continues nothing',
    'Write KEY = VALUE, or indent the line to continue the value above it.',
  ],
  'continues-nothing': [
    'the line is indented, and there is no key above it to continue',
    'Write KEY = VALUE, or put the line below the key that it belongs to.',
  ],
  'nested-without-equals': [
    'a line in an indented block has no =',
    'Write KEY = VALUE, or put the value on the same line as the key above.',
  ],
} as const;

/** The error for a line. Counting lines takes time, so make it only to throw it. */
export function malformed({ path, text }: { path: string; text: string }, { kind, at }: Fault): UserError {
  const [what, fix] = reasons[kind];
  return new UserError(
    Exit.configuration,
    'malformed-file',
    `${printable(path)}:${lineNumber(text, at)}: ${what}`,
    fix,
  );
}
