import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { withoutSession } from '../config/section-edit.ts';
import { sessionIn } from '../config/session-section.ts';
import { editSharedFile } from '../config/shared-file-edit.ts';
import { Exit, UserError } from '../errors.ts';
import { readEntry, writeEntry } from '../files/entries.ts';
import { printable } from '../printable.ts';
import { pairName, sessionEnding, suffixed } from '../profile/long-term.ts';
import { cacheDirectory } from '../session/cache.ts';
import { forgetWritten, readWritten } from '../session/written.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { writeAll } from './write/all.ts';
import { writeOne } from './write/one.ts';
import type { WriteOptions } from './write/options.ts';
import { sessionSections } from './write/sections.ts';

/** `awsmfa write`: the session in a section of the shared credentials file, for what reads nothing else. */
export async function write(options: WriteOptions, ui: Ui, world: World): Promise<Outcome> {
  if (!options.isAwsMfa) return written(options, ui, world);
  introduce(ui, world);
  return written(options, ui, world).catch((error) => {
    throw asAwsMfa(error);
  });
}

async function written(options: WriteOptions, ui: Ui, world: World): Promise<Outcome> {
  if (options.action === 'setup') await (await import('./write/setup.ts')).setUp(options, ui, world);
  else if (options.action === 'remove') await removeWritten(options, ui, world);
  else if (options.all) await writeAll(options, ui, world);
  else await writeOne(options, ui, world);
  return { stdout: '', exit: Exit.ok };
}

/** It knows 2 for a command line that cannot be read, and 1 for everything else. */
function asAwsMfa(error: unknown): unknown {
  if (!(error instanceof UserError) || kept.has(error.exit) || unread.has(error.code)) return error;
  return new UserError(Exit.failed, error.code, error.message, error.hint);
}

const kept: ReadonlySet<number> = new Set([Exit.interrupted, Exit.terminated]);
const unread: ReadonlySet<string> = new Set(['usage', 'bad-duration', 'no-effect']);

/** Says once that awsmfa answers to `aws-mfa`, and how to get the other program back. */
function introduce(ui: Ui, world: World): void {
  const directory = cacheDirectory(world.env, world.home);
  if (directory === undefined) return;
  const path = `${directory}/aws-mfa.json`;
  if (readEntry(path)) return;
  ui.say(
    'This aws-mfa is awsmfa, with the same options and files; to have another one back: rm "$(command -v aws-mfa)"',
  );
  try {
    writeEntry(path, {});
  } catch {
    // Then it is said again.
  }
}

/** `write --remove`: the session of one section is taken out of the file, with `--all` every one that awsmfa wrote, with `--expired` those that have ended. */
async function removeWritten(options: WriteOptions, ui: Ui, world: World): Promise<void> {
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
  if (own && sessionIn((key) => own.get(key))) return name;
  return pairName(name, files) ?? name + sessionEnding;
}
