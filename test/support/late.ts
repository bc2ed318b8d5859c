import type { LocalSts } from '../../tools/local-sts/server.ts';

/**
 * Makes it late in a window of 30 s, for STS and for whoever gets the clock that is returned: the next code comes in
 * that many milliseconds. To be called again after anything that takes long.
 */
export function late(sts: LocalSts, left = 2000): () => number {
  const offset = 30_000 - left - (Date.now() % 30_000);
  sts.clockOffsetMs = offset;
  return () => Date.now() + offset;
}
