import type { SharedFiles } from '../config/files.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Environment } from '../world.ts';
import {
  byDefault,
  environmentProfile,
  noLongerExported,
  type ProfileChoice,
  unnamedProfile,
} from './choice.ts';
import { type Failure, hopOf, type Link, type Resolved, type Surroundings, type WrittenFrom } from './hop.ts';
import { exists } from './long-term.ts';
import { type Named, type Profile, settingsOf } from './profile.ts';
import { noSource, noSuchProfile, sourceCycle } from './unresolved.ts';

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

interface From extends Surroundings {
  /** Profiles as sources of others. As the chosen one, a profile may be something else (`hopOf`). */
  readonly sources: Map<string, Resolved>;
}

/** The chosen profile, when its credentials come from another one. */
function chosenLink(first: Link, from: From): Profile {
  const { name } = first.named;
  const known = from.sources.get(first.source);
  const resolved = known ?? resolveSource(first, from);
  if ('error' in resolved) throw resolved.error(name, resolved.askedBy ?? name);
  // The chosen profile's own keys do not end a circle, although they would if it were only a source.
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

/** A loop, because a chain of roles may have thousands of links. */
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
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
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
