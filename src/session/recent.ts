import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { makeDirectory, readOwn } from '../files/disk.ts';

/** When profiles were picked, in epoch seconds. Beside the sessions, and as little to be trusted as any file. */
export function picked(directory: string | undefined): ReadonlyMap<string, number> {
  if (directory === undefined) return new Map();
  try {
    const { version: written, picked } = JSON.parse(String(readOwn(path(directory), 65_536)));
    if (written !== version) return new Map();
    return new Map(Object.entries(picked).filter((entry): entry is [string, number] => isTime(entry[1])));
  } catch {
    return new Map();
  }
}

/** Remembers the last 100; that it cannot be written costs nothing but the order of a list. */
export function keepPicked(directory: string | undefined, profile: string, now: number): void {
  if (directory === undefined) return;
  const times = new Map(picked(directory)).set(profile, now);
  const latest = [...times].sort((a, b) => b[1] - a[1]).slice(0, 100);
  const temporary = `${path(directory)}.${process.pid}.tmp`;
  try {
    makeDirectory(directory);
    discard(temporary);
    const text = JSON.stringify({ version, picked: Object.fromEntries(latest) });
    writeFileSync(temporary, `${text}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path(directory));
  } catch {
    discard(temporary);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Not even its directory is one.
  }
}

const version = 1;

function path(directory: string): string {
  return `${directory}/picked.json`;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 8.64e12;
}
