import type { SharedFiles } from '../config/files.ts';
import type { ProfileSection } from '../config/section.ts';
import { Exit, UserError } from '../errors.ts';
import { optionWord, printable } from '../text.ts';

/**
 * Whether the credentials of this profile come from IAM Identity Center: it names an account or a role (botocore's
 * `SSOProvider._load_sso_config`). With `sso_session` alone it gives tokens to other programs, and the credentials may
 * come from elsewhere.
 */
export function isSso(section: ProfileSection | undefined): boolean {
  return (section?.get('sso_account_id') ?? section?.get('sso_role_name')) !== undefined;
}

/** Whether a profile names IAM Identity Center at all. */
export function namesSso(section: ProfileSection | undefined): boolean {
  return (section?.get('sso_session') ?? section?.get('sso_start_url')) !== undefined;
}

const ofProfile = ['sso_account_id', 'sso_role_name'];
const ofSession = ['sso_start_url', 'sso_region'];

/**
 * Checks the settings of an IAM Identity Center profile before anything is asked or sent. With `sso_session`, the start URL and the
 * region are the session's, in its own section (AWS SDKs and Tools reference guide, "IAM Identity Center credential
 * provider"; botocore's `SSOTokenProvider` looks nowhere else), and what the profile repeats must be the same
 * (`SSOProvider._resolve_sso_session_reference`); account and role may both be absent then, for a profile that only
 * gives a token. Without a session, the legacy form, the profile has all four.
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
    throw incompleteSession(sessionName, missing, profile?.get(missing) !== undefined);
  }
}

function noSsoSession(name: string, session: string, files: SharedFiles): UserError {
  return ssoError(
    `Profile "${shown(name)}" has sso_session "${shown(session)}", and there is no [sso-session ${shown(session)}] in ${printable(files.configPath)}`,
    'Add it with: aws configure sso-session',
  );
}

export function incompleteSso(name: string, missing: string): UserError {
  return ssoError(
    `Profile "${shown(name)}" is for IAM Identity Center and has no ${missing}`,
    `Complete it with: aws configure sso ${optionWord('--profile', name)}`,
  );
}

/** @param misplaced the profile has it instead */
function incompleteSession(session: string, missing: string, misplaced: boolean): UserError {
  return ssoError(
    `[sso-session ${shown(session)}] has no ${missing}`,
    misplaced ? `Move ${missing} there from the profile.` : 'Complete it with: aws configure sso-session',
  );
}

function inconsistentSso(name: string, key: string, own: string, shared: string): UserError {
  return ssoError(
    `${key} of profile "${shown(name)}" is "${printable(own, 80)}", and of its sso-session "${printable(shared, 80)}"`,
    'Remove it from the profile.',
  );
}

function ssoError(message: string, hint: string): UserError {
  return new UserError(Exit.configuration, 'sso-configuration', message, hint);
}

function shown(name: string): string {
  return printable(name, 60);
}
