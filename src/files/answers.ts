import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { checkPrivate, discard } from './disk.ts';
import { entryNames } from './entries.ts';

/** A file beside the sessions that a shell reads instead of starting awsmfa. */
export interface AnswerFile {
  /** Where it will be. */
  readonly path: string;
  /** When it was begun, in whole epoch seconds by the clock of its file system; the time of the file that is kept. */
  readonly begun: number;
  /**
   * Puts a text in place, unless a file that the answer depends on has changed since.
   *
   * @param textOf makes the text of how the files are
   * @param isCurrent asked when the file is there: false removes it again
   */
  keep(textOf: (files: readonly SeenFile[]) => string, isCurrent: () => boolean): void;
  drop(): void;
}

/** A file as it was, and how a shell sees that it still is. */
export interface SeenFile {
  readonly path: string;
  /** Undefined where there is no such file. */
  readonly changed?: {
    /** Epoch seconds of its last change. */
    readonly seconds: number;
    /** Files that were changed just before it and just after it: a shell compares times, and cannot read them. */
    readonly before: string;
    readonly after: string;
  };
}

const names = /^answer-[\w.-]{1,220}$/;

/**
 * To be called before the shared files are read.
 *
 * @param paths the files that the answer depends on
 * @returns undefined where no answer can be kept; that is no error
 */
export function beginAnswer(
  directory: string,
  name: string,
  paths: readonly string[],
): AnswerFile | undefined {
  if (!names.test(name) || process.platform === 'win32') return undefined;
  // A name that the sweep of temporary files knows, and `removeAnswers` does not.
  const temporary = `${directory}/answer.json.${process.pid}.tmp`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let file: number;
  let begun: number;
  let found: readonly (bigint | undefined)[];
  try {
    checkPrivate(directory);
    file = openSync(temporary, flags, 0o600);
    begun = Math.floor(fstatSync(file).mtimeMs / 1000);
    found = paths.map(changeOf);
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
    path: `${directory}/${name}`,
    begun,
    drop,
    keep: (textOf, isCurrent) => {
      try {
        // A file that changes twice within one tick of the clock has the same time: it has to be older than that.
        const isOld = found.every((time) => time === undefined || Number(time / second) < begun);
        if (!isOld || paths.some((path, index) => changeOf(path) !== found[index])) return drop();
        const files = paths.map((path, index) => seen(path, found[index], directory));
        fchmodSync(file, 0o600);
        ftruncateSync(file);
        writeFileSync(file, textOf(files));
        futimesSync(file, begun, begun);
        renameSync(temporary, `${directory}/${name}`);
        if (!isCurrent()) discard(`${directory}/${name}`);
      } catch {
        // The shell starts awsmfa the next time too.
      }
      drop();
    },
  };
}

const second = 1_000_000_000n;

/** When a file was last changed, in nanoseconds; undefined for none. */
function changeOf(path: string): bigint | undefined {
  const stats: BigIntStats | undefined = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.mtimeNs;
}

function seen(path: string, time: bigint | undefined, directory: string): SeenFile {
  if (time === undefined) return { path };
  // Node sets the time of a file to the microsecond.
  const [before, after] = [time / 1000n - 2n, time / 1000n + 2n].map((microseconds) => {
    const stamp = `${directory}/answered-${microseconds}`;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
    closeSync(openSync(stamp, flags, 0o600));
    utimesSync(stamp, Number(microseconds) / 1e6, Number(microseconds) / 1e6);
    return stamp;
  }) as [string, string];
  return { path, changed: { seconds: Number(time / second), before, after } };
}

/** Removes all kept answers. They are stale once a session was kept or forgotten. */
export function removeAnswers(directory: string): void {
  for (const name of entryNames(directory, /^answer(?:-[\w.-]+|ed--?\d+)$/)) discard(`${directory}/${name}`);
}
