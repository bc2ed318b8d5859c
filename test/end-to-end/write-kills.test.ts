import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ada, desk, programFile, serialOf } from '../support/desk.ts';

const at = desk();

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace && process.env.CI) throw new Error('strace is needed: install the package strace');

/** System calls that change something on the disk, or make it last. */
const calls = ['openat', 'write', 'fsync', 'rename', 'unlink', 'chmod'];

test.skipIf(!hasStrace || process.platform !== 'linux')(
  'killed at any system call, write leaves the old file or the new one, and remembers what it came from',
  { timeout: 240_000 },
  async () => {
    const login = await at.awsmfa(['login', 'work', '--token-code', at.sts.nextCode(serialOf(ada))]);
    expect(login).toMatchObject({ status: 0 });
    const file = join(at.home, '.aws/credentials');
    const old = readFileSync(file, 'utf8');
    copyFileSync(file, `${file}.old`);
    const cache = join(at.home, '.aws/awsmfa');
    const kept = () => readdirSync(cache).filter((name) => name.startsWith('written-'));
    let killed = 0;
    let isNew = 0;
    for (const call of calls) {
      const path = call === 'openat' || call === 'write' ? ['-P', join(at.home, '.aws')] : [];
      for (let count = 1; ; count++) {
        copyFileSync(`${file}.old`, file);
        for (const name of kept()) rmSync(join(cache, name));
        const inject = `${call}:signal=SIGKILL:when=${count}`;
        const traced = [
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          ...path,
          '-e',
          `trace=${call}`,
          '-e',
          `inject=${inject}`,
        ];
        const { signal } = spawnSync('strace', [...traced, process.execPath, programFile, 'write', 'work'], {
          env: { ...at.env, HOME: at.home },
        });
        const text = readFileSync(file, 'utf8');
        if (text !== old) {
          isNew++;
          expect(text.startsWith(old)).toBe(true);
          expect(text).toMatch(/\[work-mfa\]\n(?:\w+ = .+\n){6,8}$/);
          const [memory = 'none'] = kept();
          const { written } = JSON.parse(readFileSync(join(cache, memory), 'utf8'));
          expect(written).toMatchObject({ section: 'work-mfa', profile: 'work' });
          expect(text).toContain(`aws_access_key_id = ${written.accessKeyId}`);
        }
        if (signal !== 'SIGKILL') break;
        killed++;
      }
    }
    // The last run of each call was not killed.
    expect(isNew).toBeGreaterThan(calls.length);
    expect(killed).toBeGreaterThan(calls.length);
    expect(
      execFileSync(process.execPath, [programFile, 'list', '--names'], {
        env: { ...at.env, HOME: at.home },
      }).toString(),
    ).toContain('work-mfa');
  },
);
