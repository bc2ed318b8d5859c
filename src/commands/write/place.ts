import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { holdsLongTermKeys } from '../../config/section-edit.ts';
import { contentOf, type SectionSession, sessionIn } from '../../config/session-section.ts';
import { Exit, UserError } from '../../errors.ts';
import { environmentProfile } from '../../profile/choice.ts';
import {
  isOutranked,
  longTermSuffix,
  pairName,
  sessionEnding,
  sourceByName,
  suffixed,
} from '../../profile/long-term.ts';
import { type Setting, settingsOf, withRole } from '../../profile/profile.ts';
import type { SessionRequest } from '../../request.ts';
import { type Chosen, chooseFor, regionsOf } from '../../session/get-session.ts';
import { ownerOfProfile } from '../../session/plan.ts';
import type { Made, Written } from '../../session/written.ts';
import { printable } from '../../text.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';

/** What `write` is asked for. */
export interface WriteOptions {
  readonly request: SessionRequest;
  /** What of it is remembered, so that the session can be made again. */
  readonly made: Made;
  readonly action: 'write' | 'remove' | 'setup';
  /** Every section that awsmfa wrote. */
  readonly all: boolean;
  /** Every section whose session has ended, to be removed. */
  readonly expired: boolean;
  /** Whether the command line names the profile. */
  readonly isNamed: boolean;
  readonly section: string | undefined;
  readonly longTermSuffix: string | undefined;
  readonly shortTermSuffix: string | undefined;
  /** Replace a section of another tool. */
  readonly overwrite: boolean;
  /** Answer as aws-mfa does. */
  readonly isAwsMfa: boolean;
  readonly logLevel: string | undefined;
  /** Errors are JSON: nothing else may be on stderr. */
  readonly json: boolean;
  /** The same for another profile and what is remembered of it; what is asked now comes first. */
  again(profile: string, made: Made): WriteOptions;
}

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
  const { longTermSuffix, shortTermSuffix, request } = options;
  const isSaid = longTermSuffix !== undefined || shortTermSuffix !== undefined;
  const name = isSaid ? request.choice.name : pairName(request.choice.name, files);
  const place =
    name === undefined ? ownPlace(options, ui, world) : pairPlace(name, options, files, ui, world);
  checkReaders(place, files);
  return place;
}

/**
 * Uses the keys of one section under the name of the other: region and device may be in either. awsmfa may have written the
 * region in `[NAME]` of the credentials file.
 */
function pairPlace(name: string, options: WriteOptions, files: SharedFiles, ui: Ui, world: World): Place {
  const { request } = options;
  const source = suffixed(name, options.longTermSuffix ?? longTermSuffix);
  const section = options.section ?? suffixed(name, options.shortTermSuffix ?? 'none');
  if (source === section) {
    throw new UserError(
      Exit.usage,
      'same-section',
      `The long-term keys and the session would be in the same section, [${shown(section)}]`,
      'Let --long-term-suffix and --short-term-suffix differ; without them it is [NAME-long-term] and [NAME].',
    );
  }
  if (!files.has(source)) {
    throw new UserError(
      Exit.configuration,
      'no-such-profile',
      `There is no [${shown(source)}] in ${printable(files.credentialsPath)}`,
      'Put the long-term aws_access_key_id and aws_secret_access_key there: awsmfa write --setup',
    );
  }
  const ofSource = {
    ...request,
    choice: { name: source, by: request.choice.by },
    role: { ...request.role, arn: undefined },
  };
  const chosen = chooseFor(ofSource, ui, world);
  const ofConfig = (key: string) => {
    const value = files.config(name)?.get(key);
    return value ? { value, by: `${key} of profile "${shown(name)}"` } : undefined;
  };
  const setting = (key: string) =>
    ofConfig(key) ?? chosen.profile.setting(key) ?? settingsOf(name, files)(key);
  // A provider looks its profile up by name.
  const profile = 'keys' in chosen.profile ? { ...chosen.profile, name, setting } : chosen.profile;
  // As in aws-mfa: the option, the variable, `assume_role` beside the keys.
  const { MFA_ASSUME_ROLE: variable } = world.env;
  const role =
    request.role.arn ??
    (variable ? { value: variable, by: 'MFA_ASSUME_ROLE' } : chosen.profile.setting('assume_role'));
  return {
    chosen: { ...chosen, profile: withRole(profile, role), ...regionsOf(request, profile) },
    named: name,
    file: files.credentialsPath,
    section,
    role,
  };
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

/** Refuses a section that tools would not read, because the config file has a profile of that name. */
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

/** What a section holds, as far as the session that is wanted there is concerned. */
export type State =
  | { readonly is: 'valid'; readonly session: SectionSession }
  /** `missing`: no section; `invalid`: no session of ours in it; `other`: one of another profile or role. */
  | { readonly is: 'missing' | 'invalid' | 'other' | 'expired' };

/**
 * @param written what awsmfa remembers of the section
 * @param until epoch seconds: a session that ends before counts as expired
 */
export function stateOf(
  place: Place,
  options: WriteOptions,
  written: Written | undefined,
  until: number,
): State {
  const { files } = place.chosen;
  const there = files.credentials(place.section);
  if (!there) return { is: 'missing' };
  const session = sessionIn((key) => there.get(key));
  if (!session) return { is: 'invalid' };
  const isSame = written ? isOf(written, place, options) : isByName(place, options);
  // A policy file may have changed since.
  if (!isSame || options.made.policyFile || session.roleArn !== place.role?.value) return { is: 'other' };
  return session.expiration < until ? { is: 'expired' } : { is: 'valid', session };
}

function isOf(written: Written, { chosen }: Place, { made }: WriteOptions): boolean {
  return written.owner === ownerOfProfile(chosen.profile) && shapeOf(written.made) === shapeOf(made);
}

/** Without a memory, as after aws-mfa, the name of the section says whose session it is. */
function isByName({ named, section, chosen }: Place, options: WriteOptions): boolean {
  const isNamed = options.shortTermSuffix !== undefined && options.section === undefined;
  return (isNamed || sourceByName(section, chosen.files) === named) && shapeOf(options.made) === shapeOf({});
}

/** The parameters that make two sessions of one profile and role different, but for the duration. */
function shapeOf(made: Made): string {
  return JSON.stringify(shaping.map((name) => made[name] ?? null));
}

const shaping = [
  'region',
  'externalId',
  'sourceIdentity',
  'tags',
  'transitiveTagKeys',
  'policyArns',
] as const;

/**
 * What to write as `region` beside the session; undefined to leave it alone. A region that the user wrote into the section
 * stays, unless another one was asked for.
 */
export function regionFor(
  { chosen, section }: Place,
  request: Pick<SessionRequest, 'region'>,
  written: Written | undefined,
): string | undefined {
  const { region, files } = chosen;
  if (region === undefined || request.region) return region;
  const inConfig = files.config(section)?.get('region');
  const there = files.credentials(section)?.get('region');
  if (there === undefined) return inConfig ? undefined : region;
  return there === written?.region ? (inConfig ?? region) : undefined;
}

function shown(name: string): string {
  return printable(name, 60);
}
