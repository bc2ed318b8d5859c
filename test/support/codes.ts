import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSts } from '../../tools/local-sts/server.ts';

/** Codes that were spent can be used again: STS has forgotten them, and so has awsmfa in the home that is there. */
export function forgetCodes(sts: LocalSts, home: string): void {
  sts.forgetSpentCodes();
  const cache = join(home, '.aws/awsmfa');
  for (const name of namesIn(cache)) {
    if (name.startsWith('spent-')) rmSync(join(cache, name));
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * Makes it late in a window of 30 s, for STS and for whoever gets the clock that is returned: the next code comes in
 * that many milliseconds. To be called again after anything that takes long.
 */
export function late(sts: LocalSts, left = 2000): () => number {
  const offset = 30_000 - left - (Date.now() % 30_000);
  sts.clockOffsetMs = offset;
  return () => Date.now() + offset;
}
