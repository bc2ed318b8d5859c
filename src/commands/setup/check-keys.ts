import { type Credentials, shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import { settingsOf } from '../../profile/profile.ts';
import { stsEndpoint } from '../../sts/endpoint.ts';
import { unknownKey } from '../../sts/errors.ts';
import type { Guide } from './guide.ts';

export interface CsvFile {
  readonly csv: string;
}

/** Long-term keys that STS has taken, and that stand in no profile yet. */
export interface FreshKeys {
  readonly keys: Credentials;
  /** Of the user whose keys they are. */
  readonly arn: string;
  readonly from: 'typing' | 'environment' | CsvFile;
}

/**
 * Asks STS whose keys these are, so that a mistyped key is found before anything is written.
 *
 * @throws UserError; `isMistyped` when other keys can mend it
 */
export async function checkKeys(
  keys: Credentials,
  from: FreshKeys['from'],
  guide: Guide,
): Promise<FreshKeys> {
  const { options, env, files, world } = guide;
  const profile = profileOf(options.profile ?? 'default', keys, guide);
  const endpoint = stsEndpoint(options.request, env, profile, files);
  const { identify } = await import('../../sts/identity.ts');
  try {
    const asking = identify(keys, profile.name, endpoint, world.now);
    const { arn } = await guide.ui.sayIfSlow('Asking AWS whose access key this is', asking);
    guide.say(`The access key ${shortKey(keys.accessKeyId)} belongs to ${who(arn)}`);
    return { keys, arn, from };
  } catch (error) {
    throw error instanceof UserError ? ofNewKeys(error, keys, endpoint.region) : error;
  }
}

/** The profile that these keys are going to be, as far as the files describe it already. */
export function profileOf(name: string, keys: Credentials, { files }: Guide): KeysProfile {
  return { kind: 'long-term', name, setting: settingsOf(name, files), keys, file: undefined };
}

/** True when the keys were most likely mistyped. */
export function isMistyped(error: unknown): error is UserError {
  return error instanceof UserError && mistyped.has(error.code);
}

const mistyped = new Set([unknownKey, 'wrong-secret']);

/** The usual words are about keys in a file, and how to correct that. */
function ofNewKeys(error: UserError, { accessKeyId }: Credentials, region: string): UserError {
  const key = shortKey(accessKeyId);
  if (error.code === unknownKey) {
    return new UserError(
      Exit.refused,
      error.code,
      `AWS does not know the access key ${key} in ${region}: mistyped, deleted or disabled`,
      'Look in IAM whether it is there and active. For keys of China or GovCloud name a region of theirs: --region',
    );
  }
  if (error.code === 'wrong-secret') {
    return new UserError(
      Exit.refused,
      error.code,
      `AWS knows the access key ${key}, and has another secret for it`,
      'Copy both again, from the same line of the same file.',
    );
  }
  return error;
}

/** `alice in account 123456789012`. */
function who(arn: string): string {
  const [, account, name] = /^arn:[^:]*:iam::(\d*):(?:user\/(?:.*\/)?)?(.+)$/.exec(arn) ?? [];
  if (!account || !name) return printable(arn, 120);
  return `${name === 'root' ? 'the root user' : printable(name, 60)} in account ${account}`;
}
