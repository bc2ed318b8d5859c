import type { SharedFiles } from '../../config/files.ts';
import { type SectionSession, sessionIn } from '../../config/session-section.ts';
import { sourceByName } from '../../profile/long-term.ts';

import { type Written, writtenIn } from '../../session/written.ts';

/** A section that holds a session which awsmfa or aws-mfa wrote. */
export interface SessionSection {
  readonly section: string;
  readonly session: SectionSession;
  readonly written: Written | undefined;
  /** The profile it came from; undefined when neither the memory nor the name says. */
  readonly profile: string | undefined;
}

/** @param directory of the cache; undefined where there is none */
export function sessionSections(
  files: SharedFiles,
  directory: string | undefined,
): readonly SessionSection[] {
  return files.names().flatMap((section) => {
    const there = files.credentials(section);
    const session = there && sessionIn((key) => there.get(key));
    if (!session) return [];
    const written = writtenIn(section, files, directory);
    return { section, session, written, profile: written?.profile ?? sourceByName(section, files) };
  });
}
