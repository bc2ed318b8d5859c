import { type Credentials, shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { exportedKeys } from '../../profile/keys.ts';
import type { KeysProfile, Profile } from '../../profile/profile.ts';
import { resolveProfile } from '../../profile/resolve.ts';
import { checkKeys, type FreshKeys } from './check-keys.ts';
import type { Guide } from './guide.ts';
import { keysFromCsv, typedKeys } from './key-input.ts';

/** The keys to set up: those of a profile, or others, which are to be written. */
export type ChosenKeys = { readonly profile: KeysProfile } | { readonly fresh: FreshKeys };

/**
 * Keys from `--csv`, from a profile, from the environment, or typed. Others than a profile's are shown to STS before
 * anything is written.
 *
 * @throws UserError
 */
export async function chooseKeys(guide: Guide): Promise<ChosenKeys> {
  const { options } = guide;
  const profiles = keysProfiles(guide);
  if (options.csv !== undefined) {
    const keys = await keysFromCsv(options.csv);
    return known(await checkKeys(keys, { csv: options.csv }, guide), profiles, guide);
  }
  const named = profiles.filter(({ name }) => options.profile === undefined || name === options.profile);
  const exported = exportedBeside(profiles, guide);
  const choice = guide.asks ? await choose(named, exported, guide) : settle(named, exported, guide);
  if (choice === undefined) return known(await typedKeys(guide), profiles, guide);
  return 'keys' in choice ? { profile: choice } : { fresh: await checkKeys(choice, 'environment', guide) };
}

/** @returns undefined for keys that are to be typed */
async function choose(
  profiles: readonly KeysProfile[],
  exported: Credentials | undefined,
  { options, ui, world }: Guide,
): Promise<KeysProfile | Credentials | undefined> {
  const [only] = profiles;
  const isNamed = options.profile !== undefined && only && !exported;
  if (isNamed && !options.overwrite) return only;
  // With a name and --overwrite the user has other keys to enter.
  if (isNamed || (!only && !exported)) return undefined;
  const { askOne } = await import('./questions.ts');
  const preferred = world.env.AWS_PROFILE || world.env.AWS_DEFAULT_PROFILE;
  const sorted = [...profiles].sort((a, b) => Number(b.name === preferred) - Number(a.name === preferred));
  return askOne<KeysProfile | Credentials | undefined>(
    'Which access key?',
    [
      ...sorted.map((profile) => ({
        name: `profile ${printable(profile.name, 60)} (${shortKey(profile.keys.accessKeyId)})`,
        value: profile,
      })),
      ...(exported
        ? [
            {
              name: `the one in this shell's environment (${shortKey(exported.accessKeyId)})`,
              value: exported,
            },
          ]
        : []),
      { name: 'another one', value: undefined },
    ],
    ui,
  );
}

/** Where nobody can be asked there must be one answer. */
function settle(
  profiles: readonly KeysProfile[],
  exported: Credentials | undefined,
  { options, unanswered }: Guide,
): KeysProfile | Credentials {
  const [only, second] = profiles;
  if (exported && (options.profile === undefined || !only || options.overwrite)) return exported;
  if (exported && only) {
    throw new UserError(
      Exit.configuration,
      'two-keys',
      `Profile "${printable(only.name, 60)}" has the access key ${shortKey(only.keys.accessKeyId)}, and the environment another one, ${shortKey(exported.accessKeyId)}`,
      'Unset AWS_ACCESS_KEY_ID to set up the profile as it is, or replace its keys with --overwrite.',
    );
  }
  if (only && !second) return only;
  if (second) {
    const names = profiles.slice(0, 5).map(({ name }) => printable(name, 40));
    throw unanswered(
      `There are ${profiles.length} profiles with access keys (${names.join(', ')}${profiles.length > 5 ? ', …' : ''})`,
      'Name one: --profile NAME',
    );
  }
  throw unanswered(
    'An access key is needed',
    'Give it with --csv FILE, or with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.',
  );
}

/** Keys that a profile has already are that profile's, unless another name is wanted for them. */
function known(fresh: FreshKeys, profiles: readonly KeysProfile[], { options }: Guide): ChosenKeys {
  const profile = profiles.find(({ name, keys }) => {
    const isSame =
      keys.accessKeyId === fresh.keys.accessKeyId &&
      keys.secretAccessKey.reveal() === fresh.keys.secretAccessKey.reveal();
    return isSame && (options.profile === undefined || options.profile === name);
  });
  return profile ? { profile } : { fresh };
}

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
function exportedBeside(profiles: readonly KeysProfile[], { env }: Guide): Credentials | undefined {
  const keys = exportedKeys(env);
  return profiles.some((profile) => profile.keys.accessKeyId === keys?.accessKeyId) ? undefined : keys;
}
