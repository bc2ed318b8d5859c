import { headerValue, type RawRequest } from './canonical.ts';
import { incompleteSignature, missingAuthentication, type Refusal } from './refusals.ts';

export type Authorization = {
  readonly ok: true;
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** ISO 8601 basic format, UTC: `20150830T123600Z`. */
  readonly timestamp: string;
  /** The same instant in epoch milliseconds. */
  readonly signedAt: number;
};

/** Takes the header apart without judging it: what is claimed, by whom, for which scope. */
export function parseAuthorization(request: RawRequest): Authorization | Refusal {
  const header = headerValue(request.headers, 'authorization');
  if (header === undefined) return missingAuthentication;
  const [algorithm, ...words] = header.split(/[\s,]+/);
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    return incompleteSignature(`Unsupported AWS 'algorithm': '${algorithm}'.`);
  }
  const fields = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at === -1) {
      return incompleteSignature(
        `'${word}' not a valid key=value pair (missing equal-sign) in Authorization header: '${header}'.`,
      );
    }
    fields.set(word.slice(0, at), word.slice(at + 1));
  }

  const dateHeader = headerValue(request.headers, 'x-amz-date') ?? headerValue(request.headers, 'date');
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((field) => !fields.get(field))
    .map((field) => `Authorization header requires '${field}' parameter. `);
  if (dateHeader === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  }
  if (missing.length > 0 || dateHeader === undefined) {
    return incompleteSignature(`${missing.join('')}Authorization=${header}`);
  }

  const credential = fields.get('Credential') ?? '';
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || !terminator || more.length > 0) {
    return incompleteSignature(
      'Credential must have exactly 5 slash-delimited elements, ' +
        `e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  const signedAt = epochOf(dateHeader);
  if (Number.isNaN(signedAt)) {
    return incompleteSignature(
      `Date must be in ISO-8601 'basic format'. Got '${dateHeader}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';');
  const signature = fields.get('Signature') ?? '';
  return {
    ok: true,
    accessKeyId,
    date,
    region,
    service,
    terminator,
    signedHeaders,
    signature,
    timestamp: basicFormat(signedAt),
    signedAt,
  };
}

/** ISO 8601 basic format, UTC, to the second: `20150830T123600Z`. */
export function basicFormat(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Of a date in basic format or, in a `Date` header, in that of HTTP; NaN when it is neither. */
function epochOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
