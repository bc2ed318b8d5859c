import type { Profile } from './profile.ts';

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

const ssoKeys = ['sso_session', 'sso_start_url', 'sso_account_id', 'sso_role_name'];
