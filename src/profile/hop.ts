import type { SharedFiles } from '../config/files.ts';
import { sessionIn } from '../config/session-section.ts';
import { isTemporary } from '../credentials.ts';
import type { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Environment } from '../world.ts';
import { noRoleForToken } from './choice.ts';
import { checkSso, isSso, namesSso } from './identity-center.ts';
import { environmentCredentials, type FileKeys, keysIn, keysOf } from './keys.ts';
import { exists, longTermSection, sourceByName } from './long-term.ts';
import {
  checkedSections,
  type KeysProfile,
  type Named,
  type Profile,
  type ProvidedProfile,
  type Setting,
  settingsIn,
} from './profile.ts';
import {
  noCredentials,
  noEnvironment,
  noRoleSource,
  sourceCycle,
  twoSources,
  unknownSource,
} from './unresolved.ts';

export interface Surroundings {
  readonly files: SharedFiles;
  readonly env: Environment;
  readonly writtenFrom: WrittenFrom;
}

/** The profile whose session `write` put into a section, as far as that is remembered. */
export type WrittenFrom = (section: string) => string | undefined;

interface Found {
  readonly profile: Profile;
}

export type Resolved = Found | Failure;

export interface Failure {
  readonly error: (chosen: string, askedBy: string) => UserError;
  /** The role whose source failed. */
  readonly askedBy?: string;
}

/** A profile whose source is another one: a role, or without `roleArn` another name for the source (aws-vault). */
export interface Link {
  readonly named: Named;
  readonly roleArn: Setting | undefined;
  readonly source: string;
  /** The role of the session that `write` put there, which need not be that of the source. */
  readonly writtenRole?: string | undefined;
}

/**
 * One profile on the way from the chosen one to its keys. The order is botocore's
 * (`create_credential_resolver`, `AssumeRoleProvider._resolve_credentials_from_profile`): on the first hop a role
 * comes before everything, on later hops static keys come before a role.
 *
 * @throws UserError configuration
 */
export function hopOf(name: string, isFirst: boolean, from: Surroundings): Link | Resolved {
  const { files } = from;
  const [section, longTerm] = checkedSections(name, files);
  const named: Named = { name, setting: settingsIn(section, longTerm) };
  const has = (key: string) => section?.get(key) !== undefined;
  const webIdentity = has('web_identity_token_file');

  if (has('role_arn') && !webIdentity && (isFirst || !keysOf(name, files))) return roleHop(named, from);
  if (webIdentity) {
    if (!has('role_arn')) throw noRoleForToken(`web_identity_token_file of profile "${printable(name, 60)}"`);
    return { profile: { ...named, kind: 'web-identity' } };
  }
  if (isSso(section)) return { profile: ssoProfile(named, files) };
  const inCredentials = keysIn(files.credentials(name));
  if (inCredentials) {
    const keys = renewable(inCredentials, files);
    return (isTemporary(keys) && writtenHop(named, from)) || { profile: keysProfile(named, keys) };
  }
  if (has('login_session')) return { profile: { ...named, kind: 'login' } };
  if (has('credential_process')) return { profile: { ...named, kind: 'process' } };
  const keys = keysIn(files.config(name)) ?? keysOf(longTermSection(name), files);
  if (keys) return { profile: keysProfile(named, renewable(keys, files)) };
  if (namesSso(section)) return { profile: ssoProfile(named, files) };
  const included = includedKeys(name, files);
  if (included) return { profile: keysProfile(named, renewable(included, files)) };
  const source = named.setting('source_profile')?.value;
  if (source !== undefined && source !== name) return { named, roleArn: undefined, source };
  return { error: (chosen, askedBy) => noCredentials(name, chosen === name ? undefined : askedBy, files) };
}

/** The keys of the nearest profile that a profile includes. */
function includedKeys(name: string, files: SharedFiles): FileKeys | undefined {
  for (const included of files.profile(name)?.included ?? []) {
    const keys = keysOf(included, files) ?? keysOf(longTermSection(included), files);
    if (keys) return keys;
  }
  return undefined;
}

/** A session that `write` put there: its profile is the one that it came from, under another name. */
function writtenHop(named: Named, { files, writtenFrom }: Surroundings): Link | undefined {
  const { name } = named;
  const session = sessionIn((key) => files.credentials(name)?.get(key));
  const source = session && (writtenFrom(name) ?? sourceByName(name, files));
  if (source === undefined || source === name || !exists(source, files)) return undefined;
  return { named, roleArn: undefined, source, writtenRole: session?.roleArn };
}

/** aws-mfa keeps the session in [NAME] and the keys that renew it in [NAME-long-term]. */
function renewable(keys: FileKeys, files: SharedFiles): FileKeys {
  if (!isTemporary(keys)) return keys;
  const longTerm = keysOf(longTermSection(keys.section), files);
  return longTerm && !isTemporary(longTerm) ? longTerm : keys;
}

function keysProfile({ name, setting }: Named, file: FileKeys): KeysProfile {
  return { kind: isTemporary(file) ? 'temporary' : 'long-term', name, setting, keys: file, file };
}

function ssoProfile(named: Named, files: SharedFiles): ProvidedProfile {
  checkSso(named.name, files);
  return { ...named, kind: 'sso' };
}

function roleHop(named: Named, { files, env }: Surroundings): Link | Found {
  const { name, setting } = named;
  const roleArn = setting('role_arn') as Setting;
  const sourceName = setting('source_profile')?.value;
  const credentialSource = setting('credential_source')?.value;
  const role = (source: Profile): Found => ({ profile: { ...named, kind: 'role', roleArn, source } });
  if (sourceName && credentialSource) throw twoSources(name);
  if (credentialSource) return role(credentialSourceProfile(named, credentialSource, env));
  if (sourceName === undefined) {
    // aws-mfa's convention says where the keys of NAME are; aws-vault assumes the role with the profile's own.
    const keys = keysOf(longTermSection(name), files) ?? keysOf(name, files) ?? includedKeys(name, files);
    if (!keys) throw noRoleSource(name, files);
    return role(keysProfile(named, keys));
  }
  // A profile may name itself, to hold its role and its keys in one place.
  const own = sourceName === name ? keysOf(name, files) : undefined;
  if (own) return role(keysProfile(named, own));
  if (sourceName === name) throw sourceCycle([name, name]);
  return { named, roleArn, source: sourceName };
}

/** botocore ignores the case of the word. `Environment` means the keys there, temporary or not. */
function credentialSourceProfile(named: Named, word: string, env: Environment): Profile {
  if (word.toLowerCase() === 'environment') {
    const keys = environmentCredentials(env);
    if (!keys) throw noEnvironment(named.name);
    return { ...named, kind: isTemporary(keys) ? 'temporary' : 'long-term', keys, file: undefined };
  }
  const kind = (['Ec2InstanceMetadata', 'EcsContainer'] as const).find(
    (known) => known.toLowerCase() === word.toLowerCase(),
  );
  if (!kind) throw unknownSource(named.name, word);
  return { ...named, kind };
}
