import type { SharedFiles } from '../config/files.ts';
import { sessionIn } from '../config/session-section.ts';
import { isTemporary } from '../credentials.ts';
import { expected, type UserError } from '../errors.ts';
import { printable } from '../text.ts';
import type { Environment } from '../world.ts';
import {
  byDefault,
  environmentProfile,
  noLongerExported,
  noRoleForToken,
  type ProfileChoice,
  unnamedProfile,
} from './choice.ts';
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
  settingsOf,
} from './profile.ts';
import {
  noCredentials,
  noEnvironment,
  noRoleSource,
  noSource,
  noSuchProfile,
  sourceCycle,
  twoSources,
  unknownSource,
} from './unresolved.ts';

/**
 * The profile that was chosen, with its keys, or its role and its source.
 *
 * @throws UserError configuration: no such profile, no credentials, half a pair of keys, a cycle of sources, a setting
 *   that another one needs, a line that cannot be read in a section that is used
 */
export function resolveProfile(
  choice: ProfileChoice,
  files: SharedFiles,
  env: Environment,
  writtenFrom?: WrittenFrom,
): Profile {
  return profileResolver(files, env, writtenFrom)(choice);
}

/** `resolveProfile` for many profiles of the same files. Each source is resolved once. */
export function profileResolver(
  files: SharedFiles,
  env: Environment,
  writtenFrom: WrittenFrom = () => undefined,
): (choice: ProfileChoice) => Profile {
  const from: From = { files, env, writtenFrom, sources: new Map() };
  return (choice) => {
    const unnamed = choice.by === byDefault || choice.name === environmentProfile;
    const exported = unnamed ? unnamedProfile(files, env) : undefined;
    if (exported) return exported;
    if (choice.name === environmentProfile) throw noLongerExported();
    if (!exists(choice.name, files)) throw noSuchProfile(choice, files);
    const hop = hopOf(choice.name, true, from);
    if ('error' in hop) throw hop.error(choice.name, choice.name);
    return 'profile' in hop ? hop.profile : chosenLink(hop, from);
  };
}

/** The profile whose session `write` put into a section, if it is remembered. */
export type WrittenFrom = (section: string) => string | undefined;

interface From {
  readonly files: SharedFiles;
  readonly env: Environment;
  readonly writtenFrom: WrittenFrom;
  /** Profiles as sources of others. As the chosen one, a profile may be something else (`hopOf`). */
  readonly sources: Map<string, Resolved>;
}

interface Found {
  readonly profile: Profile;
}

type Resolved = Found | Failure;

interface Failure {
  readonly error: (chosen: string, askedBy: string) => UserError;
  /** The role whose source failed. */
  readonly askedBy?: string;
}

/** A profile whose source is another profile: a role, or without `roleArn` another name for the source (aws-vault). */
interface Link {
  readonly named: Named;
  readonly roleArn: Setting | undefined;
  readonly source: string;
  /** The role of the session that `write` put there, which may differ from the source. */
  readonly writtenRole?: string | undefined;
}

/** The chosen profile if its credentials come from another profile. */
function chosenLink(first: Link, from: From): Profile {
  const { name } = first.named;
  const known = from.sources.get(first.source);
  const resolved = known ?? resolveSource(first, from);
  if ('error' in resolved) throw resolved.error(name, resolved.askedBy ?? name);
  // A source with keys of its own ends a chain, but the chosen profile does not: the chain is a circle.
  const round = first.named.setting('aws_access_key_id') && chainTo(name, resolved.profile);
  if (round) throw sourceCycle([name, ...round]);
  return fromSource(first, resolved.profile);
}

function fromSource({ named, roleArn, writtenRole }: Link, source: Profile): Profile {
  if (roleArn) return { ...named, kind: 'role', roleArn, source };
  if (writtenRole && !(source.kind === 'role' && source.roleArn.value === writtenRole)) {
    const by = `assumed_role_arn of profile "${printable(named.name, 60)}"`;
    return { ...named, kind: 'role', roleArn: { value: writtenRole, by }, source };
  }
  const own: Named = { name: named.name, setting: (key) => named.setting(key) ?? source.setting(key) };
  if (source.kind === 'role' || 'keys' in source) return { ...source, ...own };
  return { ...source, ...own, section: source.section ?? source.name };
}

/** A loop and no recursion, because a chain of roles may have thousands of links. */
function resolveSource(first: Link, from: From): Resolved {
  const path = [first];
  const positions = new Map<string, number>();
  let resolved: Resolved | undefined;
  while (!resolved) {
    const last = path.at(-1) as Link;
    resolved = from.sources.get(last.source);
    if (resolved) break;
    const position = positions.get(last.source);
    const next = position === undefined ? sourceHop(last.source, from) : circleOf(path.slice(position));
    if ('source' in next) {
      positions.set(last.source, path.length);
      path.push(next);
    } else {
      resolved = next;
      if (position === undefined) from.sources.set(last.source, next);
    }
  }
  for (const link of path.slice(1).reverse()) {
    resolved = linked(link, resolved);
    from.sources.set(link.named.name, resolved);
  }
  return resolved;
}

function linked(link: Link, resolved: Resolved): Resolved {
  if ('error' in resolved) return { askedBy: link.named.name, ...resolved };
  return { profile: fromSource(link, resolved.profile) };
}

function sourceHop(source: string, from: From): Link | Resolved {
  if (!exists(source, from.files)) {
    return { error: (_, askedBy) => noSource(askedBy, source, from.files) };
  }
  try {
    const hop = hopOf(source, false, from);
    if (!('profile' in hop) || !('keys' in hop.profile)) return hop;
    return { profile: { ...hop.profile, skippedRole: settingsOf(source, from.files)('role_arn') } };
  } catch (thrown) {
    const error = expected(thrown);
    return { error: () => error };
  }
}

function circleOf(links: readonly Link[]): Failure {
  const names = links.map(({ named }) => named.name);
  return {
    error: (chosen) => {
      const start = Math.max(names.indexOf(chosen), 0);
      const circle = [...names.slice(start), ...names.slice(0, start)];
      return sourceCycle([...circle, circle[0] as string], chosen);
    },
  };
}

/** The names from a source to the profile of this name, if its chain goes through it. */
function chainTo(name: string, source: Profile): readonly string[] | undefined {
  const names: string[] = [];
  for (let profile: Profile | undefined = source; profile; profile = below(profile)) {
    names.push(profile.name);
    if (profile.name === name) return names;
  }
  return undefined;
}

function below(profile: Profile): Profile | undefined {
  return profile.kind === 'role' && profile.source.name !== profile.name ? profile.source : undefined;
}

/**
 * One step on the way from the chosen profile to its keys. The order is botocore's
 * (`create_credential_resolver`, `AssumeRoleProvider._resolve_credentials_from_profile`): on the first hop a role
 * comes before everything, on later hops static keys come before a role.
 *
 * @throws UserError configuration
 */
function hopOf(name: string, isFirst: boolean, from: From): Link | Resolved {
  const { files } = from;
  const [section, longTerm] = checkedSections(name, files);
  const named: Named = { name, setting: settingsIn(section, longTerm) };
  const role = section?.get('role_arn');
  const webIdentity = section?.get('web_identity_token_file');

  if (role && !webIdentity && (isFirst || !keysOf(name, files))) return roleHop(named, from);
  if (webIdentity) {
    if (!role) throw noRoleForToken(`web_identity_token_file of profile "${printable(name, 60)}"`);
    return { profile: { ...named, kind: 'web-identity' } };
  }
  if (isSso(section)) return { profile: ssoProfile(named, files) };
  const inCredentials = keysIn(files.credentials(name));
  if (inCredentials) {
    const profile = keysProfile(named, renewable(inCredentials, files));
    return (profile.kind === 'temporary' && writtenHop(named, from)) || { profile };
  }
  if (section?.get('login_session')) return { profile: { ...named, kind: 'login' } };
  if (section?.get('credential_process')) return { profile: { ...named, kind: 'process' } };
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

/** For a session that `write` put there: another name for the profile that the session came from. */
function writtenHop(named: Named, { files, writtenFrom }: From): Link | undefined {
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

function roleHop(named: Named, { files, env }: From): Link | Found {
  const { name, setting } = named;
  const roleArn = setting('role_arn') as Setting;
  const sourceName = setting('source_profile')?.value;
  const credentialSource = setting('credential_source')?.value;
  const role = (source: Profile): Found => ({ profile: { ...named, kind: 'role', roleArn, source } });
  if (sourceName && credentialSource) throw twoSources(name);
  if (credentialSource) return role(credentialSourceProfile(named, credentialSource, env));
  if (sourceName === undefined) {
    // aws-mfa keeps the keys in NAME-long-term; aws-vault assumes the role with the profile's own keys.
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

/** botocore ignores the case of the word. `Environment` means the exported keys, temporary or not. */
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
