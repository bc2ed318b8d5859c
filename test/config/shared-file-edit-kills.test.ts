import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setKeys } from '../../src/config/edit.ts';
import { editSharedFile } from '../../src/config/shared-file-edit.ts';
import { makeHome } from '../support/home.ts';
import { runs } from '../support/matrix.ts';
import { startEdit } from './edit-processes.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const textOf = (path: string) => readFileSync(path, 'utf8');
const beside = (path: string) => readdirSync(dirname(path)).sort();

/** Large enough that writing takes its time. */
const head = Array.from(
  { length: runs(1500, 4000) },
  (_, index) => `[profile-${index}]\nx = ${'y'.repeat(800)}\n\n`,
).join('');
const counted = (count: string) =>
  `[loop]\ncount = ${count}\npad = ${'x'.repeat(100)}${count}\nagain = ${count}\n`;
const tail = '\n# behind it\n[last]\nx = 1\n';

describe('kills at random moments', () => {
  test('the file is the old one or the new one, and the next run cleans up', {
    timeout: 600_000,
  }, async () => {
    let left = 0;
    const counts = new Set<string>();
    const kills = async (many: number) => {
      const { credentials } = makeHome({ credentials: head + counted('0') + tail });
      for (let kill = 0; kill < many; kill++) {
        const loop = startEdit('loop', credentials, 'loop');
        await loop.until('written');
        await pause(Math.random() * 80);
        loop.child.kill('SIGKILL');
        await loop.end;
        const text = textOf(credentials);
        const [, count = 'none'] = /^count = (\d+)$/m.exec(text.slice(head.length)) ?? [];
        expect(text === head + counted(count) + tail).toBe(true);
        counts.add(count);
        left += beside(credentials).length > 1 ? 1 : 0;
        // A file that is right already is left alone, and the dead are cleared away all the same.
        expect(await editSharedFile(credentials, (document) => document)).toBe('unchanged');
        expect(beside(credentials)).toEqual(['credentials']);
      }
    };
    await Promise.all([kills(runs(7, 50)), kills(runs(7, 50))]);
    expect(left).toBeGreaterThan(0);
    expect(counts.size).toBeGreaterThan(1);
  });
});

describe('a disk that is full', () => {
  test('the file stays, what was begun is taken away', async () => {
    const { credentials } = makeHome({ credentials: head });
    // 1 MB: what a process may write into one file. Node is told by EFBIG, as it would be by ENOSPC.
    const full = startEdit('new', credentials, undefined, { shell: 'ulimit -f 2048; exec "$@"' });
    full.go();
    expect(await full.end).toEqual([
      'ready',
      `UserError: Cannot write ${credentials}: it would be larger than files may be here (ulimit -f)`,
    ]);
    expect([textOf(credentials) === head, beside(credentials)]).toEqual([true, ['credentials']]);
  });
});

test('SIGINT, SIGTERM and SIGHUP end it, and the next run cleans up', async () => {
  const { credentials } = makeHome({ credentials: head + counted('0') + tail });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const loop = startEdit('loop', credentials, 'loop');
    await loop.until('written');
    await pause(Math.random() * 80);
    loop.child.kill(signal);
    await loop.end;
    expect(loop.child.signalCode).toBe(signal);
    expect(await editSharedFile(credentials, (document) => setKeys(document, 'x', [['y', signal]]))).toBe(
      'written',
    );
    expect(beside(credentials)).toEqual(['credentials']);
  }
});
