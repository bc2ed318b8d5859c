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
 * that many milliseconds. The clock goes on by 100 with each look at it, and not with the time that a machine needs.
 */
export function late(sts: LocalSts, left = 2000): () => number {
  let time = Date.now() + 30_000 - left - (Date.now() % 30_000);
  const look = () => {
    time += 100;
    sts.clockOffsetMs = time - Date.now();
    return time;
  };
  look();
  return look;
}
