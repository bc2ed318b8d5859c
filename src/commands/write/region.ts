import { withRegion } from '../../config/section-edit.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import type { SessionRequest } from '../../request.ts';
import { keepWritten, type Written } from '../../session/written.ts';
import type { Place } from './place.ts';

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
