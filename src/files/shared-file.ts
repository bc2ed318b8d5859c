import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import { retryWhileOpen } from './disk.ts';

/** Far more than any real file has (2,000 profiles are half a megabyte), and far less than the memory. */
const LIMIT = 16 * 1024 * 1024;

export interface FileContent {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

/**
 * The text of a shared file; undefined when there is no such file. Bytes that are no UTF-8 become U+FFFD.
 *
 * @throws UserError (configuration) if it exists and cannot be read, or is not a regular file
 */
export function readSharedFile(path: string): string | undefined {
  // botocore treats a path that is not a file as missing. People write `/dev/null` for no file.
  if (path === '/dev/null') return undefined;
  return withFile(path, (file) => checkedText(readFileSync(file, 'utf8'), path));
}

/** The bytes of the file; undefined when there is no such file. @throws as `readSharedFile` */
export function readSharedBytes(path: string): FileContent | undefined {
  return withFile(path, (file, stats) => ({ bytes: readFileSync(file), stats }));
}

function withFile<T>(path: string, read: (file: number, stats: Stats) => T): T | undefined {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO without a writer hangs, before its type can be checked.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
    file = retryWhileOpen(() => openSync(path, flags));
    const stats = fstatSync(file);
    const fault = faultOf(stats);
    if (fault) throw unreadable(path, fault);
    return read(file, stats);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, reasons[code ?? ''] ?? String(code));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function faultOf(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'it is a directory';
  if (!stats.isFile()) return 'it is not a regular file';
  return stats.size > LIMIT ? `it is larger than ${LIMIT / 1024 / 1024} MB` : undefined;
}

/**
 * Windows PowerShell 5 redirects as UTF-16, which would read as a file without profiles. Its byte order mark is not
 * UTF-8, and becomes two replacement characters.
 *
 * @throws UserError (configuration) for UTF-16
 */
export function checkedText(text: string, path: string): string {
  if (text.startsWith('\ufffd\ufffd')) throw unreadable(path, 'it is UTF-16, and must be UTF-8 (line 1)');
  return text;
}

const reasons: Readonly<Record<string, string | undefined>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EBUSY: 'another program keeps it open',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links, or a link to itself',
  ENXIO: 'it is not a regular file',
  ENAMETOOLONG: 'its name is too long',
};

function unreadable(path: string, reason: string): UserError {
  return new UserError(
    Exit.configuration,
    'unreadable-file',
    `Cannot read ${printable(path)}: ${reason}`,
    'Check the file, or name another one in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE',
  );
}
