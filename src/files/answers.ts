import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { checkPrivate, discard } from './disk.ts';
import { entryNames } from './entries.ts';

/** A file beside the sessions that a shell reads instead of starting awsmfa. */
export interface AnswerFile {
  /** Puts the text in place. @param isCurrent asked when the file is there: false removes it again */
  keep(text: string, isCurrent: () => boolean): void;
  drop(): void;
}

const names = /^answer-[\w.-]{1,220}$/;

/**
 * To be called before the shared files are read. The file keeps the time of this call as its own, by the clock of its
 * file system, so that a shell finds a config file newer that was changed while awsmfa worked.
 *
 * @returns undefined where no answer can be kept; that is no error
 */
export function beginAnswer(directory: string, name: string): AnswerFile | undefined {
  if (!names.test(name) || process.platform === 'win32') return undefined;
  const path = `${directory}/${name}`;
  // A name that the sweep of temporary files knows, and `removeAnswers` does not.
  const temporary = `${directory}/answer.json.${process.pid}.tmp`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let file: number;
  let begun: number;
  try {
    checkPrivate(directory);
    file = openSync(temporary, flags, 0o600);
    begun = Math.floor(fstatSync(file).mtimeMs) / 1000;
  } catch {
    return undefined;
  }
  let isOpen = true;
  const drop = () => {
    if (isOpen) closeSync(file);
    isOpen = false;
    discard(temporary);
  };
  return {
    drop,
    keep: (text, isCurrent) => {
      try {
        fchmodSync(file, 0o600);
        ftruncateSync(file);
        writeFileSync(file, text);
        futimesSync(file, begun, begun);
        renameSync(temporary, path);
        if (!isCurrent()) discard(path);
      } catch {
        // The shell starts awsmfa the next time too.
      }
      drop();
    },
  };
}

/** Removes all kept answers. They are stale once a session was kept or forgotten. */
export function removeAnswers(directory: string): void {
  for (const name of entryNames(directory, /^answer-[\w.-]+$/)) discard(`${directory}/${name}`);
}
