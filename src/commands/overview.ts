import type { Flags } from '../cli/invocation.ts';
import type { SharedFiles } from '../config/files.ts';
import { withoutOurRegion } from '../export/environment.ts';
import { type AllFiles, loadAllProfiles } from '../profile/bulk.ts';
import { configuredRegion } from '../profile/profile.ts';
import { cacheDirectory, openCache } from '../session/cache.ts';
import { glance } from '../session/glance.ts';
import type { World } from '../world.ts';
import { type Cached, type From, type Row, rowOf } from './row.ts';

export interface Overview {
  readonly files: SharedFiles;
  /** In file order. */
  readonly rows: readonly Row[];
}

/** Every profile, with the session it has now: nothing is asked, nothing is sent, and no profile fails the others. */
export function overview(flags: Flags, world: World): Overview {
  const files = loadAllProfiles(world);
  const from = origin(flags, files, world, files.plain);
  const names = callableNames(files);
  // Over before it pays: V8 would compile for the last third of the time, and the end would wait for it.
  if (names.length > 500) process.getBuiltinModule('node:v8').setFlagsFromString('--no-opt');
  return { files, rows: names.map((name) => rowOf(name, from)) };
}

/** The session in the cache that `env` would use for a profile, expired or not. */
export function cachedSession(name: string, files: SharedFiles, world: World): Cached | undefined {
  return rowOf(name, origin({}, files, world)).cached;
}

function origin(flags: Flags, files: SharedFiles, world: World, plain?: AllFiles['plain']): From {
  const env = withoutOurRegion(world.env, configuredRegion(world.env.AWSMFA_PROFILE, files));
  const directory = cacheDirectory(env, world.home);
  return {
    flags,
    env,
    // Errors that nobody sees need no closest names, which take their time among 2,000.
    files: { ...files, names: () => [] },
    cache: glance(directory === undefined ? undefined : openCache(directory)),
    plain,
    isPlainUse: !(flags['role-arn'] || flags['serial-number'] || env.AWS_MFA_SERIAL || env.MFA_DEVICE),
    twins: new Map(),
    sources: new Map(),
  };
}

/**
 * The names of the profiles as the user may type them: the keys of `[NAME-long-term]` are those of `NAME`, whether
 * there is a section of that name or not.
 */
export function callableNames(files: SharedFiles): readonly string[] {
  const names = files.names().map((name) => {
    if (!name.endsWith(suffix) || name === suffix) return name;
    return files.profile(name)?.get('aws_access_key_id') ? name.slice(0, -suffix.length) : name;
  });
  return [...new Set(names)];
}

const suffix = '-long-term';
