import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Authorization, basicFormat, parseAuthorization } from './authorization.ts';
import { canonicalRequest, headerValue, type RawRequest, sha256Hex } from './canonical.ts';
import { invalidClientToken, type Refusal, signatureMismatch, wrongSignature } from './refusals.ts';

export type SignatureRules = {
  /** The service the scope must name, e.g. `sts`. */
  readonly service: string;
  readonly isRegion: (region: string) => boolean;
  /** The server's clock, epoch milliseconds. */
  readonly now: number;
  /** The secret of this key together with this session token; undefined when the two are no credentials. */
  readonly secretOf: (
    accessKeyId: string,
    sessionToken: string | undefined,
    region: string,
  ) => string | undefined;
};

export type Signed = {
  readonly ok: true;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** Epoch milliseconds. */
  readonly signedAt: number;
  readonly sessionToken?: string;
};

/** How far a client's clock may be off, either way; AWS's limit for the query services. */
const toleranceMs = 15 * 60 * 1000;

/**
 * Checks the Signature Version 4 in the `Authorization` header, as STS does and with its texts. A token is
 * checked by `secretOf`, an expired one is not refused here: whoever holds the sessions knows that.
 */
export function verifySignature(request: RawRequest, rules: SignatureRules): Signed | Refusal {
  const authorization = parseAuthorization(request);
  if (!authorization.ok) return authorization;
  const { accessKeyId, date, region, service, terminator, signedHeaders, signature, signedAt, timestamp } =
    authorization;

  const misplaced = checkScope(authorization, rules);
  if (misplaced !== undefined) return misplaced;

  const sessionToken = headerValue(request.headers, 'x-amz-security-token');
  const secret = rules.secretOf(accessKeyId, sessionToken, region);
  if (secret === undefined) return invalidClientToken;

  const late = checkClock(signedAt, rules.now);
  if (late !== undefined) return late;

  const unsigned = request.headers
    .map(([name]) => name.toLowerCase())
    .find((name) => mustBeSigned(name) && !signedHeaders.includes(name));
  if (unsigned !== undefined) {
    return wrongSignature(`'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`);
  }

  const scope = [date, region, service, terminator];
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    timestamp,
    scope.join('/'),
    sha256Hex(canonicalRequest(request, signedHeaders)),
  ].join('\n');
  const key = scope.reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secret}`);
  if (!sameText(hmac(key, stringToSign).toString('hex'), signature)) return signatureMismatch;

  const signed = { ok: true, accessKeyId, region, service, signedAt } as const;
  return sessionToken === undefined ? signed : { ...signed, sessionToken };
}

function checkScope(claimed: Authorization, rules: SignatureRules): Refusal | undefined {
  if (claimed.terminator !== 'aws4_request') {
    return wrongSignature(
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${claimed.terminator}'. `,
    );
  }
  if (!rules.isRegion(claimed.region)) {
    return wrongSignature('Credential should be scoped to a valid region. ');
  }
  if (claimed.service !== rules.service) {
    return wrongSignature(`Credential should be scoped to correct service: '${rules.service}'. `);
  }
  const day = claimed.timestamp.slice(0, 8);
  if (claimed.date !== day) {
    return wrongSignature(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
        `'${claimed.date}' != '${day}', from '${claimed.timestamp}'.`,
    );
  }
  return undefined;
}

function checkClock(signedAt: number, now: number): Refusal | undefined {
  const [at, earliest, latest, server] = [signedAt, now - toleranceMs, now + toleranceMs, now].map(
    basicFormat,
  );
  if (signedAt < now - toleranceMs) {
    return wrongSignature(`Signature expired: ${at} is now earlier than ${earliest} (${server} - 15 min.)`);
  }
  if (signedAt > now + toleranceMs) {
    return wrongSignature(
      `Signature not yet current: ${at} is still later than ${latest} (${server} + 15 min.)`,
    );
  }
  return undefined;
}

/**
 * What AWS wants in every signature, so that nothing with a meaning can be slipped in behind it. The session
 * token is left out because some clients add it after signing, and it is checked against its key anyway.
 */
function mustBeSigned(name: string): boolean {
  if (name === 'x-amz-security-token') return false;
  return name === 'host' || name === 'content-type' || name.startsWith('x-amz-');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(sha256Hex(a)), Buffer.from(sha256Hex(b)));
}
