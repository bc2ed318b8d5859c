import * as fs from 'node:fs';
import { readOwn, removeOwn } from './disk.ts';
import type { LockMeans } from './lock-place.ts';

/**
 * A lock that is a file with the number of its process, for systems that allow no socket anywhere, such as a sandbox. Those
 * who wait look at it five times a second. It carries no word, since a word may hold a session: they look into the
 * cache then.
 */
export const fileLock: LockMeans = {
  async hold({ directory, name }) {
    const path = `${directory}/${name}`;
    if (!make(path)) return undefined;
    const beat = setInterval(() => touch(path), 5000);
    beat.unref();
    const abandon = () => {
      clearInterval(beat);
      remove(path);
    };
    return { abandon, release: async () => abandon() };
  },
  async reach({ directory, name }) {
    const path = `${directory}/${name}`;
    if (!isHeld(path)) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<string>((resolve) => {
      timer = setInterval(() => isHeld(path) || resolve(''), 200);
    }).finally(() => clearInterval(timer));
    return { ended, leave: () => clearInterval(timer) };
  },
};

/** False when the name is taken. */
function make(path: string): boolean {
  try {
    fs.writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Its number may have gone to another process since: a living one touches its file every five seconds. */
function isHeld(path: string): boolean {
  try {
    const age = Date.now() - fs.lstatSync(path).mtimeMs;
    const text = String(readOwn(path, 20));
    // It is written right after it has been made.
    if (text === '') return age < 5000;
    if (!/^[1-9]\d*$/.test(text) || age > 60_000) return false;
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    fs.utimesSync(path, now, now);
  } catch {
    // Somebody has removed it, who takes this process for dead.
  }
}

function remove(path: string): void {
  try {
    removeOwn(path);
  } catch {
    // It counts as dead as soon as this process is.
  }
}
