import { randomBytes } from 'node:crypto';
import { type Principal, partitionOf, type Role, type User } from './directory.ts';
import type { Policy } from './policy.ts';

/** A session this server has issued, by `GetSessionToken` or by `AssumeRole`. */
export type Session = Credentials & {
  /** The role session name; the user's name for a session of `GetSessionToken`. */
  readonly name: string;
  /** Epoch milliseconds, whole seconds. */
  readonly expiresAt: number;
  /** Whether MFA was given for it. */
  readonly mfa: boolean;
  readonly details: RoleSessionDetails;
  /** Each of them must allow a call. */
  readonly policies: readonly Policy[];
  /** How many of the policies GetScopedCredentials has added. */
  readonly scopes: number;
};

/** A long-term key, as IAM has it. */
export type AccessKey = {
  readonly id: string;
  readonly secret: string;
  status: 'Active' | 'Inactive' | 'Deleted';
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Whether STS and IAM take it, from which time on (epoch milliseconds), the latest last. */
  readonly works: { readonly from: number; readonly value: boolean }[];
  lastUsed?: { readonly at: number; readonly service: string; readonly region: string };
};

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
};

/** What an `AssumeRole` carried along. It is recorded; of all this only the policy decides anything. */
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
  readonly accessKeys: ReadonlyMap<User, AccessKey[]>;
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
  now: number,
): Principal | undefined {
  const principal =
    sessionToken === undefined
      ? longTerm(book, accessKeyId, now)
      : temporary(book, accessKeyId, sessionToken);
  return principal !== undefined && partitionOf(principal) === partition ? principal : undefined;
}

export function secretOf(principal: Principal): string {
  return principal.kind === 'user' ? principal.secret : principal.session.secretAccessKey;
}

/**
 * Credentials of the shape AWS hands out, long token with `/`, `+` and `=` included: all of it must survive quoting.
 * Policies make the token longer, as they do at AWS.
 */
export function newCredentials(policies: readonly Policy[] = []): Credentials {
  const bytes = policies.reduce((sum, { text }) => sum + Math.ceil((text.length * 3) / 4), 301);
  return {
    accessKeyId: `ASIA${Array.from(randomBytes(16), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: `IQoJb3JpZ2luX2VjEP//////////wEaCXVzLWVhc3QtMSJG+${randomBytes(bytes - ((bytes - 301) % 3)).toString('base64')}`,
  };
}

/** `2026-11-21T11:47:46Z`, as STS writes it: no fraction. */
export function expirationText(session: Session): string {
  return new Date(session.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z');
}

function longTerm(book: Book, accessKeyId: string, now: number): Principal | undefined {
  for (const [user, keys] of book.accessKeys) {
    const key = keys.find(({ id }) => id === accessKeyId);
    if (key === undefined) continue;
    const works = key.works.findLast(({ from }) => from <= now)?.value ?? false;
    return works ? { kind: 'user', user, key, secret: key.secret } : undefined;
  }
  return undefined;
}

function temporary(book: Book, accessKeyId: string, sessionToken: string): Principal | undefined {
  const found = book.issued.get(accessKeyId);
  return found?.session.sessionToken === sessionToken ? found : undefined;
}
