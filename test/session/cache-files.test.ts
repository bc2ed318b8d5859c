import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { stage, timeless } from '../support/stage.ts';

const at = stage();

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** Gets a session, and says what file it was kept in. */
async function kept(): Promise<string> {
  await at.runWithCode(['login', 'work']);
  return at.home.cached()[0] ?? '';
}

/** A new session was got without a word about the old file, was kept, and is given from then on. */
async function expectReplaced(file: string): Promise<void> {
  const { exit, stdout, stderr } = await at.runWithCode(['env', 'work']);
  expect({ exit, stderr, calls: at.calls().length }).toEqual({
    exit: 0,
    stderr: ['work: new session, 12h left'],
    calls: 2,
  });
  expect(await at.run(['env', 'work'])).toEqual({ exit: 0, stdout, stderr: [] });
  const stat = fs.lstatSync(file);
  expect({ file: stat.isFile(), mode: (stat.mode & 0o777).toString(8) }).toEqual({ file: true, mode: '600' });
}

type Edit = (text: string) => string | Uint8Array;

const edit = (
  change: (entry: { session: Record<string, unknown> } & Record<string, unknown>) => void,
): Edit => {
  return (text) => {
    const entry = JSON.parse(text);
    change(entry);
    return JSON.stringify(entry);
  };
};

test('old sessions go when a new one is kept, and so does a command line in a key of the first version', async () => {
  await at.runWithCode(['login', 'work']);
  const [path = ''] = at.home.cached();
  const entry = JSON.parse(fs.readFileSync(path, 'utf8'));
  const copy = (name: string, key: string, daysAgo: number) =>
    at.home.write(
      `.aws/awsmfa/session-${name}-0123456789abcdef.json`,
      JSON.stringify({
        ...entry,
        key,
        session: { ...entry.session, expiration: entry.session.expiration - daysAgo * 86_400 },
      }),
    );
  copy('old', '["x"]', 3);
  copy('lately', '["x"]', 1);
  copy('process_prog', '["process","prog","get-keys --password canary-word",""]', 0);
  copy('process_now', '["process","prog","0af","",""]', 0);
  at.home.write('.aws/awsmfa/session-foreign-0123456789abcdef.json', '{"version":99}');
  await at.runWithCode(['login', 'work', '--refresh']);
  const names = at.home.cached().map((name) => /session-(\w+)-/.exec(name)?.[1]);
  expect(names.sort()).toEqual(['AKIAIOSFODNN7EXAMPLE', 'foreign', 'lately', 'process_now']);
});

describe('is replaced:', () => {
  test.for<[string, Edit]>([
    ['an empty file', () => ''],
    ['a truncated one', (text) => text.slice(0, text.length / 2)],
    ['bytes', () => Uint8Array.from({ length: 4096 }, (_, index) => (index * 151) % 256)],
    ['a foreign one', () => '<html>It works!</html>'],
    ['JSON of something else', () => '[1, 2]'],
    ['null', () => 'null'],
    ['one that is much too large', (text) => text.padEnd(100_000)],
    ['another version', edit((entry) => Object.assign(entry, { version: 2 }))],
    ['another key', edit((entry) => Object.assign(entry, { key: `${entry.key} ` }))],
    ['no session', edit((entry) => Object.assign(entry, { session: undefined }))],
    ['a token with a line break', edit(({ session }) => Object.assign(session, { sessionToken: 'a\nb' }))],
    ['an empty secret', edit(({ session }) => Object.assign(session, { secretAccessKey: '' }))],
    ['a key that is a number', edit(({ session }) => Object.assign(session, { accessKeyId: 7 }))],
    ['no expiration', edit(({ session }) => Object.assign(session, { expiration: undefined }))],
    ['an expiration out of time', edit(({ session }) => Object.assign(session, { expiration: 1e300 }))],
    ['an expiration in words', edit(({ session }) => Object.assign(session, { expiration: '2999-01-01' }))],
  ])('%s', async ([, change]) => {
    const file = await kept();
    fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));
    await expectReplaced(file);
  });

  test('a link, even to a good one, and what it leads to stays', async () => {
    const file = await kept();
    const target = at.home.write('elsewhere.json', fs.readFileSync(file));
    fs.rmSync(file);
    fs.symlinkSync(target, file);
    const before = fs.readFileSync(target, 'utf8');
    await expectReplaced(file);
    expect(fs.readFileSync(target, 'utf8')).toBe(before);
  });

  test('an empty directory', async () => {
    const file = await kept();
    fs.rmSync(file);
    fs.mkdirSync(file);
    await expectReplaced(file);
  });

  test('but a directory with something in it stays', async () => {
    const file = await kept();
    fs.rmSync(file);
    fs.mkdirSync(file);
    fs.writeFileSync(`${file}/inside`, '');
    const { exit, stderr } = await at.runWithCode(['env', 'work']);
    expect({ exit, stderr: stderr.length, inside: fs.readdirSync(file) }).toEqual({
      exit: 0,
      stderr: 2,
      inside: ['inside'],
    });
  });

  test('a pipe that nobody writes to', async () => {
    const file = await kept();
    fs.rmSync(file);
    execFileSync('mkfifo', [file]);
    await expectReplaced(file);
  });

  test("another user's file", async () => {
    await kept();
    const getuid = vi.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(12_345);
    expect(await at.run(['env', 'work', '--no-prompt'])).toMatchObject({ exit: 4 });
    expect(getuid).toHaveBeenCalled();
  });
});

describe('a session that cannot be kept is delivered all the same, with one line about it', () => {
  /** Until the next one, which asks again. */
  async function expectDelivered(reason: RegExp, env: Record<string, string> = {}): Promise<void> {
    const { exit, stdout, stderr } = await at.runWithCode(['env', 'work'], { env });
    expect({ exit, code: stdout.includes("AWSMFA_PROFILE='work'"), calls: at.calls().length }).toEqual({
      exit: 0,
      code: true,
      calls: 1,
    });
    expect(timeless(stderr)).toEqual([expect.stringMatching(reason), 'work: new session, 12h left']);
    expect(await at.run(['env', 'work'], { env })).toMatchObject({ exit: 4 });
  }

  test('below a regular file', async () => {
    const file = at.home.write('file', '');
    await expectDelivered(/^The session could not be kept for the next time: ENOTDIR\b/, {
      AWSMFA_CACHE_DIR: `${file}/cache`,
    });
  });

  test('where no directory can be made', async () => {
    await expectDelivered(/^The session could not be kept for the next time: E/, {
      AWSMFA_CACHE_DIR: '/proc/awsmfa-cache',
    });
  });

  test('on a full disk, and nothing half-written is left', async () => {
    vi.spyOn(fs, 'writeFileSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    syncBuiltinESMExports();
    await expectDelivered(
      /^The session could not be kept for the next time: ENOSPC: no space left on device$/,
    );
    expect(at.home.cached('')).toEqual([]);
  });

  test('on a disk that is full after the first bytes', async () => {
    const { writeSync } = fs;
    vi.spyOn(fs, 'writeFileSync').mockImplementation(((descriptor: number, data: string) => {
      writeSync(descriptor, data.slice(0, 10));
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }) as typeof fs.writeFileSync);
    syncBuiltinESMExports();
    const { stderr } = await at.runWithCode(['env', 'work']);
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    const files = at.home.cached().map((file) => fs.readFileSync(file, 'utf8').at(-1));
    expect({ files, stderr }).toEqual({
      files: [],
      stderr: [expect.stringContaining('could not be kept'), 'work: new session, 12h left'],
    });
  });

  test('a home that became read-only after it was made', async () => {
    fs.mkdirSync(at.home.cache, { mode: 0o700 });
    const readOnly = () => {
      throw Object.assign(new Error("EROFS: read-only file system, open '/x'"), { code: 'EROFS' });
    };
    vi.spyOn(fs, 'openSync').mockImplementation(((path: string, flags: string | number, mode?: number) =>
      flags === 'wx' ? readOnly() : reallyOpen(path, flags, mode)) as typeof fs.openSync);
    syncBuiltinESMExports();
    await expectDelivered(/^The session could not be kept for the next time: EROFS: read-only file system$/);
  });
});

const reallyOpen = fs.openSync;
