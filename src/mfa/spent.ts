import { createHmac, randomBytes } from 'node:crypto';
import { makePrivate } from '../files/disk.ts';
import { readEntry, writeEntry } from '../files/entries.ts';
import { hash } from '../files/hash.ts';
import { inTurn } from '../files/lock.ts';
import { windowAt } from './source.ts';

/**
 * The codes that a device has spent: AWS takes each once, and answers to the second time as to a wrong code. What is
 * kept is a keyed hash of each and its window, never the code.
 */
export interface SpentCodes {
  /** False when this code was used already; else it counts as used from now on, for every process. */
  claim(code: string): Promise<boolean>;
  /** For a code that has not left this machine after all. */
  release(code: string): Promise<void>;
}

/**
 * @param directory of the cache; where there is none, or nothing can be written, nothing is remembered
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
      // STS will say that the code was used, in the words it has for a wrong one.
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

/** More than anybody can use while a code lives. */
const most = 20;

/** A code lives in its window and the ones beside it, and may have been used in any of the three. */
const life = 2;

/** Without what has expired; damaged or foreign, it counts as empty. */
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
