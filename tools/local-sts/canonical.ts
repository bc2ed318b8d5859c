import { createHash } from 'node:crypto';

/** A request as it came over the wire: `target` undecoded, headers in order and in their own case. */
export type RawRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
};

/**
 * The canonical request of Signature Version 4, rebuilt from what arrived. `signedHeaders` are lower-case
 * names in the order of the client's `SignedHeaders`.
 *
 * The rules are those of every service but S3: the path is normalised, and its percent signs encoded again.
 */
export function canonicalRequest(request: RawRequest, signedHeaders: readonly string[]): string {
  const [path = '', query = ''] = splitAtFirst(request.target, '?');
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${headerValue(request.headers, name) ?? ''}`),
    '',
    signedHeaders.join(';'),
    sha256Hex(request.body),
  ].join('\n');
}

/** All values of a header, trimmed, runs of blanks made one, joined by commas; undefined when it is absent. */
export function headerValue(headers: RawRequest['headers'], lowerCaseName: string): string | undefined {
  const values = headers
    .filter(([name]) => name.toLowerCase() === lowerCaseName)
    .map(([, value]) => value.trim().replace(/\s+/g, ' '));
  return values.length === 0 ? undefined : values.join(',');
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encode(segment));
  }
  const trailing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.join('/')}${trailing}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map((pair) => {
      const [name = '', value = ''] = splitAtFirst(pair, '=');
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** RFC 3986: everything but letters, digits and `-._~`; `encodeURIComponent` leaves five characters more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** By code unit, as AWS sorts; `localeCompare` would put `a` before `B`. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function splitAtFirst(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
