import { withRegion } from '../../config/section-edit.ts';
import { type SectionSession, sessionIn } from '../../config/session-section.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { sourceByName } from '../../profile/long-term.ts';
import type { SessionRequest } from '../../request.ts';
import { ownerOfProfile } from '../../session/plan.ts';
import { keepWritten, type Made, type Written } from '../../session/written.ts';
import type { WriteOptions } from './options.ts';
import type { Place } from './place.ts';

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
  // What a policy file says may be something else today.
  if (!isSame || options.made.policyFile || session.roleArn !== place.role?.value) return { is: 'other' };
  return session.expiration < until ? { is: 'expired' } : { is: 'valid', session };
}

function isOf(written: Written, { chosen }: Place, { made }: WriteOptions): boolean {
  return written.owner === ownerOfProfile(chosen.profile) && shapeOf(written.made) === shapeOf(made);
}

/** Nothing is remembered, as after aws-mfa: the name says whose session it is, and that it was asked for plainly. */
function isByName({ named, section, chosen }: Place, options: WriteOptions): boolean {
  const isNamed = options.shortTermSuffix !== undefined && options.section === undefined;
  return (isNamed || sourceByName(section, chosen.files) === named) && shapeOf(options.made) === shapeOf({});
}

/** What makes one session of a profile and a role differ from another, but for how long it lives. */
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
 * What to write as `region` beside the session; undefined to leave alone what is there. A region that the user has
 * given the section himself stays, unless another one was asked for.
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

/** A session that is still valid stays, and what awsmfa wrote as `region` beside it follows that of the profile. */
export async function followRegion(
  place: Place,
  request: Pick<SessionRequest, 'region'>,
  written: Written,
  directory: string,
): Promise<void> {
  const old = written.region;
  const region = regionFor(place, request, written);
  if (old === undefined || region === undefined || region === old) return;
  const { file, section } = place;
  const done = await editSharedFile(file, (document) => withRegion(document, section, old, region));
  if (done === 'written') keepWritten(directory, { ...written, region });
}
