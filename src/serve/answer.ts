import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { rfc3339, type Session } from '../credentials.ts';

/** What a server knows. */
export interface Knowledge {
  /** What `Host` may say, in lower case: a page whose name was bound to this address says its own. */
  readonly hosts: ReadonlySet<string>;
  readonly token: Buffer;
  /** The credentials by path; a rejection is an `Unavailable`. */
  readonly find: (path: string) => Promise<string> | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Credentials that are there in principle, and not now. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * One request of the container credentials protocol, and the answer. Who does not have the token learns nothing but
 * that, and who asks in another way than an SDK not even that.
 */
export async function answer(request: IncomingMessage, { hosts, token, find }: Knowledge): Promise<Reply> {
  const { method, url = '', headers } = request;
  if (!hosts.has((headers.host ?? '').toLowerCase())) return refusal(403, 'wrong-host', 'Not for this host');
  if (method !== 'GET') return refusal(405, 'wrong-method', 'Only GET is answered');
  if (hasBody(request)) return refusal(400, 'unexpected-body', 'A request has no body');
  if (!isEqual(headers.authorization, token)) {
    return refusal(401, 'wrong-token', 'The Authorization header does not hold the token of this server');
  }
  try {
    const body = await find(url);
    return body === undefined
      ? refusal(404, 'not-served', 'Nothing is served at this path')
      : { status: 200, body };
  } catch (error) {
    if (error instanceof Unavailable) return refusal(503, error.code, error.message);
    return refusal(500, 'unexpected', 'That should not have happened');
  }
}

function refusal(status: number, code: string, message: string): Reply {
  return { status, body: JSON.stringify({ code, message }) };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** In the same time wherever the first difference is. How long the token is, is no secret. */
function isEqual(given: string | undefined, token: Buffer): boolean {
  const bytes = Buffer.from(given ?? '');
  return bytes.length === token.length && timingSafeEqual(bytes, token);
}

/**
 * A session as container credentials (AWS SDKs and Tools reference guide, "Container credential provider"): the names
 * are those of the ECS agent, whose `Token` is the session token.
 */
export function containerCredentials(session: Session, roleArn: string | undefined): string {
  return JSON.stringify({
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey.reveal(),
    Token: session.sessionToken.reveal(),
    Expiration: rfc3339(session.expiration),
    AccountId: session.accountId,
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
  });
}
