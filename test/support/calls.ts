import { vi } from 'vitest';
import type { LocalSts } from '../../tools/local-sts/server.ts';

/**
 * The limits, in milliseconds, that calls to AWS are given from now on, until `vi.restoreAllMocks`. Each passes so many
 * times as fast: with 0 never, for a test that is about the answer, on a machine that may be slow.
 */
export function limitsOfCalls(speed: number): readonly number[] {
  const limits: number[] = [];
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    limits.push(ms);
    return speed === 0 ? new AbortController().signal : timeout.call(AbortSignal, Math.round(ms / speed));
  });
  return limits;
}

/** The next call to STS: it has come, and it is answered when the test says so. */
export function heldCall(sts: LocalSts): { readonly came: Promise<void>; answer(): void } {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const came = new Promise<void>((resolve) => {
    sts.fault({
      slow: () => {
        resolve();
        return answered;
      },
    });
  });
  return { came, answer: () => answer() };
}

/** A timer of so many milliseconds goes off when a condition holds, and not with the time; until `vi.restoreAllMocks`. */
export function timerUntil(ms: number, condition: () => boolean): void {
  const { setTimeout: real } = globalThis;
  const instead = (...args: Parameters<typeof real>) => {
    const [act, delay] = args;
    if (delay !== ms) return real(...args);
    const look = () => {
      if (!condition()) return;
      clearInterval(timer);
      act();
    };
    const timer = setInterval(look, 5);
    return timer;
  };
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(instead as typeof setTimeout);
}
