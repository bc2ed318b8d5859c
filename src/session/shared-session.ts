import { fromPlain, type Session, toPlain } from '../credentials.ts';
import { Exit, type ExitStatus, UserError } from '../errors.ts';
import type { Holder } from '../files/lock-place.ts';
import { printable } from '../printable.ts';
import { isStopped, ownTerminal } from '../system/processes.ts';
import type { Ui } from '../ui.ts';
import type { Cache } from './cache.ts';
import { hasOwnCode, keyOf, type Origin, type Step, serves } from './plan.ts';

/** What `getSharedSession` needs from outside, as functions. */
export interface Sharing {
  /** Undefined where nothing can be kept: no home. */
  readonly cache: Cache | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A session with less than this many seconds left counts as expired. */
  readonly minTtl: number;
  /** True to pass over a session that is still valid. */
  readonly refresh: boolean;
  /** False where nobody may be asked: then nobody waits for another's answer either. */
  readonly mayWait: boolean;
  /** Whether a token code comes without a question to anybody. */
  readonly hasCode: boolean;
  /** Asks for the token code, if the step needs one, and calls STS. */
  readonly create: (step: Step) => Promise<Session>;
  readonly ui: Ui;
  /** The command that this is for, e.g. `use`: those who wait are told. */
  readonly command: string;
}

export interface SharedSession {
  readonly session: Session;
  readonly from: 'cache' | 'sts';
}

/**
 * The session of a step: from the cache, from another process that is getting it right now, or from STS. Of
 * any number of processes that want the same session at once, one asks and calls.
 */
export async function getSharedSession(step: Step, sharing: Sharing): Promise<SharedSession> {
  const cached = sharing.refresh ? undefined : fromCache(step, sharing);
  sharing.ui.debug(`${step.step} of ${step.profile}: ${cached ? 'in the cache' : 'not in the cache'}`);
  if (cached) return { session: cached.session, from: 'cache' };
  const { cache } = sharing;
  if (!cache || !sharing.mayWait) return { session: answer(await attempt(step, sharing)), from: 'sts' };

  const { singleFlight } = await import('../files/lock.ts');
  const before = cache.session(step)?.accessKeyId;
  // With --refresh a session counts that another process has got since.
  const newer = () => {
    const found = fromCache(step, sharing);
    return sharing.refresh && found?.session.accessKeyId === before ? undefined : found;
  };
  let mine: Word | undefined;
  const work = async () => {
    // Somebody may have got it between the look into the cache and the lock.
    mine = newer() ?? (await attempt(step, sharing));
    return toText(mine);
  };
  const terminal = ownTerminal();
  const self = { pid: process.pid, command: sharing.command, terminal, hasCode: sharing.hasCode };
  let other = 'another awsmfa';
  const onWait = (holder: Holder | undefined) => {
    if (holder) other = nameOf(holder);
    const line = `Waiting for ${other}, which is getting a session for ${printable(step.profile, 60)}`;
    // On its own terminal the question of the other one is seen, and must not be written over.
    const isSeen = terminal !== undefined && holder?.terminal === terminal;
    if (isSeen) sharing.ui.say(line);
    else sharing.ui.announce(line);
  };
  const waiting = {
    self: () => self,
    isStopped,
    isDone: () => newer() !== undefined,
    isForPerson: true,
  };
  const key = keyOf(step);
  // One asks on this terminal in place of the other. All at once would ask one after the other, for one session.
  const onLate = () =>
    sharing.hasCode
      ? work().then(() => undefined)
      : singleFlight(
          cache.directory,
          `late ${terminal} ${key}`,
          work,
          () => {},
          noPatience,
          async () => {
            throw tooLate(other, step);
          },
        );
  const noPatience = { self: () => self, isStopped, patience: 0 };
  for (;;) {
    const theirs = await singleFlight(cache.directory, key, work, onWait, waiting, onLate);
    if (mine) return { session: answer(mine), from: 'sts' };
    const word = fromText(theirs);
    if (isCancelled(word)) throw cancelledThere(other, step);
    if (!isItsOwn(word) && isEnough(word, step, sharing)) return { session: answer(word), from: 'sts' };
  }
}

function tooLate(holder: string, { profile }: Step): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `${holder} has been asking for the code of ${printable(profile, 60)} for two minutes, and another awsmfa asks here now`,
    'Answer one of them, and run this again.',
  );
}

/** Another process, as people know it: `awsmfa use (process 4711, on pts/3)`. */
function nameOf({ command, pid, terminal }: Holder): string {
  return printable(`awsmfa ${command} (process ${pid}${terminal ? `, on ${terminal}` : ''})`, 100);
}

/** What the process that did the work says to those that wait. */
type Word = Answered | { readonly error: unknown };

interface Answered extends Pick<Origin, 'hasOwnCode'> {
  readonly session: Session;
}

/** The other may have asked for a shorter life than this one, or for one from an MFA session. */
function isEnough(word: Word, step: Step, { now }: Sharing): boolean {
  if ('error' in word) return true;
  // The answer took some seconds.
  return serves(step, { ...word, issuedFor: word.session.expiration - now() / 1000 + 60 });
}

/** The holder's cannot-ask error, or its end by a signal, does not apply to this process. */
function isItsOwn(word: Word): boolean {
  const own: readonly number[] = [Exit.cannotAsk, Exit.terminated, Exit.hungUp];
  return 'error' in word && word.error instanceof UserError && own.includes(word.error.exit);
}

function answer(word: Word): Session {
  if ('error' in word) throw word.error;
  return word.session;
}

/** The user cancelled the prompt. Fail all waiting processes instead of asking again. */
function isCancelled(word: Word): boolean {
  return 'error' in word && word.error instanceof UserError && word.error.exit === Exit.interrupted;
}

function cancelledThere(holder: string, { profile }: Step): UserError {
  return new UserError(
    Exit.interrupted,
    'interrupted',
    `${holder} was getting the session for ${printable(profile, 60)}, and was cancelled there`,
    'Run it again to be asked here.',
  );
}

function fromCache(step: Step, { cache, now, minTtl }: Sharing): Answered | undefined {
  const cached = cache?.session(step);
  if (!cached || cached.expiration - now() / 1000 < minTtl || !serves(step, cached)) return undefined;
  const { issuedFor: _, hasOwnCode, ...session } = cached;
  return { session, hasOwnCode };
}

async function attempt(step: Step, sharing: Sharing): Promise<Word> {
  try {
    const session = await sharing.create(step);
    remember(step, session, sharing);
    return { session, hasOwnCode: hasOwnCode(step) };
  } catch (error) {
    return { error };
  }
}

/** A session that cannot be kept is a session all the same. */
function remember(step: Step, session: Session, { cache, ui }: Sharing): void {
  try {
    cache?.keep(step, session);
  } catch (error) {
    ui.say(`The session could not be kept for the next time: ${reason(error)}`);
  }
}

/** The first words of a file system error, e.g. `EROFS: read-only file system`; they name no secret. */
function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/,.*$/s, '') : 'unknown reason';
}

function toText(word: Word): string {
  if ('session' in word) return JSON.stringify({ ...word, session: toPlain(word.session) });
  const { error } = word;
  if (!(error instanceof UserError)) return JSON.stringify({ error: { message: 'it failed' } });
  const { exit, code, message, hint } = error;
  return JSON.stringify({ error: { exit, code, message, hint } });
}

function fromText(text: string | undefined): Word {
  try {
    const { session, hasOwnCode, error } = JSON.parse(text ?? '');
    const received = fromPlain(session);
    if (received) return { session: received, hasOwnCode: hasOwnCode === true };
    const { exit, code, message, hint } = error;
    return {
      error: new UserError((exit ?? Exit.failed) as ExitStatus, code ?? 'failed', String(message), hint),
    };
  } catch {
    return {
      error: new UserError(Exit.failed, 'failed', 'The awsmfa that was getting the session said nothing'),
    };
  }
}
