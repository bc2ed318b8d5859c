import type { SharedFiles } from '../config/files.ts';
import type { ProfileSection } from '../config/section.ts';
import type { Credentials } from '../credentials.ts';
import type { Setting } from '../request.ts';
import { printable } from '../text.ts';
import type { FileKeys } from './keys.ts';
import { longTermSection } from './long-term.ts';

export type { Setting } from '../request.ts';

/** What a profile is, with everything that it is made of; resolved before anything is sent (`resolve.ts`). */
export type Profile = KeysProfile | RoleProfile | ProvidedProfile;

export interface Named {
  /** The name the user calls it by. */
  readonly name: string;
  /** A setting of the profile, else of the section that holds its keys; lower-case key. */
  readonly setting: Settings;
}

/** An access key: `long-term`, or `temporary` when it comes with a session token. */
export interface KeysProfile extends Named {
  readonly kind: 'long-term' | 'temporary';
  readonly keys: Credentials;
  /** Undefined for keys in the environment. */
  readonly file: FileKeys | undefined;
  /** The `role_arn` of a source that has keys too: the keys come first there. */
  readonly skippedRole?: Setting | undefined;
}

/** A role that is assumed with the credentials of its source. */
export interface RoleProfile extends Named {
  readonly kind: 'role';
  readonly roleArn: Setting;
  readonly source: Profile;
}

/** Credentials from one of the other providers that the AWS SDKs know. */
export interface ProvidedProfile extends Named {
  readonly kind: ProviderKind;
  /** The profile in the files that names the provider, where `name` only refers to it. */
  readonly section?: string;
}

export type ProviderKind =
  | 'process'
  | 'sso'
  | 'web-identity'
  | 'login'
  | 'Ec2InstanceMetadata'
  | 'EcsContainer';

/** Asks a profile for a setting, by its key in lower case. */
export type Settings = (key: string) => Setting | undefined;

/**
 * The settings of a profile and of those that it includes, else those of `[NAME-long-term]`, where aws-mfa has its keys
 * and device. An empty value counts as none, but for `mfa_serial`: empty, it says that the profile needs no MFA.
 */
export function settingsOf(name: string, files: SharedFiles): Settings {
  return settingsIn(files.profile(name), files.profile(longTermSection(name)));
}

/** `settingsOf` for the sections of NAME and NAME-long-term. */
export function settingsIn(own: ProfileSection | undefined, longTerm: ProfileSection | undefined): Settings {
  return (key) => {
    // Most settings are nowhere, and `list` asks 2,000 profiles for a dozen.
    if ((own?.get(key) ?? longTerm?.get(key)) === undefined && key !== 'mfa_serial') return undefined;
    return (own && settingIn(own, key)) ?? (longTerm && settingIn(longTerm, key));
  };
}

type Section = ProfileSection | undefined;

/** The sections of NAME and NAME-long-term. @throws UserError (malformed-file) for a line in them that no reader takes */
export function checkedSections(
  name: string,
  files: SharedFiles,
): readonly [own: Section, longTerm: Section] {
  const own = files.profile(name);
  const longTerm = files.profile(longTermSection(name));
  own?.check();
  longTerm?.check();
  return [own, longTerm];
}

/** What the tools do with ` #` or ` ;` in a credential_process, and how to fix it. */
export const cutCommand =
  'at a # or ; behind a blank: awsmfa and the SDK for JavaScript read a comment there, the AWS CLI and boto3 give it to the program';
export const mendCommand =
  'Put a comment on a line of its own, and a command that needs the character into a script.';

function settingIn(section: ProfileSection, key: string): Setting | undefined {
  const value = section.get(key) ?? (key === 'mfa_serial' && section.has(key) ? '' : undefined);
  if (value === undefined) return undefined;
  const profile = section.included.length > 0 ? section.value(key)?.profile : undefined;
  const by = `${key} of profile "${printable(profile ?? section.name, 60)}"`;
  const isCut = key === 'credential_process' && section.hasComment(key);
  return isCut ? { value, by, isCut } : { value, by };
}

/** The profile at the far end of a chain of roles, which has the credentials. */
export function sourceOf(profile: Profile): Exclude<Profile, RoleProfile> {
  return profile.kind === 'role' ? sourceOf(profile.source) : profile;
}

/** The note about a role of the profile's source that is not assumed; undefined for none. */
export function skippedRole(profile: Profile): string | undefined {
  const source = sourceOf(profile);
  const { value = '' } = ('keys' in source && source.skippedRole) || {};
  if (value === '' || !('keys' in source)) return undefined;
  const name = printable(source.file?.section ?? source.name, 60);
  return `the role of its source ${name} is skipped, because ${name} has keys too, and they come first, as in the AWS CLI (${printable(value, 120)})`;
}

/**
 * The profile with this role: its credentials assume it. In a profile that is a role already, the ARN is replaced. How
 * long the session of its keys lives says nothing about the role.
 */
export function withRole(profile: Profile, roleArn: Setting | undefined): Profile {
  if (!roleArn) return profile;
  if (profile.kind === 'role') return { ...profile, roleArn };
  const setting: Settings = (key) => (key === 'duration_seconds' ? undefined : profile.setting(key));
  return { kind: 'role', name: profile.name, setting, roleArn, source: profile };
}

/** What `list` calls a profile. */
export type ListedKind = 'long-term' | 'role' | 'process' | 'sso' | 'web-identity' | 'login' | 'none';

/** `none`: no session can come from it. Temporary keys are a session already. */
export function listedKind({ kind }: Profile): ListedKind {
  if (kind === 'temporary') return 'none';
  // A profile has these only as sources of a role.
  return kind === 'Ec2InstanceMetadata' || kind === 'EcsContainer' ? 'role' : kind;
}

/** The kind that a profile which cannot be resolved seems to have. */
export function intendedKind(get: (key: string) => string | undefined): ListedKind {
  if (get('web_identity_token_file')) return 'web-identity';
  if (get('role_arn')) return 'role';
  return ssoKeys.some(get) ? 'sso' : 'none';
}

const ssoKeys = ['sso_session', 'sso_start_url', 'sso_account_id', 'sso_role_name'];
