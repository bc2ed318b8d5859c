import type { SharedFiles } from '../config/files.ts';
import { type Credentials, isTemporary } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Environment } from '../world.ts';
import { byDefault, environmentProfile, type ProfileChoice } from './choice.ts';
import { checkSso, isSso, namesSso } from './identity-center.ts';
import { environmentCredentials, type FileKeys, keysIn, keysOf } from './keys.ts';
import { checkLines, type Setting, type Settings, settingsOf } from './setting.ts';
import { unnamedProfile } from './unnamed.ts';
import {
  noCredentials,
  noEnvironment,
  noRoleForToken,
  noSource,
  noSuchProfile,
  sourceCycle,
  sourceUnclear,
} from './unresolved.ts';

export type { Setting } from './setting.ts';

/** What a profile is, with everything that it is made of; resolved before anything is sent. */
export type Profile = KeysProfile | RoleProfile | ProvidedProfile;

interface Named {
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
}

/** A role that is assumed with the credentials of its source. */
export interface RoleProfile extends Named {
  readonly kind: 'role';
  readonly roleArn: Setting;
  readonly source: Profile;
}

/** Credentials that one of the AWS SDK's providers finds. */
export interface ProvidedProfile extends Named {
  readonly kind: ProviderKind;
}

export type ProviderKind =
  | 'process'
  | 'sso'
  | 'web-identity'
  | 'login'
  | 'Ec2InstanceMetadata'
  | 'EcsContainer';

/**
 * The profile that was chosen, with its keys, or its role and the way to it.
 *
 * @throws UserError configuration: no such profile, no credentials, half a pair of keys, a cycle of sources, a setting
 *   that another one needs, a line that cannot be read in a section that is used
 */
export function resolveProfile(choice: ProfileChoice, files: SharedFiles, env: Environment): Profile {
  const unnamed = choice.by === byDefault || choice.name === environmentProfile;
  const exported = unnamed ? unnamedProfile(files, env) : undefined;
  if (exported) return exported;
  if (choice.name === environmentProfile) {
    throw new UserError(
      Exit.configuration,
      'no-environment-keys',
      "This shell's session came from credentials in the environment, and they are no longer there",
      'Export them again, or name a profile: awsmfa use NAME',
    );
  }
  if (!exists(choice.name, files)) throw noSuchProfile(choice, files);
  return resolve(choice.name, [], { files, env });
}

/** The region that the files give a profile; undefined for none, and for a profile that is gone. */
export function configuredRegion(name: string | undefined, files: SharedFiles): string | undefined {
  if (!name) return undefined;
  return settingsOf(name === environmentProfile ? 'default' : name, files)('region')?.value;
}

interface From {
  readonly files: SharedFiles;
  readonly env: Environment;
}

/**
 * One profile on the way from the chosen one to its keys. What outranks what is botocore's order
 * (`create_credential_resolver`, `AssumeRoleProvider._resolve_credentials_from_profile`): on the first hop a role
 * comes before everything, on later hops static keys come before a role.
 *
 * @param above the profiles that led here, the chosen one first
 */
function resolve(name: string, above: readonly string[], from: From): Profile {
  const { files } = from;
  checkLines(name, files);
  const section = files.profile(name);
  const named: Named = { name, setting: settingsOf(name, files) };
  const has = (key: string) => section?.get(key) !== undefined;
  const webIdentity = has('web_identity_token_file');
  const first = above.length === 0;

  if (has('role_arn') && !webIdentity && (first || !keysOf(name, files))) {
    return roleProfile(named, above, from);
  }
  if (webIdentity) {
    if (!has('role_arn')) throw noRoleForToken(`web_identity_token_file of profile "${printable(name, 60)}"`);
    return { ...named, kind: 'web-identity' };
  }
  if (isSso(section)) return ssoProfile(named, files);
  const inCredentials = keysIn(files.credentials(name));
  if (inCredentials) return keysProfile(named, renewable(inCredentials, files));
  if (has('login_session')) return { ...named, kind: 'login' };
  if (has('credential_process')) return { ...named, kind: 'process' };
  const keys = keysIn(files.config(name)) ?? keysOf(`${name}-long-term`, files);
  if (keys) return keysProfile(named, renewable(keys, files));
  if (namesSso(section)) return ssoProfile(named, files);
  throw noCredentials(name, above.at(-1), files);
}

/** aws-mfa keeps the session in [NAME] and the keys that renew it in [NAME-long-term]. */
function renewable(keys: FileKeys, files: SharedFiles): FileKeys {
  if (!isTemporary(keys)) return keys;
  const longTerm = keysOf(`${keys.section}-long-term`, files);
  return longTerm && !isTemporary(longTerm) ? longTerm : keys;
}

function keysProfile(named: Named, file: FileKeys): KeysProfile {
  return { ...named, kind: isTemporary(file) ? 'temporary' : 'long-term', keys: file, file };
}

function ssoProfile(named: Named, files: SharedFiles): ProvidedProfile {
  checkSso(named.name, files);
  return { ...named, kind: 'sso' };
}

function roleProfile(named: Named, above: readonly string[], from: From): RoleProfile {
  const { files } = from;
  const { name, setting } = named;
  const roleArn = setting('role_arn') as Setting;
  const sourceName = setting('source_profile')?.value;
  const credentialSource = setting('credential_source')?.value;
  if (sourceName && credentialSource) throw sourceUnclear(name);
  if (credentialSource) {
    return {
      ...named,
      kind: 'role',
      roleArn,
      source: credentialSourceProfile(named, credentialSource, from.env),
    };
  }
  if (sourceName === undefined) {
    // aws-mfa's convention says where the keys of NAME are.
    const longTerm = keysOf(`${name}-long-term`, files);
    if (!longTerm) throw sourceUnclear(name);
    return { ...named, kind: 'role', roleArn, source: keysProfile(named, longTerm) };
  }
  if (!exists(sourceName, files)) throw noSource(name, sourceName, files);
  // A profile may name itself, to hold its role and its keys in one place.
  const own = sourceName === name ? keysOf(name, files) : undefined;
  if (own) return { ...named, kind: 'role', roleArn, source: keysProfile(named, own) };
  const chain = [...above, name];
  if (chain.includes(sourceName)) throw sourceCycle([...chain, sourceName]);
  return { ...named, kind: 'role', roleArn, source: resolve(sourceName, chain, from) };
}

/** botocore compares the word without regard to case. Who names the environment means it, temporary or not. */
function credentialSourceProfile(named: Named, word: string, env: Environment): Profile {
  if (word.toLowerCase() === 'environment') {
    const keys = environmentCredentials(env);
    if (!keys) throw noEnvironment(named.name);
    return { ...named, kind: isTemporary(keys) ? 'temporary' : 'long-term', keys, file: undefined };
  }
  const kind = (['Ec2InstanceMetadata', 'EcsContainer'] as const).find(
    (known) => known.toLowerCase() === word.toLowerCase(),
  );
  if (!kind) throw sourceUnclear(named.name, word);
  return { ...named, kind };
}

function exists(name: string, files: SharedFiles): boolean {
  return files.has(name) || files.has(`${name}-long-term`);
}
