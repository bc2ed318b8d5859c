import { vi } from 'vitest';

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
