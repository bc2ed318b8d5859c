import { randomBytes } from 'node:crypto';
import { type Principal, partitionOf, type Role, type User } from './directory.ts';

/** A session this server has issued, by `GetSessionToken` or by `AssumeRole`. */
export type Session = Credentials & {
  /** The role session name; the user's name for a session of `GetSessionToken`. */
  readonly name: string;
  /** Epoch milliseconds, whole seconds. */
  readonly expiresAt: number;
  /** Whether MFA was given for it. */
  readonly mfa: boolean;
  readonly details: RoleSessionDetails;
};

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
};

/** What an `AssumeRole` carried along. It is recorded and decides nothing. */
export type RoleSessionDetails = {
  readonly sourceIdentity?: string;
  readonly externalId?: string;
  readonly policy?: string;
  readonly policyArns: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys: readonly string[];
};

export type Book = {
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly issued: Map<string, Principal & { readonly session: Session }>;
};

export const noDetails: RoleSessionDetails = { policyArns: [], tags: {}, transitiveTagKeys: [] };

/**
 * Who holds this key and this token; undefined when they do not belong together. A long-term key with a
 * token is as wrong as a temporary one without, and a key of another partition is unknown here.
 */
export function findPrincipal(
  book: Book,
  accessKeyId: string,
  sessionToken: string | undefined,
  partition: string,
): Principal | undefined {
  const principal =
    sessionToken === undefined ? longTerm(book, accessKeyId) : temporary(book, accessKeyId, sessionToken);
  return principal !== undefined && partitionOf(principal) === partition ? principal : undefined;
}

export function secretOf(principal: Principal): string {
  return principal.kind === 'user' ? principal.secret : principal.session.secretAccessKey;
}

/** Credentials of the shape AWS hands out, long token with `/`, `+` and `=` included: all of it must survive quoting. */
export function newCredentials(): Credentials {
  return {
    accessKeyId: `ASIA${Array.from(randomBytes(16), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: `IQoJb3JpZ2luX2VjEP//////////wEaCXVzLWVhc3QtMSJG+${randomBytes(301).toString('base64')}`,
  };
}

/** `2026-11-21T11:47:46Z`, as STS writes it: no fraction. */
export function expirationText(session: Session): string {
  return new Date(session.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z');
}

function longTerm(book: Book, accessKeyId: string): Principal | undefined {
  for (const user of book.users) {
    const key = user.accessKeys.find(({ id }) => id === accessKeyId);
    if (key !== undefined) return { kind: 'user', user, secret: key.secret };
  }
  return undefined;
}

function temporary(book: Book, accessKeyId: string, sessionToken: string): Principal | undefined {
  const found = book.issued.get(accessKeyId);
  return found?.session.sessionToken === sessionToken ? found : undefined;
}
