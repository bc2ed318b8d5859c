import { Exit, UserError } from '../errors.ts';
import type { Asking, Question, TokenSource } from '../mfa/source.ts';
import { nextWindow, secondsUntil } from '../mfa/source.ts';
import { fromTerminal } from '../mfa/sources.ts';
import { spentCodes } from '../mfa/spent.ts';
import { waitForNextCode } from '../mfa/wait.ts';
import { wasNotSent } from '../sts/answer.ts';
import { isWrongCode } from '../sts/errors.ts';

/** What a call with a token code needs. */
export interface WithCode extends Asking {
  /** Where spent codes are remembered; undefined where nothing can be kept. */
  readonly directory: string | undefined;
  /** For whom the code is. */
  readonly question: Omit<Question, 'refusal'>;
}

/**
 * Asks for a token code and calls with it: again after a wrong one, as often as its source can give others. A code that
 * this device has spent already is not sent; the next one is waited for, and that costs no try.
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
  let refusal: string | undefined;
  const printed = new Set<string>();
  for (let wrong = 0, repeated = 0; ; ) {
    const code = await from.read({ ...question, refusal });
    refusal = undefined;
    // The device has shown another one since: the program is broken, and would not print that in the next window either.
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
      else refusal = `${error.message}; type the next one (${left} ${left === 1 ? 'try' : 'tries'} left)`;
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
