import { checkedAccount, type Provided } from '../credentials.ts';
import { sayTimeAndZone } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Asking } from './provider.ts';

/** What a provider found, before it has been looked at. */
export interface Raw {
  readonly accessKeyId: unknown;
  readonly secretAccessKey: unknown;
  readonly sessionToken?: unknown;
  readonly expiration?: Date | undefined;
  readonly accountId?: unknown;
}

/**
 * Credentials that can be used, or an error that says what is wrong with them and shows none of them.
 *
 * @param gave who gave them to whom: `IAM Identity Center gave profile "dev"`
 * @param hint what to do about credentials that have expired
 */
export function found(raw: Raw, { world }: Asking, gave: string, hint: string): Provided {
  const { accessKeyId, secretAccessKey, expiration } = raw;
  // Programs write `"SessionToken": null` or "" for keys that have none.
  const sessionToken = raw.sessionToken || undefined;
  if (!accessKeyId || !secretAccessKey) {
    const half = accessKeyId ? 'an access key ID without its secret' : 'a secret without its access key ID';
    throw unusable(`${gave} ${accessKeyId || secretAccessKey ? half : 'no access key'}`);
  }
  if (
    !isWellFormed(accessKeyId) ||
    !isWellFormed(secretAccessKey) ||
    !(sessionToken === undefined || isWellFormed(sessionToken))
  ) {
    throw unusable(`${gave} an access key with characters that no AWS key has`);
  }
  // ASIA: temporary (IAM user guide, "Understanding unique ID prefixes").
  if (sessionToken === undefined && accessKeyId.startsWith('ASIA')) {
    throw unusable(`${gave} a temporary access key without its session token`);
  }
  const seconds = expiration === undefined ? undefined : Math.floor(expiration.getTime() / 1000);
  if (Number.isNaN(seconds)) throw unusable(`${gave} an expiration that is no time`);
  if (seconds !== undefined && seconds * 1000 <= world.now()) {
    throw new UserError(
      Exit.refused,
      'expired-credentials',
      `${gave} credentials that expired at ${sayTimeAndZone(seconds, world.now())}`,
      hint,
    );
  }
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken === undefined ? undefined : new Secret(sessionToken),
    ...(seconds === undefined ? {} : { expiration: seconds }),
    accountId: checkedAccount(raw.accountId),
  };
}

/** A blank or a control character breaks the signature, and STS's answer would show the key. */
function isWellFormed(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function unusable(message: string): UserError {
  return new UserError(
    Exit.configuration,
    'unusable-credentials',
    message,
    'Look at what gives the credentials; awsmfa does not show them.',
  );
}
