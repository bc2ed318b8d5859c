import { type Credentials, shortKey } from '../../credentials.ts';
import { attempt, Exit, UserError } from '../../errors.ts';
import { askOne } from '../../mfa/prompt.ts';
import { exportedKeys } from '../../profile/keys.ts';
import { longTermSuffix } from '../../profile/long-term.ts';
import { type KeysProfile, type Profile, settingsOf } from '../../profile/profile.ts';
import { resolveProfile } from '../../profile/resolve.ts';
import { stsEndpoint } from '../../sts/endpoint.ts';
import { unknownKey } from '../../sts/errors.ts';
import { printable } from '../../text.ts';
import type { Guide } from './guide.ts';
import { askKeys, type Entered, keysFromCsv } from './key-input.ts';

/** Long-term keys that STS has taken, and that stand in no profile yet. */
export interface FreshKeys {
  readonly keys: Credentials;
  /** Of the user whose keys they are. */
  readonly arn: string;
  readonly from: Entered['from'] | 'environment';
}

/** The keys to set up: those of a profile, or others, which are to be written. */
export type ChosenKeys = { readonly profile: KeysProfile } | { readonly fresh: FreshKeys };

/**
 * Keys from `--csv`, from a profile, from the environment, or typed. Others than a profile's are shown to STS before
 * anything is written.
 *
 * @throws UserError
 */
export async function chooseKeys(guide: Guide): Promise<ChosenKeys> {
  const { csv, profile } = guide.options;
  const profiles = keysProfiles(guide);
  if (csv !== undefined) return known(await checkKeys(keysFromCsv(csv), { csv }, guide), profiles, guide);
  const named = profiles.filter(({ name }) => profile === undefined || name === profile);
  const inEnvironment = exportedKeys(guide.env);
  const isOfProfile = profiles.some(({ keys }) => keys.accessKeyId === inEnvironment?.accessKeyId);
  const exported = isOfProfile ? undefined : inEnvironment;
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
  const preferred = world.env.AWS_PROFILE || world.env.AWS_DEFAULT_PROFILE;
  const sorted = [...profiles].sort((a, b) => Number(b.name === preferred) - Number(a.name === preferred));
  const offers = sorted.map((profile): { name: string; value: KeysProfile | Credentials | undefined } => ({
    name: `profile ${printable(profile.name, 60)} (${shortKey(profile.keys.accessKeyId)})`,
    value: profile,
  }));
  if (exported) {
    const name = `the one in this shell's environment (${shortKey(exported.accessKeyId)})`;
    offers.push({ name, value: exported });
  }
  return askOne(ui, 'Which access key?', [...offers, { name: 'another one', value: undefined }]);
}

/** If nobody can be asked, there must be only one answer. */
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

/** If a profile has these keys already, they are that profile's, unless the user named another one. */
function known(fresh: FreshKeys, profiles: readonly KeysProfile[], { options }: Guide): ChosenKeys {
  const profile = profiles.find(
    ({ name, keys }) =>
      keys.accessKeyId === fresh.keys.accessKeyId &&
      keys.secretAccessKey.reveal() === fresh.keys.secretAccessKey.reveal() &&
      (options.profile === undefined || options.profile === name),
  );
  return profile ? { profile } : { fresh };
}

/** After a typing error the user is asked again, three times at most. */
async function typedKeys(guide: Guide): Promise<FreshKeys> {
  const { ui, world } = guide;
  let knownId: string | undefined;
  ui.say('A few questions and an MFA code. Nothing is written before AWS takes the key.');
  for (let tries = 1; ; tries++) {
    const { keys, from } = await askKeys(knownId, ui, world.home);
    try {
      return await checkKeys(keys, from, guide);
    } catch (error) {
      const isMistyped = error instanceof UserError && [unknownKey, wrongSecret].includes(error.code);
      if (!isMistyped || tries === 3) throw error;
      ui.warn(`${error.message}; once more`);
      knownId = error.code === unknownKey ? undefined : keys.accessKeyId;
    }
  }
}

const wrongSecret = 'wrong-secret';

/** Asks STS whose keys these are, so that a mistyped key is found before anything is written. */
async function checkKeys(keys: Credentials, from: FreshKeys['from'], guide: Guide): Promise<FreshKeys> {
  const { options, env, files, ui, world } = guide;
  const profile = profileOf(options.profile ?? 'default', keys, guide);
  const endpoint = stsEndpoint(options.request, env, profile, files);
  const { identify } = await import('../../sts/identity.ts');
  const asking = identify(keys, profile.name, endpoint, world.now).catch((error) => {
    throw error instanceof UserError ? ofNewKeys(error, shortKey(keys.accessKeyId), endpoint.region) : error;
  });
  const { arn } = await ui.sayIfSlow('Asking AWS whose access key this is', asking);
  ui.say(`The access key ${shortKey(keys.accessKeyId)} belongs to ${userOf(arn)}`);
  return { keys, arn, from };
}

/** The usual messages are about keys in a file, and these keys are in none. */
function ofNewKeys(error: UserError, key: string, region: string): UserError {
  if (error.code === unknownKey) {
    return error.with({
      message: `AWS does not know the access key ${key} in ${region}: mistyped, deleted or disabled`,
      hint: 'Look in IAM whether it is there and active. For keys of China or GovCloud name a region of theirs: --region',
    });
  }
  if (error.code !== wrongSecret) return error;
  return error.with({
    message: `AWS knows the access key ${key}, and has another secret for it`,
    hint: 'Copy both again, from the same line of the same file.',
  });
}

/** `alice in account 123456789012`. */
function userOf(arn: string): string {
  const [, account, name] = /^arn:[^:]*:iam::(\d*):(?:user\/(?:.*\/)?)?(.+)$/.exec(arn) ?? [];
  if (!account || !name) return printable(arn, 120);
  return `${name === 'root' ? 'the root user' : printable(name, 60)} in account ${account}`;
}

/** The profile that these keys are going to be, as far as the files describe it already. */
export function profileOf(name: string, keys: Credentials, { files }: Guide): KeysProfile {
  return { kind: 'long-term', name, setting: settingsOf(name, files), keys, file: undefined };
}

/** The profiles that have long-term keys, those of aws-mfa by the name of their short-term section. */
export function keysProfiles(guide: Guide): readonly KeysProfile[] {
  const ending = `-${longTermSuffix}`;
  const shortName = (name: string) => (name.endsWith(ending) ? name.slice(0, -ending.length) : '');
  const names = guide.files.names().flatMap((name) => [shortName(name), name].filter(Boolean));
  const found = new Map<string, KeysProfile>();
  for (const name of names) {
    const profile = resolved(name, guide);
    if (profile?.kind !== 'long-term' || !profile.file) continue;
    const short = found.get(shortName(name));
    if (short?.keys.accessKeyId !== profile.keys.accessKeyId) found.set(name, profile);
  }
  return [...found.values()];
}

/** What a profile is; undefined where there is none, or nothing that credentials come from. */
export function resolved(name: string, { files, env }: Guide): Profile | undefined {
  const profile = attempt(() => resolveProfile({ name, by: 'setup' }, files, env));
  return profile instanceof UserError ? undefined : profile;
}
