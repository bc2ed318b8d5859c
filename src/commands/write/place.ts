import type { Flags, Invocation } from '../../cli/invocation.ts';
import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { holdsLongTermKeys } from '../../config/section-edit.ts';
import { contentOf } from '../../config/session-section.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { chooseProfile, environmentProfile } from '../../profile/choice.ts';
import { isOutranked, longTermSuffix, pairName, sessionEnding, suffixed } from '../../profile/long-term.ts';
import type { Profile, RoleProfile, Setting } from '../../profile/profile.ts';
import { settingsOf } from '../../profile/profile.ts';
import { checkedRegion } from '../../profile/region.ts';

import type { World } from '../../world.ts';
import { type Chosen, choose, withRole } from '../session.ts';

/** Which session goes where. */
export interface Place {
  readonly chosen: Chosen;
  /** What was named, or would have to be for the same session. */
  readonly named: string;
  /** The credentials file. */
  readonly file: string;
  /** The text between the brackets. */
  readonly section: string;
  /** Undefined for a session token. */
  readonly role: Setting | undefined;
}

/**
 * The profile of a command line and the section that its session is for: `--to`; for a pair of aws-mfa's
 * (`[NAME-long-term]` or the suffixes say so) `[NAME]`; else `[NAME-mfa]`.
 *
 * @throws UserError also for a section that tools would not read after it is written
 */
export function placeOf(invocation: Invocation, world: World): Place {
  const files = loadSharedFiles(world);
  const { flags } = invocation;
  const { name } = chooseProfile(invocation, world.env);
  const pair = pairOf(name, flags, files);
  const place = pair ? pairPlace(pair, invocation, world) : ownPlace(invocation, world);
  checkReaders(place, files);
  return place;
}

interface Pair {
  readonly name: string;
  /** Where the keys are. */
  readonly source: string;
  readonly section: string;
}

function pairOf(profile: string, flags: Flags, files: SharedFiles): Pair | undefined {
  const { 'long-term-suffix': long, 'short-term-suffix': short = 'none', to } = flags;
  const isSaid = long !== undefined || flags['short-term-suffix'] !== undefined;
  const name = isSaid ? profile : pairName(profile, files);
  if (name === undefined) return undefined;
  const pair = { name, source: suffixed(name, long ?? longTermSuffix), section: to ?? suffixed(name, short) };
  if (pair.source === pair.section) {
    throw new UserError(
      Exit.usage,
      'same-section',
      `The long-term keys and the session would be in the same section, [${shown(pair.section)}]`,
      'Let --long-term-suffix and --short-term-suffix differ; without them it is [NAME-long-term] and [NAME].',
    );
  }
  if (!files.has(pair.source)) throw noLongTermSection(pair, files);
  return pair;
}

/**
 * The keys of one section under the name of the other: region and device may stand in either, and the region in
 * `[NAME]` of the credentials file may be one that was carried over.
 */
function pairPlace({ name, source, section }: Pair, invocation: Invocation, world: World): Place {
  const { 'role-arn': roleArn, ...flags } = invocation.flags;
  const chosen = choose({ ...invocation, argument: source, flags }, world);
  const { files } = chosen;
  const ofConfig = (key: string) => {
    const value = files.config(name)?.get(key);
    return value ? { value, by: `${key} of profile "${shown(name)}"` } : undefined;
  };
  const setting = (key: string) =>
    ofConfig(key) ?? chosen.profile.setting(key) ?? settingsOf(name, files)(key);
  // A provider looks its profile up by name.
  const profile = 'keys' in chosen.profile ? { ...chosen.profile, name, setting } : chosen.profile;
  const role = roleOf(roleArn, chosen.profile, world);
  const region = profile.setting('region');
  const profileRegion = region && checkedRegion(region.value, region.by);
  return {
    chosen: {
      ...chosen,
      profile: role ? ({ ...withRole(profile, role.value), roleArn: role } as RoleProfile) : profile,
      region: flags.region ? chosen.region : profileRegion,
      profileRegion,
    },
    named: name,
    file: files.credentialsPath,
    section,
    role,
  };
}

/** aws-mfa's: the option, the variable, `assume_role` beside the keys. */
function roleOf(roleArn: string | undefined, keys: Profile, { env }: World): Setting | undefined {
  if (roleArn) return { value: roleArn, by: '--role-arn' };
  if (env.MFA_ASSUME_ROLE) return { value: env.MFA_ASSUME_ROLE, by: 'MFA_ASSUME_ROLE' };
  return keys.setting('assume_role');
}

function ownPlace(invocation: Invocation, world: World): Place {
  const chosen = choose(invocation, world);
  const { profile, files } = chosen;
  const { to } = invocation.flags;
  if (profile.name === environmentProfile && to === undefined) {
    throw new UserError(
      Exit.usage,
      'no-section',
      'The keys come from the environment, and no profile names the section for their session',
      'Name the section with --to NAME, or the profile.',
    );
  }
  return {
    chosen,
    named: profile.name,
    file: files.credentialsPath,
    section: to ?? profile.name + sessionEnding,
    role: profile.kind === 'role' ? profile.roleArn : undefined,
  };
}

/** What tools would make of the section, with what the config file says of a profile of that name. */
function checkReaders({ section }: Place, files: SharedFiles): void {
  const inConfig = files.config(section);
  if (inConfig && contentOf(inConfig.get) === 'long-term') throw holdsLongTermKeys(section, files.configPath);
  if (!isOutranked(section, files)) return;
  throw new UserError(
    Exit.configuration,
    'section-unread',
    `Profile "${shown(section)}" is a role or of IAM Identity Center: tools would pass over keys in [${shown(section)}]`,
    'Name another section with --to NAME.',
  );
}

function noLongTermSection({ source }: Pair, { credentialsPath }: SharedFiles): UserError {
  return new UserError(
    Exit.configuration,
    'no-such-profile',
    `There is no [${shown(source)}] in ${printable(credentialsPath)}`,
    'Put the long-term aws_access_key_id and aws_secret_access_key there: awsmfa write --setup',
  );
}

function shown(name: string): string {
  return printable(name, 60);
}
