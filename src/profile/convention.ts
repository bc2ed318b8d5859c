import type { SharedFiles } from '../config/files.ts';
import { isTemporary } from '../credentials.ts';
import { isSso } from './identity-center.ts';
import { keysOf } from './keys.ts';
import { longTerm, suffixed } from './section-names.ts';

/**
 * The NAME of aws-mfa's pair, `[NAME-long-term]` with the keys and `[NAME]` for the session, when a profile is one of
 * the two. With keys or a role of its own, `[NAME]` is a profile like any other.
 */
export function pairName(profile: string, files: SharedFiles): string | undefined {
  if (profile.endsWith(`-${longTerm}`) && files.has(profile)) {
    return profile.slice(0, -`-${longTerm}`.length) || undefined;
  }
  return files.has(suffixed(profile, longTerm)) && !standsAlone(profile, files) ? profile : undefined;
}

function standsAlone(profile: string, files: SharedFiles): boolean {
  const section = files.profile(profile);
  if (isOutranked(profile, files) || others.some((key) => section?.get(key))) return true;
  const keys = keysOf(profile, files);
  return keys !== undefined && !isTemporary(keys);
}

const others = ['credential_process', 'login_session'];

/**
 * Whether tools would take something else of this profile before the keys in its section of the credentials file. A role
 * whose source is the profile itself is assumed with them.
 */
export function isOutranked(profile: string, files: SharedFiles): boolean {
  const section = files.profile(profile);
  if (isSso(section) || section?.get('web_identity_token_file')) return true;
  return section?.get('role_arn') !== undefined && section.get('source_profile') !== profile;
}
