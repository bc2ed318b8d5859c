import { loadSharedFiles } from '../../config/files.ts';
import { type Writing, withRegion, withSession } from '../../config/section-edit.ts';
import { sayExpiration } from '../../config/session-section.ts';
import { editSharedFile, rehearseEdit } from '../../config/shared-file-edit.ts';
import { fromPlain, Secret, type Session } from '../../credentials.ts';
import { sayDuration, sayTime } from '../../duration.ts';
import { expected, orUndefined, usage } from '../../errors.ts';
import { entryNames, readEntry } from '../../files/entries.ts';
import { pairName } from '../../profile/long-term.ts';
import { cacheDirectory } from '../../session/cache.ts';
import { getSession } from '../../session/get-session.ts';
import { ownerOfProfile } from '../../session/plan.ts';
import { keepWritten, sessionSection, type Written, writtenIn } from '../../session/written.ts';
import { printable, shellWord } from '../../text.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { outranking } from '../problems.ts';
import { type Place, placeOf, regionFor, type State, stateOf, type WriteOptions } from './place.ts';

/** The session of one profile into one section, unless a valid one is there. */
export async function writeOne(asked: WriteOptions, ui: Ui, world: World): Promise<void> {
  const options = renewal(asked, world);
  const { request } = options;
  const place = placeOf(options, ui, world);
  const talk = talkOf(place, options, ui, world);
  const directory = cacheDirectory(world.env, world.home);
  const written = writtenIn(place.section, place.chosen.files, directory);
  const region = regionFor(place, request, written);
  const state = stateOf(place, options, written, world.now() / 1000 + request.minTtl);
  if (state.is === 'valid' && !request.refresh) {
    talk.begin(state, false);
    if (written && directory !== undefined) await followRegion(place, region, written, directory);
    talk.valid(state.session.expiration);
    return;
  }
  const { file, section, role } = place;
  const writing = { section, roleArn: role?.value, region, overwrite: options.overwrite };
  // Refuses everything that can be refused before it asks for the code.
  rehearseEdit(file, (document) => withSession(document, { ...writing, session: nobodys }));
  talk.begin(state, request.refresh);
  const { session, from } = await getSession(request, ui, world, place.chosen);
  // Before the file, so that no section is there without the memory of its source.
  const kept = { region: region ?? written?.region, before: written, accessKeyId: session.accessKeyId };
  remember(directory, place, kept, options, world);
  await put(file, { ...writing, session }, directory, ui);
  talk.done(session.expiration, from === 'sts');
}

/** A section that `write` made is renewed in its place, as it was made. */
function renewal(options: WriteOptions, world: World): WriteOptions {
  const { name } = options.request.choice;
  const files = loadSharedFiles(world);
  const there = sessionSection(name, files, cacheDirectory(world.env, world.home));
  if (there?.profile === undefined || there.profile === name || pairName(name, files)) return options;
  return { ...options.again(there.profile, there.written?.made ?? {}), section: options.section ?? name };
}

/** A session that is still valid stays, and what awsmfa wrote as `region` beside it follows that of the profile. */
async function followRegion(
  { file, section }: Place,
  region: string | undefined,
  written: Written,
  directory: string,
): Promise<void> {
  const old = written.region;
  if (old === undefined || region === undefined || region === old) return;
  const done = await editSharedFile(file, (document) => withRegion(document, section, old, region));
  if (done === 'written') keepWritten(directory, { ...written, region });
}

const nobodys: Session = {
  accessKeyId: 'ASIA',
  secretAccessKey: new Secret('-'),
  sessionToken: new Secret('-'),
  expiration: 0,
};

async function put(file: string, writing: Writing, directory: string | undefined, ui: Ui): Promise<void> {
  const onWait = () => ui.say('Waiting for another awsmfa that is writing the same file');
  try {
    await editSharedFile(file, (document) => withSession(document, writing), { onWait });
  } catch (thrown) {
    const error = expected(thrown);
    const kept = isKept(directory, writing.session)
      ? 'The session is kept in the cache: the next run asks for no code.'
      : undefined;
    throw error.with({ hint: [error.hint, kept].filter(Boolean).join(' ') });
  }
}

/** If the disk is full or read-only, the cache may not have the session either. */
function isKept(directory: string | undefined, { accessKeyId }: Session): boolean {
  const names = directory === undefined ? [] : entryNames(directory, /^session-.*\.json$/);
  return names.some(
    (name) => fromPlain(readEntry(`${directory}/${name}`)?.session)?.accessKeyId === accessKeyId,
  );
}

/** Remembers what `write --all` needs to make the session again. Without it `--all` goes by the names. */
function remember(
  directory: string | undefined,
  { chosen, named, file, section, role }: Place,
  { before, ...known }: Pick<Written, 'region' | 'accessKeyId' | 'before'>,
  { made }: WriteOptions,
  world: World,
): void {
  if (directory === undefined) return;
  const written: Written = {
    file,
    section,
    profile: named,
    owner: ownerOfProfile(chosen.profile),
    made: { ...made, ...(role && { roleArn: role.value }) },
    ...known,
    before: before && { ...before, before: undefined },
    at: Math.floor(world.now() / 1000),
  };
  orUndefined(() => keepWritten(directory, written));
}

/** Messages about one section, on stderr. */
interface Talk {
  /** Before anything is asked. */
  begin(state: State, isForced: boolean): void;
  /** Nothing has to be done until then, in epoch seconds. */
  valid(expiration: number): void;
  /** A session is in the section. */
  done(expiration: number, isNew: boolean): void;
}

/** @throws UserError usage for a log level that there is not */
function talkOf(place: Place, options: WriteOptions, ui: Ui, world: World): Talk {
  const least = leastLevel(options);
  return least === undefined ? plainTalk(place, ui, world) : loggedTalk(place, least, ui, world);
}

/** One line: for whom, where, until when, and how to use it. */
function plainTalk({ named, section }: Place, ui: Ui, world: World): Talk {
  const say = (what: string, expiration: number) => {
    const left = sayDuration(expiration - world.now() / 1000);
    const until = sayTime(expiration, world.now());
    ui.say(`${shown(named)}: ${what} in [${shown(section)}], ${left} left (until ${until})${use()}`);
  };
  const use = () => {
    const isUsed = section === 'default' || world.env.AWS_PROFILE === section;
    const how = isUsed ? '' : `; use it with AWS_PROFILE=${shellWord(section)}`;
    const first = outranking(section, world.env);
    return first === undefined ? how : `${how}; ${first}`;
  };
  return {
    begin: () => {},
    valid: (expiration) => say('session', expiration),
    done: (expiration, isNew) => say(isNew ? 'new session' : 'session', expiration),
  };
}

/** The lines of aws-mfa, level by level, for scripts that filter them. */
function loggedTalk(place: Place, least: number, ui: Ui, world: World): Talk {
  const { section } = place;
  const secondsTo = (expiration: number) => Math.ceil(expiration - world.now() / 1000);
  const log = (level: Level, line: string) => {
    if (levels[level] >= least) ui.say(`${level} - ${printable(line, 2200)}`);
  };
  return {
    begin: (state, isForced) => {
      const role = place.role ? `with assumed role: ${place.role.value}` : '';
      log('INFO', `Validating credentials for profile: ${section} ${role}`);
      if (state.is === 'missing') {
        log('INFO', `Short term credentials section ${section} is missing, obtaining new credentials.`);
      } else if (isForced) log('INFO', 'Forcing refresh of credentials.');
      else if (state.is !== 'valid') {
        const [level, line] = reasons[state.is];
        log(level, line);
      }
    },
    valid: (expiration) =>
      log(
        'INFO',
        `Your credentials are still valid for ${secondsTo(expiration)} seconds they will expire at ${sayExpiration(expiration)}`,
      ),
    done: (expiration) =>
      log(
        'INFO',
        `Success! Your credentials will expire in ${secondsTo(expiration)} seconds at: ${sayExpiration(expiration)}+00:00`,
      ),
  };
}

type Level = 'INFO' | 'WARNING';

/** Why aws-mfa gets a new session. */
const reasons = {
  invalid: ['WARNING', 'Your existing credentials are missing or invalid, obtaining new credentials.'],
  other: ['INFO', 'Obtaining credentials for a new role or profile.'],
  expired: ['INFO', 'Your credentials have expired, renewing.'],
} as const;

/** Python's levels. With NOTSET aws-mfa's logger has the level of the root logger. */
const levels = { DEBUG: 10, INFO: 20, WARNING: 30, NOTSET: 30, ERROR: 40, CRITICAL: 50 } as const;

/** Undefined if nobody asked for the lines of aws-mfa. */
function leastLevel({ logLevel, isAwsMfa }: WriteOptions): number | undefined {
  const level = logLevel ?? (isAwsMfa ? 'DEBUG' : undefined);
  if (level === undefined) return undefined;
  if (Object.hasOwn(levels, level)) return levels[level as keyof typeof levels];
  throw usage(
    `There is no log level "${printable(level, 40)}"`,
    `Use one of ${Object.keys(levels).join(', ')}.`,
  );
}

function shown(name: string): string {
  return printable(name, 60);
}
