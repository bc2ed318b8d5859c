import { createHmac, randomBytes } from 'node:crypto';
import { Exit, UserError } from '../errors.ts';
import { makePrivate } from '../files/disk.ts';
import { hash, readEntry, writeEntry } from '../files/entries.ts';
import { inTurn } from '../files/lock.ts';
import { wasNotSent } from '../sts/answer.ts';
import { isWrongCode } from '../sts/errors.ts';
import { onInterruption } from '../system/signals.ts';
import { printable } from '../text.ts';
import type { Asking, Question, TokenSource } from './source.ts';
import { fromTerminal } from './sources.ts';

/** What a call with a token code needs. */
export interface WithCode extends Asking {
  /** Of the cache, where used codes are remembered; undefined where nothing can be kept. */
  readonly directory: string | undefined;
  readonly question: Omit<Question, 'problem'>;
}

/**
 * Reads a token code and calls with it. After a wrong code it tries again, as often as the source can give others. A used
 * code is not sent: awsmfa waits for the next one, and that is not counted as a try.
 *
 * @throws UserError
 */
export async function withCode<T>(
  source: TokenSource,
  call: (code: string) => Promise<T>,
  asking: WithCode,
): Promise<T> {
  const { question, directory, world } = asking;
  const spent = spentCodes(directory, question.serialNumber, world.now);
  let from = source;
  let problem: string | undefined;
  const printed = new Set<string>();
  for (let wrong = 0, repeated = 0; ; ) {
    const code = await from.read({ ...question, problem });
    problem = undefined;
    // The device shows another code since then, so the program is broken. Waiting once more would not help.
    if (from.kind === 'program' && printed.has(code)) throw printsNoOther(from);
    printed.add(code);
    if (!(await spent.claim(code))) {
      from = sourceOfAnother(from, ++repeated, asking);
      await waitForNextCode('that code was used already', from, question, asking);
      continue;
    }
    try {
      return await call(code);
    } catch (error) {
      if (wasNotSent(error)) await spent.release(code);
      const left = tries[from.kind] - ++wrong;
      if (!isWrongCode(error) || left <= 0) throw error;
      if (from.kind === 'program') await waitForNextCode(error.message, from, question, asking);
      else problem = `${error.message}; type the next one (${left} ${left === 1 ? 'try' : 'tries'} left)`;
    }
  }
}

const tries: Readonly<Record<TokenSource['kind'], number>> = { person: 3, program: 2, fixed: 1 };

/**
 * Finds a source for a code other than the used one: the same person, the same program, which may be slow to notice, or
 * the terminal in place of a code that was given in advance.
 *
 * @throws UserError refused
 */
function sourceOfAnother(source: TokenSource, repeated: number, asking: Asking): TokenSource {
  if (source.kind === 'person') return source;
  if (source.kind === 'program') {
    if (repeated <= 2) return source;
    throw printsNoOther(source);
  }
  const terminal = fromTerminal(asking);
  if (terminal) return terminal;
  const now = asking.world.now();
  const wait = `the next one comes in ${secondsUntil(nextWindow(now), now)}s`;
  throw spentCode(`The MFA code from ${source.name} was used already; ${wait}`);
}

function printsNoOther({ name }: TokenSource): UserError {
  return spentCode(`The code from ${name} was used already, and it prints no other`);
}

function spentCode(message: string): UserError {
  const hint = 'Nothing was sent. Each code works once; take the next one.';
  return new UserError(Exit.refused, 'spent-code', message, hint);
}

/**
 * Waits until the device shows another code. The terminal counts the seconds down; without one, a line on stderr tells
 * them. With `--quiet` only a person who is asked next is told.
 *
 * @param why the reason: `that code was used already`
 * @param next the source of the next code
 * @throws UserError interrupted
 */
async function waitForNextCode(
  why: string,
  next: TokenSource,
  { profile }: Pick<Question, 'profile'>,
  { ui, world }: Pick<Asking, 'ui' | 'world'>,
): Promise<void> {
  const end = nextWindow(world.now());
  const line = () =>
    `${printable(profile, 60)}: ${why}; waiting ${secondsUntil(end, world.now())}s for the next`;
  const isOver = () => world.now() >= end;
  if (next.kind === 'person' ? ui.canAsk() : ui.canOffer()) {
    const { countDown } = await import('./prompt.ts');
    return countDown({ line, isOver }, ui);
  }
  const say = next.kind === 'person' ? ui.warn : ui.say;
  say(line());
  await silently(isOver);
}

function silently(isOver: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearInterval(timer);
      stopListening();
      settle();
    };
    const timer = setInterval(() => isOver() && finish(resolve), 100);
    const stopListening = onInterruption((why) => finish(() => reject(why)));
  });
}

/** Whole seconds, and never 0 before the end. */
function secondsUntil(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}

/**
 * The used codes of a device. AWS accepts each code once, and answers the second time as for a wrong code. awsmfa keeps
 * a keyed hash and the time window of each code, never the code.
 */
export interface SpentCodes {
  /** Marks a code as used, for every process. False when it was used already. */
  claim(code: string): Promise<boolean>;
  /** Takes back a claim, for a code that was not sent after all. */
  release(code: string): Promise<void>;
}

/** A device of AWS's shows a new code every 30 seconds (RFC 6238, by epoch time). */
const windowMs = 30_000;

/** When the next code comes. Both times are epoch milliseconds. */
function nextWindow(now: number): number {
  return (windowAt(now) + 1) * windowMs;
}

/** The number of the window that holds this instant. */
function windowAt(now: number): number {
  return Math.floor(now / windowMs);
}

/**
 * @param directory of the cache; nothing is remembered without one, or where it cannot be written
 * @param now epoch milliseconds
 */
export function spentCodes(
  directory: string | undefined,
  serialNumber: string,
  now: () => number,
): SpentCodes {
  const changing = async (change: (memory: Memory) => Memory): Promise<void> => {
    if (directory === undefined) return;
    const name = `spent-${hash(serialNumber)}`;
    const path = `${directory}/${name}.json`;
    const work = async () => {
      const memory = read(path, windowAt(now()));
      const changed = change(memory);
      if (changed !== memory) writeEntry(path, { spent: changed });
    };
    try {
      makePrivate(directory);
      await inTurn(directory, `lock-${name}-`, work, () => {});
    } catch {
      // STS refuses a used code by itself, as a wrong one.
    }
  };
  return {
    claim: async (code) => {
      let isNew = true;
      await changing((memory) => {
        const mac = macOf(code, memory);
        isNew = !memory.codes.some((each) => each.mac === mac);
        return isNew
          ? { ...memory, codes: [...memory.codes, { mac, window: windowAt(now()) }].slice(-most) }
          : memory;
      });
      return isNew;
    },
    release: (code) =>
      changing((memory) => {
        const mac = macOf(code, memory);
        return { ...memory, codes: memory.codes.filter((each) => each.mac !== mac) };
      }),
  };
}

interface Memory {
  /** Random, hex. */
  readonly key: string;
  readonly codes: readonly Spent[];
}

interface Spent {
  /** HMAC-SHA256, hex. */
  readonly mac: string;
  /** When it was used. */
  readonly window: number;
}

/** The most codes that are kept: more than a person can use within their life. */
const most = 20;

/** In windows. AWS accepts a code in its window, and in the one before and after it. */
const life = 2;

/** The codes that have not expired. A damaged or foreign file counts as empty. */
function read(path: string, window: number): Memory {
  const { key, codes } = (readEntry(path)?.spent ?? {}) as { key?: unknown; codes?: unknown };
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key) || !Array.isArray(codes)) {
    return { key: randomBytes(32).toString('hex'), codes: [] };
  }
  return { key, codes: codes.filter((each) => isSpent(each) && Math.abs(window - each.window) <= life) };
}

function isSpent(value: unknown): value is Spent {
  const { mac, window } = (value ?? {}) as { mac?: unknown; window?: unknown };
  return typeof mac === 'string' && typeof window === 'number';
}

function macOf(code: string, { key }: Memory): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(code).digest('hex');
}
