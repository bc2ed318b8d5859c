import type { Session } from '../credentials.ts';

/**
 * A section of the shared credentials file that holds a session, with the keys that aws-mfa has given it for ten
 * years. By these keys awsmfa knows what it wrote. So it renews sections of aws-mfa without
 * asking, and aws-mfa renews ours.
 */
export interface SectionSession {
  readonly accessKeyId: string;
  /** The role, as `assumed_role_arn` says it; undefined for a session token. */
  readonly roleArn: string | undefined;
  /** Epoch seconds. */
  readonly expiration: number;
}

/** A value of a section by its key in lower case; an empty one counts as none. */
export type Get = (this: void, key: string) => string | undefined;

/**
 * - `free`: nothing in it gives credentials;
 * - `session`: written by awsmfa or by aws-mfa;
 * - `foreign`: credentials that neither of the two wrote;
 * - `long-term`: an access key of a user, or a part of one.
 */
export type Content = 'free' | 'session' | 'foreign' | 'long-term';

export function contentOf(get: Get): Content {
  const id = get('aws_access_key_id');
  const token = get('aws_session_token') ?? get('aws_security_token');
  if (!id && !get('aws_secret_access_key')) {
    return token || get('credential_process') || get('login_session') ? 'foreign' : 'free';
  }
  // `aws configure` writes long-term keys over a session, and leaves the token of that session there.
  if (id?.startsWith('AKIA') || (!token && !id?.startsWith('ASIA'))) return 'long-term';
  return sessionIn(get) ? 'session' : 'foreign';
}

/** The session in a section, if awsmfa or aws-mfa wrote it. */
export function sessionIn(get: Get): SectionSession | undefined {
  const accessKeyId = get('aws_access_key_id');
  const expiration = parseExpiration(get('expiration'));
  if (!accessKeyId || expiration === undefined || !others.every(get)) return undefined;
  return { accessKeyId, roleArn: get('assumed_role_arn'), expiration };
}

/** Keys that aws-mfa expects beside these two, or it treats the session as damaged. */
const others = ['assumed_role', 'aws_secret_access_key', 'aws_session_token', 'aws_security_token'];

/**
 * The keys of a section that holds this session, in aws-mfa's order. The token is there twice: boto 2 and old tools
 * read `aws_security_token`.
 */
export function sessionEntries(
  { accessKeyId, secretAccessKey, sessionToken, expiration, accountId }: Session,
  roleArn: string | undefined,
): readonly (readonly [string, string])[] {
  const token = sessionToken.reveal();
  return [
    ['assumed_role', roleArn === undefined ? 'False' : 'True'],
    ...(roleArn === undefined ? [] : [['assumed_role_arn', roleArn] as const]),
    ['aws_access_key_id', accessKeyId],
    ['aws_secret_access_key', secretAccessKey.reveal()],
    ['aws_session_token', token],
    ['aws_security_token', token],
    ['expiration', sayExpiration(expiration)],
    // botocore and the SDKs build endpoints from it. aws-mfa ignores it.
    ...(accountId === undefined ? [] : [['aws_account_id', accountId] as const]),
  ];
}

/** Every key that `sessionEntries` may set. */
export const sessionKeys = [
  'aws_access_key_id',
  'assumed_role_arn',
  'expiration',
  'aws_account_id',
  ...others,
] as const;

/** aws-mfa's `%Y-%m-%d %H:%M:%S`, in UTC without a zone. */
export function sayExpiration(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function parseExpiration(text = ''): number | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined;
  const time = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(time) ? undefined : time / 1000;
}
