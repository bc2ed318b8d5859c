import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { withoutSession } from '../../config/section-edit.ts';
import { sessionIn } from '../../config/session-section.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { printable } from '../../printable.ts';
import { pairName, sessionEnding, suffixed } from '../../profile/long-term.ts';
import { cacheDirectory } from '../../session/cache.ts';
import { forgetWritten, readWritten } from '../../session/written.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import type { WriteOptions } from './options.ts';
import { sessionSections } from './sections.ts';

/** `write --remove`: the session of one section is taken out of the file, with `--all` every one that awsmfa wrote, with `--expired` those that have ended. */
export async function removeWritten(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const directory = cacheDirectory(world.env, world.home);
  const isOver = (expiration: number) => expiration * 1000 <= world.now();
  const sections =
    options.all || options.expired
      ? sessionSections(files, directory)
          .filter(({ session }) => !options.expired || isOver(session.expiration))
          .map(({ section }) => section)
      : [sectionOf(options, files)];
  const file = files.credentialsPath;
  if (sections.length === 0) {
    const which = options.expired ? 'an ended session' : 'a session';
    ui.say(`No section of ${printable(file)} holds ${which} of awsmfa`);
  }
  for (const section of sections) {
    const region = directory === undefined ? undefined : readWritten(directory, { file, section })?.region;
    const done = await editSharedFile(file, (document) => withoutSession(document, section, region));
    if (directory !== undefined) forgetWritten(directory, { file, section });
    ui.say(
      `[${printable(section, 60)}] ${done === 'written' ? 'is out of' : 'holds no session in'} ${printable(file)}`,
    );
  }
}

/** Where `write` puts the session of that profile. The profile may be gone, and the section may be named instead. */
function sectionOf(
  { section, shortTermSuffix: suffix, request: { choice } }: WriteOptions,
  files: SharedFiles,
): string {
  if (section !== undefined) return section;
  const { name } = choice;
  if (suffix !== undefined) return suffixed(name, suffix);
  const own = files.credentials(name);
  if (own && sessionIn(own.get)) return name;
  return pairName(name, files) ?? name + sessionEnding;
}
