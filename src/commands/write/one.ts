import { loadSharedFiles } from '../../config/files.ts';
import { type Writing, withSession } from '../../config/section-edit.ts';
import { sessionIn } from '../../config/session-section.ts';
import { editSharedFile, rehearseEdit } from '../../config/shared-file-edit.ts';
import { fromPlain, type Session } from '../../credentials.ts';
import { UserError } from '../../errors.ts';
import { entryNames, readEntry } from '../../files/entries.ts';
import { pairName, sourceByName } from '../../profile/long-term.ts';
import { Secret } from '../../secret.ts';
import { cacheDirectory } from '../../session/cache.ts';
import { getSession } from '../../session/get-session.ts';
import { ownerOfProfile } from '../../session/plan.ts';
import { keepWritten, type Written, writtenIn } from '../../session/written.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import type { WriteOptions } from './options.ts';
import { type Place, placeOf } from './place.ts';
import { followRegion, regionFor, stateOf } from './state.ts';
import { talkOf } from './talk.ts';

/** The session of one profile into one section, unless a valid one is there. */
export async function writeOne(asked: WriteOptions, ui: Ui, world: World): Promise<void> {
  const options = renewal(asked, world);
  const { request } = options;
  const place = placeOf(options, ui, world);
  const talk = talkOf(place, options, ui, world);
  const directory = cacheDirectory(world.env, world.home);
  const written = writtenIn(place.section, place.chosen.files, directory);
  const until = world.now() / 1000 + request.minTtl;
  const state = stateOf(place, options, written, until);
  const isForced = request.refresh;
  if (state.is === 'valid' && !isForced) {
    talk.begin(state, isForced);
    if (written && directory !== undefined) await followRegion(place, request, written, directory);
    talk.valid(state.session.expiration);
    return;
  }
  const writing = writingOf(place, options, written);
  rehearse(place, writing);
  talk.begin(state, isForced);
  const held = await getSession(request, ui, world, place.chosen);
  // Before the file: a section is never there without the memory of what it came from.
  const kept = { region: writing.region ?? written?.region, before: written };
  remember(directory, place, { ...kept, accessKeyId: held.session.accessKeyId }, options, world);
  await put(place, { ...writing, session: held.session }, ui, world);
  talk.done(held.session.expiration, held.from === 'sts');
}

/** A section that `write` made is renewed in its place, as it was made. */
function renewal(options: WriteOptions, world: World): WriteOptions {
  const { name } = options.request.choice;
  const files = loadSharedFiles(world);
  const isSession = sessionIn((key) => files.credentials(name)?.get(key)) !== undefined;
  if (!isSession || pairName(name, files) !== undefined) return options;
  const written = writtenIn(name, files, cacheDirectory(world.env, world.home));
  const source = written?.profile ?? sourceByName(name, files);
  if (source === undefined || source === name) return options;
  return { ...options.again(source, written?.made ?? {}), section: options.section ?? name };
}

type Rest = Omit<Writing, 'session'>;

function writingOf(place: Place, { request, overwrite }: WriteOptions, written: Written | undefined): Rest {
  return {
    section: place.section,
    roleArn: place.role?.value,
    region: regionFor(place, request, written),
    overwrite,
  };
}

/** Whatever can be refused is refused before the code is asked for. */
function rehearse({ file }: Place, writing: Rest): void {
  rehearseEdit(file, (document) => withSession(document, { ...writing, session: nobodys }));
}

const nobodys: Session = {
  accessKeyId: 'ASIA',
  secretAccessKey: new Secret('-'),
  sessionToken: new Secret('-'),
  expiration: 0,
};

async function put({ file }: Place, writing: Writing, ui: Ui, world: World): Promise<void> {
  const onWait = () => ui.say('Waiting for another awsmfa that is writing the same file');
  try {
    await editSharedFile(file, (document) => withSession(document, writing), { onWait });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const kept = isKept(cacheDirectory(world.env, world.home), writing.session)
      ? 'The session is kept in the cache: the next run asks for no code.'
      : undefined;
    throw new UserError(error.exit, error.code, error.message, [error.hint, kept].filter(Boolean).join(' '));
  }
}

/** The disk that is full, or read-only, may be that of the cache as well. */
function isKept(directory: string | undefined, { accessKeyId }: Session): boolean {
  const names = directory === undefined ? [] : entryNames(directory, /^session-.*\.json$/);
  return names.some(
    (name) => fromPlain(readEntry(`${directory}/${name}`)?.session)?.accessKeyId === accessKeyId,
  );
}

/** What made the session is what `write --all` has to repeat; the code of the minute is not. */
function remember(
  directory: string | undefined,
  { chosen, named, file, section, role }: Place,
  { before, ...known }: Pick<Written, 'region' | 'accessKeyId' | 'before'>,
  { made }: WriteOptions,
  world: World,
): void {
  if (directory === undefined) return;
  try {
    keepWritten(directory, {
      file,
      section,
      profile: named,
      owner: ownerOfProfile(chosen.profile),
      made: { ...made, ...(role && { roleArn: role.value }) },
      ...known,
      before: before && { ...before, before: undefined },
      at: Math.floor(world.now() / 1000),
    });
  } catch {
    // It is written all the same. `--all` goes by the names then.
  }
}
