import { fromPlain, type Session, toPlain } from '../credentials.ts';
import { Exit, type ExitStatus, UserError } from '../errors.ts';
import type { Holder } from '../files/lock-place.ts';
import { isStopped, ownTerminal } from '../system/processes.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Cache } from './cache.ts';
import { hasOwnCode, keyOf, type Origin, type Step, serves } from './plan.ts';

/** What `getSharedSession` needs from outside. */
export interface Sharing {
  /** Undefined where nothing can be kept: no home. */
  readonly cache: Cache | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A session with less than this many seconds left counts as expired. */
  readonly minTtl: number;
  /** True to ignore a session that is still valid. */
  readonly refresh: boolean;
  /** False where nobody may be asked. It does not wait for another prompt then. */
  readonly mayWait: boolean;
  /** Whether a token code is available without asking a person. */
  readonly hasCode: boolean;
  /** Asks for a token code where the step needs one, and calls STS. */
  readonly create: (step: Step) => Promise<Session>;
  readonly ui: Ui;
  /** The command, e.g. `use`. Waiting processes show it. */
  readonly command: string;
}

export interface SharedSession {
  readonly session: Session;
  readonly from: 'cache' | 'sts';
}

/**
 * The session of a step: from the cache, from another process that is getting it now, or from STS. When several processes
 * want the same session at once, one of them asks for the code and calls STS.
 */
export async function getSharedSession(step: Step, sharing: Sharing): Promise<SharedSession> {
  const cached = sharing.refresh ? undefined : fromCache(step, sharing);
  sharing.ui.debug(`${step.step} of ${step.profile}: ${cached ? 'in the cache' : 'not in the cache'}`);
  if (cached) return { session: cached.session, from: 'cache' };
  const { cache } = sharing;
  if (!cache || !sharing.mayWait) return { session: answer(await attempt(step, sharing)), from: 'sts' };

  const { singleFlight } = await import('../files/lock.ts');
  const before = cache.session(step)?.accessKeyId;
  // With --refresh, a session that another process got since the start is new enough.
  const newer = () => {
    const found = fromCache(step, sharing);
    return sharing.refresh && found?.session.accessKeyId === before ? undefined : found;
  };
  let mine: Word | undefined;
  const work = async () => {
    // Another process may have got it before this one took the lock.
    mine = newer() ?? (await attempt(step, sharing));
    return toText(mine);
  };
  const terminal = ownTerminal();
  const self = { pid: process.pid, command: sharing.command, terminal, hasCode: sharing.hasCode };
  let other = 'another awsmfa';
  const onWait = (holder: Holder | undefined) => {
    if (holder) other = nameOf(holder);
    const line = `Waiting for ${other}, which is getting a session for ${printable(step.profile, 60)}`;
    // The other prompt is on this terminal, and the line must not overwrite it.
    const isHere = terminal !== undefined && holder?.terminal === terminal;
    if (isHere) sharing.ui.say(line);
    else sharing.ui.announce(line);
  };
  const waiting = {
    self: () => self,
    isStopped,
    isDone: () => newer() !== undefined,
    isForPerson: true,
  };
  const key = keyOf(step);
  // After two minutes one of the processes on this terminal asks. The others wait for it.
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
    if (failedWith(word, Exit.interrupted)) throw cancelledThere(other, step);
    // The holder's cannot-ask error, or its end by a signal, does not apply to this process.
    if (failedWith(word, Exit.cannotAsk, Exit.terminated, Exit.hungUp)) continue;
    if (isEnough(word, step, sharing)) return { session: answer(word), from: 'sts' };
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

/** The name of another process: `awsmfa use (process 4711, on pts/3)`. */
function nameOf({ command, pid, terminal }: Holder): string {
  return printable(`awsmfa ${command} (process ${pid}${terminal ? `, on ${terminal}` : ''})`, 100);
}

/** The result that the working process sends to those that wait. */
type Word = Answered | { readonly error: unknown };

interface Answered extends Pick<Origin, 'hasOwnCode'> {
  readonly session: Session;
}

/** The other process may have asked for a shorter life, or for a role from an MFA session. */
function isEnough(word: Word, step: Step, { now }: Sharing): boolean {
  if ('error' in word) return true;
  // Some seconds of its life are over already.
  return serves(step, { ...word, issuedFor: word.session.expiration - now() / 1000 + 60 });
}

function failedWith(word: Word, ...exits: readonly ExitStatus[]): boolean {
  return 'error' in word && word.error instanceof UserError && exits.includes(word.error.exit);
}

function answer(word: Word): Session {
  if ('error' in word) throw word.error;
  return word.session;
}

/** The user cancelled the prompt. All waiting processes fail instead of asking again. */
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

/** The session is good without being kept. */
function remember(step: Step, session: Session, { cache, ui }: Sharing): void {
  try {
    cache?.keep(step, session);
  } catch (error) {
    ui.say(`The session could not be kept for the next time: ${reason(error)}`);
  }
}

/** The first words of a file system error, e.g. `EROFS: read-only file system`. They have no secret. */
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
