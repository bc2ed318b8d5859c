import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seal, unseal } from '../../src/files/seal.ts';

describe('what a lock says on a named pipe', () => {
  const word = '{"session":"canary-of-a-session"}';
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'seal-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is read with the key in the directory of the lock, and by nobody else', () => {
    const sealed = seal(directory, 'lock-a-0', word);
    expect(unseal(directory, 'lock-a-0', sealed)).toBe(word);
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('canary');
    expect(sealed).not.toBe(seal(directory, 'lock-a-0', word));
  });

  test.each([
    ['plain text of another process', () => word],
    ['text of another lock', () => seal(directory, 'lock-b-0', word)],
    ['text that was changed', () => changed(seal(directory, 'lock-a-0', word))],
    ['a part of it', () => seal(directory, 'lock-a-0', word).slice(0, 20)],
  ])('%s counts as empty', (_, forge) => {
    seal(directory, 'lock-a-0', 'makes the key');
    expect(unseal(directory, 'lock-a-0', forge())).toBe('');
  });

  test('an empty word needs no key; a damaged key is made anew', () => {
    expect(seal(directory, 'lock-a-0', '')).toBe('');
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(join(directory, 'pipe-key'), 'short');
    expect(unseal(directory, 'lock-a-0', seal(directory, 'lock-a-0', word))).toBe(word);
  });

  test('without a directory there is nothing to say', () => {
    expect(seal(join(directory, 'missing'), 'lock-a-0', word)).toBe('');
    expect(unseal(join(directory, 'missing'), 'lock-a-0', word)).toBe('');
  });
});

function changed(sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}
