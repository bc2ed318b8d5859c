import type { SharedFiles } from '../config/files.ts';
import type { ProfileSection } from '../config/section.ts';
import { printable } from '../printable.ts';
import { incompleteSession, incompleteSso, inconsistentSso, noSsoSession } from './unresolved.ts';

/**
 * Whether IAM Identity Center gives this profile its credentials: an account or a role says so (botocore's
 * `SSOProvider._load_sso_config`). With `sso_session` alone it gives tokens to other programs, and the credentials may
 * come from elsewhere.
 */
export function isSso(section: ProfileSection | undefined): boolean {
  return (section?.get('sso_account_id') ?? section?.get('sso_role_name')) !== undefined;
}

/** Whether a profile has to do with IAM Identity Center at all. */
export function namesSso(section: ProfileSection | undefined): boolean {
  return (section?.get('sso_session') ?? section?.get('sso_start_url')) !== undefined;
}

const ofProfile = ['sso_account_id', 'sso_role_name'];
const ofSession = ['sso_start_url', 'sso_region'];

/**
 * What can be said of an IAM Identity Center profile before anybody is asked. With `sso_session`, the start URL and the
 * region are the session's, in its own section (AWS SDKs and Tools reference guide, "IAM Identity Center credential
 * provider"; botocore's `SSOTokenProvider` looks nowhere else), and what the profile repeats must be the same
 * (`SSOProvider._resolve_sso_session_reference`); account and role may both be absent then, for a profile that is there
 * for its token. Without a session, the legacy form, the profile has all four.
 *
 * @throws UserError configuration
 */
export function checkSso(name: string, files: SharedFiles): void {
  const profile = files.profile(name);
  const has = (key: string) => profile?.get(key) !== undefined;
  const sessionName = profile?.get('sso_session');
  if (sessionName !== undefined) checkSession(name, sessionName, files);
  const isToken = sessionName !== undefined && !ofProfile.some(has);
  const needed = [...(sessionName === undefined ? ofSession : []), ...(isToken ? [] : ofProfile)];
  const missing = needed.find((key) => !has(key));
  if (missing !== undefined) throw incompleteSso(name, missing);
}

function checkSession(name: string, sessionName: string, files: SharedFiles): void {
  const session = files.ssoSession(sessionName);
  if (!session) throw noSsoSession(name, sessionName, files);
  const profile = files.profile(name);
  for (const key of session.keys()) {
    const [own, shared] = [profile?.get(key), session.get(key)];
    if (own !== undefined && shared !== undefined && own !== shared)
      throw inconsistentSso(name, key, own, shared);
  }
  const missing = ofSession.find((key) => session.get(key) === undefined);
  if (missing !== undefined) {
    throw incompleteSession(printable(sessionName, 60), missing, profile?.get(missing) !== undefined);
  }
}
