import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readOwn, replace } from './disk.ts';

/**
 * Encrypts what a lock says, where others can connect to the lock. Windows lets every local user list named pipes, listen under a free
 * name and read from a pipe. The text may hold a session. Its key is a file in the directory of the lock, which is the user's own.
 *
 * @param directory of the lock
 * @param name of the lock: the text of one lock is none of another
 * @returns base64: AES-256-GCM, 12 bytes nonce, 16 bytes tag, ciphertext; '' for '' and where no key can be kept
 */
export function seal(directory: string, name: string, text: string): string {
  const key = text === '' ? undefined : (readKey(directory) ?? makeKey(directory));
  if (!key) return '';
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** The text again; '' for everything that was not sealed with the key of this directory for this lock. */
export function unseal(directory: string, name: string, text: string): string {
  const key = text === '' ? undefined : readKey(directory);
  if (!key) return '';
  const bytes = Buffer.from(text, 'base64');
  try {
    const options = { authTagLength: 16 };
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, 12), options)
      .setAAD(Buffer.from(name))
      .setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString();
  } catch {
    return '';
  }
}

const algorithm = 'aes-256-gcm';

function readKey(directory: string): Buffer | undefined {
  const key = readOwn(keyPath(directory), 32);
  return key?.length === 32 ? key : undefined;
}

/** Of two processes that make it at once, the later one wins. The text of the other one counts as empty. */
function makeKey(directory: string): Buffer | undefined {
  try {
    replace(keyPath(directory), randomBytes(32));
  } catch {
    return undefined;
  }
  return readKey(directory);
}

function keyPath(directory: string): string {
  return `${directory}/pipe-key`;
}
