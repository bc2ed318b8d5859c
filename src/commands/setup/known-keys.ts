import type { Credentials } from '../../credentials.ts';
import { UserError } from '../../errors.ts';
import { exportedKeys } from '../../profile/keys.ts';
import type { KeysProfile, Profile } from '../../profile/profile.ts';
import { resolveProfile } from '../../profile/resolve.ts';
import type { Guide } from './guide.ts';

/** The profiles that have long-term keys, those of aws-mfa by the name of their short-term section. */
export function keysProfiles(guide: Guide): readonly KeysProfile[] {
  const names = guide.files.names().flatMap((name) => {
    return name.endsWith(longTerm) ? [name.slice(0, -longTerm.length), name] : [name];
  });
  const found = new Map<string, KeysProfile>();
  for (const name of names) {
    const profile = name === '' ? undefined : resolved(name, guide);
    if (profile?.kind !== 'long-term' || !profile.file) continue;
    const short = name.endsWith(longTerm) ? found.get(name.slice(0, -longTerm.length)) : undefined;
    if (short?.keys.accessKeyId !== profile.keys.accessKeyId) found.set(name, profile);
  }
  return [...found.values()];
}

const longTerm = '-long-term';

/** What a profile is; undefined where there is none, or nothing that credentials come from. */
export function resolved(name: string, { files, env }: Guide): Profile | undefined {
  try {
    return resolveProfile({ name, by: 'setup' }, files, env);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Long-term keys in the environment, unless one of these profiles has them. */
export function exportedBeside(profiles: readonly KeysProfile[], { env }: Guide): Credentials | undefined {
  const keys = exportedKeys(env);
  return profiles.some((profile) => profile.keys.accessKeyId === keys?.accessKeyId) ? undefined : keys;
}
