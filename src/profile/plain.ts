import { type PlainText, valueIn } from './bulk.ts';

/** A profile of one of the two commonest shapes. */
export interface PlainProfile {
  readonly kind: 'long-term' | 'role';
  readonly accessKeyId: string | undefined;
  readonly roleArn: string | undefined;
  readonly sourceProfile: string | undefined;
  readonly mfaSerial: string | undefined;
  readonly region: string | undefined;
  readonly duration: string | undefined;
}

/**
 * A role with a source profile, or long-term keys in the credentials file, told from the text alone; undefined for any
 * other, because `resolveProfile` has the rules.
 */
export function plainProfile({ config, credentials }: PlainText): PlainProfile | undefined {
  if (!known.test(config) || !knownWithKeys.test(credentials)) return undefined;
  const value = (key: `\n${string}`) => valueIn(credentials, key) ?? valueIn(config, key);
  const roleArn = value('\nrole_arn');
  const sourceProfile = value('\nsource_profile');
  const accessKeyId = valueIn(credentials, '\naws_access_key_id');
  if (roleArn === undefined) {
    const secret = valueIn(credentials, '\naws_secret_access_key');
    if (accessKeyId === undefined || secret === undefined) return undefined;
    // Keys that are temporary, or none.
    if (accessKeyId.startsWith('ASIA') || /\s/.test(accessKeyId) || /\s/.test(secret)) return undefined;
  } else if (sourceProfile === undefined) return undefined;
  return {
    kind: roleArn === undefined ? 'long-term' : 'role',
    accessKeyId,
    roleArn,
    sourceProfile,
    mfaSerial: value('\nmfa_serial'),
    region: value('\nregion'),
    duration: value('\nduration_seconds'),
  };
}

/** Keys that do not change what a profile is, or do so in the way that is looked at above. */
const known = onlyKeys(
  'role_arn|source_profile|mfa_serial|region|duration_seconds|output|role_session_name|external_id',
);
const knownWithKeys = onlyKeys(
  'aws_access_key_id|aws_secret_access_key|role_arn|source_profile|mfa_serial|region|duration_seconds|output',
);

function onlyKeys(keys: string): RegExp {
  return new RegExp(`^\\s*(?:(?:${keys})[ \\t]*=[^\\n]*\\s*)*$`);
}
