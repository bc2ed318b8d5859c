import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';

/** The error for a shared file that cannot be replaced. @param cause the file system's error, or the reason in words */
export function cannotWrite(path: string, cause: unknown): UserError {
  if (cause instanceof UserError) return cause;
  return new UserError(
    Exit.configuration,
    'cannot-write',
    `Cannot write ${printable(path)}: ${reasonOf(cause)}`,
    'Nothing was changed; mend that, or name another file in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE.',
  );
}

function reasonOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  const { code = '', syscall } = cause as NodeJS.ErrnoException;
  // A new file could be made beside it: it is immutable, or its directory only takes more.
  if (syscall === 'rename' && (code === 'EPERM' || code === 'EACCES')) {
    return process.platform === 'win32'
      ? 'it is read-only, or another program keeps it open'
      : 'no permission to replace it';
  }
  return reasons[code] ?? printable(cause instanceof Error ? cause.message.replace(/,.*$/s, '') : code);
}

const reasons: Readonly<Record<string, string | undefined>> = {
  EACCES: 'no permission to make files in its directory',
  EPERM: 'no permission to make files in its directory',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would be larger than files may be here (ulimit -f)',
  EIO: 'the disk has an error',
  EBUSY: 'it is in use, or mounted as a single file (mount its directory instead)',
  EXDEV: 'it is mounted as a single file (mount its directory instead)',
  ETXTBSY: 'it is in use',
  ENOENT: 'no file can be made in its directory',
  ENOTDIR: 'what should be its directory is a file',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links, or a link to itself',
  ENAMETOOLONG: 'its name is too long',
};
