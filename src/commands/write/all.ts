import { loadSharedFiles } from '../../config/files.ts';
import { sayDuration } from '../../duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { cacheDirectory } from '../../session/cache.ts';
import { optionWord } from '../../shell-word.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { writeOne } from './one.ts';
import type { WriteOptions } from './options.ts';
import { type SessionSection, sessionSections } from './sections.ts';

/**
 * `write --all`: a new session in each section whose own has ended or is about to, that is when less than a tenth of
 * its time is left, and an hour at most. Sections that share a device share its code. One that fails does not keep
 * the others from being renewed.
 */
export async function writeAll(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const sections = sessionSections(files, cacheDirectory(world.env, world.home));
  const due = sections.filter((section) => left(section, world) < leastOf(section, options));
  if (sections.length === 0)
    ui.say(`No section of ${printable(files.credentialsPath)} holds a session of awsmfa`);
  else if (due.length === 0) ui.say(nothingDue(sections, world));
  const failed: UserError[] = [];
  const reasons: string[] = [];
  for (const section of due) {
    try {
      await renew(section, options, ui, world);
    } catch (error) {
      if (!(error instanceof UserError) || error.exit === Exit.interrupted) throw error;
      const reason = `[${shown(section)}]: ${[error.message, error.hint].filter(Boolean).join('. ')}`;
      // With `--json` there is one object on stderr, and nothing beside it.
      if (!options.json) ui.warn(reason);
      failed.push(error);
      reasons.push(reason);
    }
  }
  const [first] = failed;
  if (!first) return;
  const many = `${failed.length} of the ${due.length} sections that were due`;
  throw new UserError(
    first.exit,
    first.code,
    `${due.length === 1 ? 'The section that was due' : many} could not be renewed`,
    options.json ? reasons.join(' ') : undefined,
  );
}

async function renew(section: SessionSection, options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const { profile, session, written } = section;
  if (profile === undefined) throw ofUnknown(section);
  const made = written?.made ?? (session.roleArn ? { roleArn: session.roleArn } : {});
  const again = options.again(profile, made);
  // A cached session must live that long too.
  const request = { ...again.request, minTtl: leastOf(section, options) };
  await writeOne({ ...again, section: section.section, request }, ui, world);
}

/** Seconds. */
function leastOf({ session, written }: SessionSection, { request }: WriteOptions): number {
  const usual = session.roleArn ? 3600 : 43_200;
  const lived = written ? session.expiration - written.at : usual;
  return Math.max(request.minTtl, Math.min(3600, Math.ceil(lived / 10)));
}

function left({ session }: SessionSection, world: World): number {
  return session.expiration - world.now() / 1000;
}

function nothingDue(sections: readonly SessionSection[], world: World): string {
  const [first] = [...sections].sort((a, b) => left(a, world) - left(b, world)) as [SessionSection];
  return `Nothing to renew: [${shown(first)}] is the next to expire, ${sayDuration(left(first, world))} left`;
}

function ofUnknown({ section }: SessionSection): UserError {
  const to = optionWord('--to', section);
  return new UserError(
    Exit.configuration,
    'unknown-source',
    'It is not known which profile the session came from',
    `Say it once with awsmfa write PROFILE ${to}, or remove it: awsmfa write --remove ${to}`,
  );
}

function shown({ section }: SessionSection): string {
  return printable(section, 60);
}
