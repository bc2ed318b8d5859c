import type { SharedFiles } from './files.ts';
import type { Profile } from './profile.ts';
import { checkLines } from './setting.ts';

/** What `list` calls a profile. */
export type ListedKind = 'long-term' | 'role' | 'process' | 'sso' | 'web-identity' | 'login' | 'none';

/** `none`: nothing that a session could come from, and that is true of keys that are a session themselves. */
export function listedKind({ kind }: Profile): ListedKind {
  switch (kind) {
    case 'temporary':
      return 'none';
    // They are sources of a role, and no profile by themselves.
    case 'Ec2InstanceMetadata':
    case 'EcsContainer':
      return 'role';
    default:
      return kind;
  }
}

/** What a profile that cannot be resolved was meant to be. */
export function intendedKind(get: (key: string) => string | undefined): ListedKind {
  if (get('web_identity_token_file')) return 'web-identity';
  if (get('role_arn')) return 'role';
  return ssoKeys.some(get) ? 'sso' : 'none';
}

/**
 * The kind of a profile of the two commonest shapes, told at a glance: a role with a source profile, long-term keys in
 * the credentials file. For all others, and there most of all, `resolveProfile` has the rules: undefined.
 *
 * @throws UserError for a line in the profile that no reader takes
 */
export function plainKind(name: string, files: SharedFiles): 'long-term' | 'role' | undefined {
  const section = files.profile(name);
  if (!section || rarer.some((key) => section.get(key) !== undefined)) return undefined;
  checkLines(name, files);
  if (section.get('role_arn')) return section.get('source_profile') ? 'role' : undefined;
  const keys = files.credentials(name);
  const [id, secret] = [keys?.get('aws_access_key_id'), keys?.get('aws_secret_access_key')];
  return isPlainKey(id) && isPlainKey(secret) && !id?.startsWith('ASIA') ? 'long-term' : undefined;
}

const ssoKeys = ['sso_session', 'sso_start_url', 'sso_account_id', 'sso_role_name'];

const rarer = [
  'web_identity_token_file',
  ...ssoKeys,
  'credential_source',
  'aws_session_token',
  'aws_security_token',
];

function isPlainKey(key: string | undefined): boolean {
  return key !== undefined && /^[\w/+=]+$/.test(key);
}
