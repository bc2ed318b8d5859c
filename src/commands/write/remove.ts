import type { Invocation } from '../../cli/invocation.ts';
import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { withoutSession } from '../../config/section-edit.ts';
import { sessionIn } from '../../config/session-section.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { printable } from '../../printable.ts';
import { chooseProfile } from '../../profile/choice.ts';
import { pairName, sessionEnding, suffixed } from '../../profile/long-term.ts';

import { cacheDirectory } from '../../session/cache.ts';
import { forgetWritten, readWritten } from '../../session/written.ts';
import type { World } from '../../world.ts';
import { sessionSections } from './sections.ts';

/** `write --remove`: the session of one section is taken out of the file, with `--all` every one that awsmfa wrote. */
export async function removeWritten(invocation: Invocation, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const directory = cacheDirectory(world.env, world.home);
  const sections = invocation.flags.all
    ? sessionSections(files, directory).map(({ section }) => section)
    : [sectionOf(invocation, files, world)];
  const file = files.credentialsPath;
  const say = (line: string) => invocation.flags.quiet || world.say(line);
  if (sections.length === 0) say(`No section of ${printable(file)} holds a session of awsmfa`);
  for (const section of sections) {
    const region = directory === undefined ? undefined : readWritten(directory, { file, section })?.region;
    const done = await editSharedFile(file, (document) => withoutSession(document, section, region));
    if (directory !== undefined) forgetWritten(directory, { file, section });
    say(
      `[${printable(section, 60)}] ${done === 'written' ? 'is out of' : 'holds no session in'} ${printable(file)}`,
    );
  }
}

/** Where `write` puts the session of that profile. The profile may be gone, and the section may be named instead. */
function sectionOf(invocation: Invocation, files: SharedFiles, { env }: World): string {
  const { to, 'short-term-suffix': suffix } = invocation.flags;
  if (to !== undefined) return to;
  const { name } = chooseProfile(invocation, env);
  if (suffix !== undefined) return suffixed(name, suffix);
  const own = files.credentials(name);
  if (own && sessionIn(own.get)) return name;
  return pairName(name, files) ?? name + sessionEnding;
}
