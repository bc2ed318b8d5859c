import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LockPath, seal, unseal } from '../../src/files/lock-means.ts';

describe('what a lock says on a named pipe', () => {
  const word = '{"session":"canary-of-a-session"}';
  let directory: string;
  let lockA: LockPath;
  let lockB: LockPath;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'seal-'));
    lockA = { directory, name: 'lock-a-0' };
    lockB = { directory, name: 'lock-b-0' };
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is read with the key in the directory of the lock, and by nobody else', () => {
    const sealed = seal(lockA, word);
    expect(unseal(lockA, sealed)).toBe(word);
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('canary');
    expect(sealed).not.toBe(seal(lockA, word));
  });

  test.each([
    ['plain text of another process', () => word],
    ['text of another lock', () => seal(lockB, word)],
    ['text that was changed', () => changed(seal(lockA, word))],
    ['a part of it', () => seal(lockA, word).slice(0, 20)],
  ])('%s counts as empty', (_, forge) => {
    seal(lockA, 'makes the key');
    expect(unseal(lockA, forge())).toBe('');
  });

  test('an empty word needs no key; a damaged key is made anew', () => {
    expect(seal(lockA, '')).toBe('');
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(join(directory, 'pipe-key'), 'short');
    expect(unseal(lockA, seal(lockA, word))).toBe(word);
  });

  test('without a directory there is nothing to say', () => {
    expect(seal({ ...lockA, directory: join(directory, 'missing') }, word)).toBe('');
    expect(unseal({ ...lockA, directory: join(directory, 'missing') }, word)).toBe('');
  });
});

function changed(sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}
