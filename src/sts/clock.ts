import { sayDuration } from '../duration.ts';
import type { Fault } from './answer.ts';

/**
 * How far off this clock is, when it is far enough to matter to codes (30 s), in words: by the times in the text of
 * STS's refusal, else by the date of its answer.
 *
 * @param now epoch milliseconds
 */
export function clockOffset({ message, serverTime }: Fault, now: number): string | undefined {
  // `…: SIGNED is now earlier than LIMIT (SERVER - 15 min.)`
  const [signed, , server] = [...message.matchAll(/\d{8}T\d{6}Z/g)].map(([basic]) => fromBasic(basic));
  const seconds =
    signed !== undefined && server !== undefined
      ? (signed - server) / 1000
      : serverTime === undefined
        ? 0
        : (now - serverTime) / 1000;
  if (Math.abs(seconds) < 30) return undefined;
  return `${sayDuration(Math.abs(seconds))} ${seconds < 0 ? 'behind' : 'ahead'}`;
}

/** Epoch milliseconds of ISO 8601's basic form, `20220127T001427Z`. */
function fromBasic(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
