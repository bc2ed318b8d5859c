import { accountOf } from '../credentials.ts';
import { sayAge } from '../duration.ts';
import type { ListedKind } from '../profile/profile.ts';

/** One profile, as far as it is known without a question or a call. */
export interface Row {
  readonly profile: string;
  readonly kind: ListedKind;
  readonly sourceProfile: string | undefined;
  readonly credentialSource: string | undefined;
  readonly roleArn: string | undefined;
  /** The account that the profile names, by a key of its own. */
  readonly account: string | undefined;
  /** The key store that has the secret of its long-term key. */
  readonly keyStore?: string | undefined;
  /** When its long-term key was made, in epoch seconds, as IAM once told. */
  readonly keyCreated?: number | undefined;
  /** The device that would be used, where that is known. */
  readonly mfaSerial: string | undefined;
  readonly region: string | undefined;
  readonly durationSeconds: number | undefined;
  /** The session that `env` would use, or would have used before it expired. */
  readonly cached: Cached | undefined;
}

export interface Cached {
  readonly accessKeyId: string;
  /** Epoch seconds. */
  readonly expiration: number;
  /** Epoch seconds, as far as it can be told. */
  readonly issued: number;
}

/** @param now epoch seconds */
export function shownKey({ keyStore, keyCreated }: Row, now: number): string | undefined {
  const age = keyCreated === undefined ? undefined : sayAge(keyCreated, now);
  return [keyStore, age].filter(Boolean).join(', ') || undefined;
}

/** The account of a profile as far as the files tell: of its role, else of its device. */
export function accountIn({ account, roleArn, mfaSerial }: Row): string | undefined {
  return account ?? accountOf(roleArn) ?? accountOf(mfaSerial);
}

/** The name of its role, with the path. */
export function roleName({ roleArn }: Row): string | undefined {
  return roleArn?.replace(/^arn:[^/]*:role\//, '');
}

/** What a person may type to find a profile, in lower case. */
export function wordsIn(row: Row): string {
  return [row.profile, roleName(row), accountIn(row)].filter(Boolean).join('\n').toLowerCase();
}
