import {
  accessSync,
  constants,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';

export type { Stats };

/** The path without symbolic links. @throws the file system's error */
export function realPath(path: string): string {
  return realpathSync.native(path);
}

/** Where a symbolic link leads, as it stands there. @throws the file system's error, also for what is no link */
export function linkTarget(path: string): string {
  return readlinkSync(path);
}

/** What lies at the end of links. @throws the file system's error */
export function statsOf(path: string): Stats {
  return statSync(path);
}

/** Whether something is there; also a link that leads nowhere. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Whether files can be made in a directory. */
export function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether it is a file that may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The names in a directory; none where it cannot be read. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
