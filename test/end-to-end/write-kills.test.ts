import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desk, programFile } from '../support/desk.ts';
import { some } from '../support/matrix.ts';

const at = desk();

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace && process.env.CI) throw new Error('strace is needed: install the package strace');

test.skipIf(!hasStrace || process.platform !== 'linux')(
  'killed at any system call, write leaves the old file or the new one, and remembers what it came from',
  { timeout: 900_000 },
  async () => {
    await at.login('work');
    const file = join(at.home, '.aws/credentials');
    const old = readFileSync(file, 'utf8');
    copyFileSync(file, `${file}.old`);
    const cache = join(at.home, '.aws/awsmfa');
    const kept = () => readdirSync(cache).filter((name) => /^written-\w+\.json$/.test(name));
    const write = (...strace: string[]) => {
      copyFileSync(`${file}.old`, file);
      for (const name of kept()) rmSync(join(cache, name));
      const args = ['-f', '-qq', ...strace, process.execPath, programFile, 'write', 'work'];
      return spawnSync('strace', args, { env: { ...at.env, HOME: at.home } }).signal;
    };
    write('-y', '-o', `${file}.log`);
    const calls = callsOn(join(at.home, '.aws'), readFileSync(`${file}.log`, 'utf8'));
    const left = { old: 0, new: 0 };
    let killed = 0;
    for (const [call, count] of some(calls, 4)) {
      const inject = `inject=${call}:signal=SIGKILL:when=${count}`;
      const signal = write('-o', '/dev/null', '-e', `trace=${call}`, '-e', inject);
      if (signal === 'SIGKILL') killed++;
      const text = readFileSync(file, 'utf8');
      left[text === old ? 'old' : 'new']++;
      if (text === old) continue;
      expect(text.startsWith(old), `${call} ${count}`).toBe(true);
      expect(text).toMatch(/\[work-mfa\]\n(?:\w+ = .+\n){6,8}$/);
      const [memory = 'none'] = kept();
      const { written } = JSON.parse(readFileSync(join(cache, memory), 'utf8'));
      expect(written).toMatchObject({ section: 'work-mfa', profile: 'work' });
      expect(text).toContain(`aws_access_key_id = ${written.accessKeyId}`);
    }
    // Threads and timers differ from run to run; a few calls come at another count.
    expect(killed).toBeGreaterThan(some(calls, 4).length * 0.9);
    expect(left.old).toBeGreaterThan(5);
    expect(left.new).toBeGreaterThan(0);
    // What the killed ones left behind is in nobody's way, and goes.
    expect(write('-o', '/dev/null', '-e', 'trace=none')).toBe(null);
    const names = execFileSync(process.execPath, [programFile, 'list', '--names'], {
      env: { ...at.env, HOME: at.home },
    });
    expect(names.toString()).toContain('work-mfa');
    const temporary = (directory: string) => readdirSync(directory).filter((name) => name.endsWith('.tmp'));
    expect(temporary(join(at.home, '.aws'))).toEqual([]);
  },
);

/** Every system call of the main thread on a file or directory below this one, with its place among its kind. */
function callsOn(directory: string, log: string): readonly (readonly [call: string, count: number])[] {
  const lines = log.split('\n');
  const [main = ''] = (lines[0] ?? '').split(' ');
  const counts = new Map<string, number>();
  return lines.flatMap((line) => {
    const [, thread, call = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread !== main) return [];
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    return line.includes(directory) ? [[call, count] as const] : [];
  });
}
