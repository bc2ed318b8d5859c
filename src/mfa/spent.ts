import { createHmac, randomBytes } from 'node:crypto';
import { makePrivate } from '../files/disk.ts';
import { readEntry, writeEntry } from '../files/entries.ts';
import { hash } from '../files/hash.ts';
import { inTurn } from '../files/lock.ts';

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
export function nextWindow(now: number): number {
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
