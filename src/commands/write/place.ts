import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { holdsLongTermKeys } from '../../config/section-edit.ts';
import { contentOf } from '../../config/session-section.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { environmentProfile } from '../../profile/choice.ts';
import { isOutranked, longTermSuffix, pairName, sessionEnding, suffixed } from '../../profile/long-term.ts';
import { type Profile, type Setting, settingsOf, withRole } from '../../profile/profile.ts';
import { type Chosen, chooseFor, regionsOf } from '../../session/get-session.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import type { WriteOptions } from './options.ts';

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
export function placeOf(options: WriteOptions, ui: Ui, world: World): Place {
  const files = loadSharedFiles(world);
  const pair = pairOf(options, files);
  const place = pair ? pairPlace(pair, options, ui, world) : ownPlace(options, ui, world);
  checkReaders(place, files);
  return place;
}

interface Pair {
  readonly name: string;
  /** Where the keys are. */
  readonly source: string;
  readonly section: string;
}

function pairOf(options: WriteOptions, files: SharedFiles): Pair | undefined {
  const { longTermSuffix: long, shortTermSuffix, section: to } = options;
  const { name: profile } = options.request.choice;
  const isSaid = long !== undefined || shortTermSuffix !== undefined;
  const name = isSaid ? profile : pairName(profile, files);
  if (name === undefined) return undefined;
  const pair = {
    name,
    source: suffixed(name, long ?? longTermSuffix),
    section: to ?? suffixed(name, shortTermSuffix ?? 'none'),
  };
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
function pairPlace({ name, source, section }: Pair, options: WriteOptions, ui: Ui, world: World): Place {
  const { request } = options;
  const ofSource = {
    ...request,
    choice: { name: source, by: request.choice.by },
    role: { ...request.role, arn: undefined },
  };
  const chosen = chooseFor(ofSource, ui, world);
  const { files } = chosen;
  const ofConfig = (key: string) => {
    const value = files.config(name)?.get(key);
    return value ? { value, by: `${key} of profile "${shown(name)}"` } : undefined;
  };
  const setting = (key: string) =>
    ofConfig(key) ?? chosen.profile.setting(key) ?? settingsOf(name, files)(key);
  // A provider looks its profile up by name.
  const profile = 'keys' in chosen.profile ? { ...chosen.profile, name, setting } : chosen.profile;
  const role = roleOf(request.role.arn, chosen.profile, world);
  return {
    chosen: {
      ...chosen,
      profile: withRole(profile, role),
      ...regionsOf(request, profile),
    },
    named: name,
    file: files.credentialsPath,
    section,
    role,
  };
}

/** aws-mfa's: the option, the variable, `assume_role` beside the keys. */
function roleOf(asked: Setting | undefined, keys: Profile, { env }: World): Setting | undefined {
  if (asked) return asked;
  if (env.MFA_ASSUME_ROLE) return { value: env.MFA_ASSUME_ROLE, by: 'MFA_ASSUME_ROLE' };
  return keys.setting('assume_role');
}

function ownPlace({ request, section: to }: WriteOptions, ui: Ui, world: World): Place {
  const chosen = chooseFor(request, ui, world);
  const { profile, files } = chosen;
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
  if (inConfig && contentOf((key) => inConfig.get(key)) === 'long-term')
    throw holdsLongTermKeys(section, files.configPath);
  if (inConfig?.get('credential_process')) {
    throw new UserError(
      Exit.configuration,
      'section-taken',
      `Profile "${shown(section)}" has a credential_process of its own; with keys beside it, tools would differ`,
      'Name another section with --to NAME, or use that profile as it is.',
    );
  }
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
