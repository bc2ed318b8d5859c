import { type Document, parseDocument } from '../config/document.ts';
import { setKeys } from '../config/edit.ts';
import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { withoutSession } from '../config/section-edit.ts';
import { sessionIn } from '../config/session-section.ts';
import { editSharedFile } from '../config/shared-file-edit.ts';
import { sayDuration } from '../duration.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import { readEntry, writeEntry } from '../files/entries.ts';
import { longTermSuffix, pairName, sessionEnding, suffixed } from '../profile/long-term.ts';
import { cacheDirectory } from '../session/cache.ts';
import { forgetWritten, readWritten, type SessionSection, sessionSections } from '../session/written.ts';
import { optionWord, printable, profileWord } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { writeOne } from './write/one.ts';
import type { WriteOptions } from './write/place.ts';

/** `awsmfa write`: the session in a section of the shared credentials file, for what reads nothing else. */
export async function write(options: WriteOptions, ui: Ui, world: World): Promise<Outcome> {
  if (options.isAwsMfa) introduce(ui, world);
  await work(options, ui, world).catch((error) => {
    throw options.isAwsMfa ? asAwsMfa(error) : error;
  });
  return { stdout: '', exit: Exit.ok };
}

function work(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  if (options.action === 'setup') return setUp(options, ui, world);
  if (options.action === 'remove') return removeWritten(options, ui, world);
  return options.all ? writeAll(options, ui, world) : writeOne(options, ui, world);
}

/** aws-mfa exits with 2 for a command line that it cannot read, and with 1 for everything else. */
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
  // If it cannot be remembered, the next run says it again.
  orUndefined(() => writeEntry(path, {}));
}

/**
 * `write --setup`: asks for the name of a profile and its access key, and puts them where aws-mfa has them. Nothing
 * that is there already is touched.
 */
async function setUp(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const { credentialsPath, credentials } = loadSharedFiles(world);
  if (!ui.canAsk()) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `--setup asks for the keys, and ${ui.whyNot}`,
      'Put them there with: aws configure --profile NAME-long-term',
    );
  }
  const { isAwsMfa, isNamed, request } = options;
  const said = isNamed ? request.choice.name : undefined;
  const { askText } = await import('../mfa/prompt.ts');
  const { askKeys } = await import('./setup/key-input.ts');
  // aws-mfa asks in any case.
  const name =
    said !== undefined && !isAwsMfa
      ? said
      : await askText(ui, { message: 'Profile name:', suggestion: said ?? 'default', problem: nameProblem });
  const section = suffixed(name, options.longTermSuffix ?? longTermSuffix);
  // A name that cannot be one is refused before the keys are asked for.
  setKeys(parseDocument('', credentialsPath), section, []);
  if (credentials(section)) {
    throw new UserError(
      Exit.configuration,
      'section-exists',
      `There is a [${shown(section)}] in ${printable(credentialsPath)} already, and it stays as it is`,
      'Choose another name, or change its keys with: aws configure --profile NAME-long-term',
    );
  }
  const { keys } = await askKeys(undefined, ui, world.home);
  const entries = [
    ['aws_access_key_id', keys.accessKeyId],
    ['aws_secret_access_key', keys.secretAccessKey.reveal()],
  ] as const;
  await editSharedFile(credentialsPath, (document: Document) => setKeys(document, section, entries));
  const next = isAwsMfa ? `aws-mfa ${optionWord('--profile', name)}` : `awsmfa write ${profileWord(name)}`;
  ui.say(`The keys are in [${shown(section)}] of ${printable(credentialsPath)}; now: ${next}`);
}

function nameProblem(text: string): string | undefined {
  return /^[^\][\r\n]+$/.test(text) ? undefined : 'A name without brackets, please';
}

/**
 * `write --remove`: takes the session of one section out of the file, with `--all` every one that awsmfa wrote, with
 * `--expired` those that have ended.
 */
async function removeWritten(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const directory = cacheDirectory(world.env, world.home);
  const sections =
    options.all || options.expired
      ? sessionSections(files, directory)
          .filter((section) => !options.expired || left(section, world) <= 0)
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
    const what = done === 'written' ? 'is out of' : 'holds no session in';
    ui.say(`[${shown(section)}] ${what} ${printable(file)}`);
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
  if (sessionIn((key) => files.credentials(name)?.get(key))) return name;
  return pairName(name, files) ?? name + sessionEnding;
}

/**
 * `write --all`: a new session in each section whose own has ended or is about to, that is when less than a tenth of
 * its time is left, and an hour at most. Sections that share a device share its code. One that fails does not keep
 * the others from being renewed.
 */
async function writeAll(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const sections = sessionSections(files, cacheDirectory(world.env, world.home));
  const due = sections.filter((section) => left(section, world) < leastOf(section, options));
  const [next] = [...sections].sort((a, b) => left(a, world) - left(b, world));
  if (!next) ui.say(`No section of ${printable(files.credentialsPath)} holds a session of awsmfa`);
  else if (due.length === 0) {
    const time = sayDuration(left(next, world));
    ui.say(`Nothing to renew: [${shown(next.section)}] is the next to expire, ${time} left`);
  }
  const failed: { readonly error: UserError; readonly reason: string }[] = [];
  for (const section of due) {
    try {
      await renew(section, options, ui, world);
    } catch (error) {
      if (!(error instanceof UserError) || error.exit === Exit.interrupted) throw error;
      const reason = `[${shown(section.section)}]: ${[error.message, error.hint].filter(Boolean).join('. ')}`;
      // With `--json` there is one object on stderr, and nothing beside it.
      if (!options.json) ui.warn(reason);
      failed.push({ error, reason });
    }
  }
  const [first] = failed;
  if (!first) return;
  const many = `${failed.length} of the ${due.length} sections that were due`;
  throw new UserError(
    first.error.exit,
    first.error.code,
    `${due.length === 1 ? 'The section that was due' : many} could not be renewed`,
    options.json ? failed.map(({ reason }) => reason).join(' ') : undefined,
  );
}

async function renew(section: SessionSection, options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const { profile, session, written, section: name } = section;
  if (profile === undefined) {
    const to = optionWord('--to', name);
    throw new UserError(
      Exit.configuration,
      'unknown-source',
      'It is not known which profile the session came from',
      `Say it once with awsmfa write PROFILE ${to}, or remove it: awsmfa write --remove ${to}`,
    );
  }
  const made = written?.made ?? (session.roleArn ? { roleArn: session.roleArn } : {});
  const again = options.again(profile, made);
  // A cached session must live that long too.
  const request = { ...again.request, minTtl: leastOf(section, options) };
  await writeOne({ ...again, section: name, request }, ui, world);
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

function shown(section: string): string {
  return printable(section, 60);
}
