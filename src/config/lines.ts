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
