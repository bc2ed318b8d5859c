import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeNew } from '../files/disk.ts';

/**
 * Keeps the compiled program for the next time, as `readCompiled` expects it, and lets those go that nobody has made
 * for a month. Where there is no cache yet, none is made for this: a program that was only asked for its version leaves
 * nothing behind. That it cannot be kept costs nothing but time.
 */
export function keepCompiled(path: string, compiled: Buffer): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeNew(temporary, Buffer.concat([compiled, compiled]));
    renameSync(temporary, path);
    sweep(dirname(path));
  } catch {
    discard(temporary);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Not even its directory is one.
  }
}

function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (!name.startsWith('code-')) continue;
    const path = `${directory}/${name}`;
    if (Date.now() - statSync(path).mtimeMs > month) rmSync(path, { force: true });
  }
}

const month = 30 * 86_400_000;
