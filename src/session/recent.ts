import { readEntry, writeEntry } from '../files/entries.ts';

/** When profiles were picked, in epoch seconds. */
export function picked(directory: string | undefined): ReadonlyMap<string, number> {
  const times = directory && readEntry(pathIn(directory))?.picked;
  if (typeof times !== 'object' || times === null) return new Map();
  return new Map(Object.entries(times).filter((entry): entry is [string, number] => isTime(entry[1])));
}

/** Remembers the last 100. If they cannot be written, a list has another order, and that is all. */
export function keepPicked(directory: string | undefined, profile: string, now: number): void {
  if (directory === undefined) return;
  const times = new Map(picked(directory)).set(profile, now);
  const latest = [...times].sort((a, b) => b[1] - a[1]).slice(0, 100);
  try {
    writeEntry(pathIn(directory), { picked: Object.fromEntries(latest) });
  } catch {
    // See above.
  }
}

function pathIn(directory: string): string {
  return `${directory}/picked.json`;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 8.64e12;
}
