import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { cannotWrite } from './replace-fault.ts';

/** Where a file that is to be written really is. */
export interface Place {
  /** As the user knows it, for messages. */
  readonly path: string;
  /** Absolute, without symbolic links; perhaps not there yet. */
  readonly target: string;
  /** False for a path, not a link, whose directory is missing. */
  readonly hasDirectory: boolean;
}

/**
 * Follows symbolic links, also to a file that does not exist: it will be made there, if there is a directory for it.
 *
 * @throws UserError (cannot-write) for a loop, a link into nowhere, a directory that cannot be entered
 */
export function placeOf(path: string): Place {
  // A `~` that nobody could expand is no directory of that name where the user stands.
  if (path.startsWith('~')) throw cannotWrite(path, 'there is no home directory');
  try {
    return { path, target: follow(path), hasDirectory: true };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !isLink(path)) return { path, target: path, hasDirectory: false };
    throw cannotWrite(path, isMissing ? 'it is a link into a directory that does not exist' : error);
  }
}

/** @throws the file system's error */
function follow(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    // With more links than the system follows, ELOOP comes here before there could be no end.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const directory = realpathSync.native(dirname(path));
  if (!isLink(path)) return join(directory, basename(path));
  const to = readlinkSync(path);
  // Not `resolve`: it takes `a/..` for nothing, also where `a` is a link.
  return follow(isAbsolute(to) ? to : `${directory}/${to}`);
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
