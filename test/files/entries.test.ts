import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { writeEntry } from '../../src/files/entries.ts';
import { programFile } from '../support/desk.ts';
import { makeHome } from '../support/home.ts';
import { collect, needs } from '../support/shells.ts';
import { stage, timeless } from '../support/stage.ts';

const at = stage();
afterEach(() => vi.restoreAllMocks());

/** A directory that was there before awsmfa, with the files of somebody who knows nothing of awsmfa. */
function theirs(mode: number): string {
  const directory = join(at.home.path, 'theirs');
  const names = ['session-notes/today.json', 'session-.json', 'session-a-0.json', 'device-tree.json'];
  for (const name of [...names, '.git/HEAD']) at.home.write(`theirs/${name}`, 'theirs');
  fs.mkdirSync(join(directory, 'session-work-0123456789abcdef.json'));
  fs.chmodSync(directory, mode);
  return directory;
}

const listing = (directory: string) =>
  fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => `${name} ${(fs.lstatSync(join(directory, name)).mode & 0o777).toString(8)}`)
    .sort();

describe('AWSMFA_CACHE_DIR that names a directory which was there before', () => {
  test('one of the user’s: it keeps its mode, and nothing but awsmfa’s own files is deleted', async () => {
    const directory = theirs(0o755);
    const before = listing(directory);
    const env = { AWSMFA_CACHE_DIR: directory };
    await at.runWithCode(['login', 'work'], { env });
    expect(await at.run(['env', 'work', '--no-prompt'], { env })).toMatchObject({ exit: 0 });
    expect(listing(directory).length).toBeGreaterThan(before.length);
    expect(await at.run(['logout', '--all'], { env })).toMatchObject({ stderr: ['1 session forgotten'] });
    expect(listing(directory).filter((line) => !line.startsWith('spent-'))).toEqual(before);
    expect((fs.statSync(directory).mode & 0o777).toString(8)).toBe('755');
  });

  test.for([
    ['that everybody can write to, like /tmp', 0o1777],
    ['that a group can write to', 0o775],
  ] as const)('one %s: it is not used', async ([, mode]) => {
    const directory = theirs(mode);
    const before = listing(directory);
    const env = { AWSMFA_CACHE_DIR: directory };
    const { exit, stderr } = await at.runWithCode(['env', 'work'], { env });
    expect({ exit, stderr: timeless(stderr) }).toEqual({
      exit: 0,
      stderr: [
        `The session could not be kept for the next time: other users can write to ${directory}`,
        'work: new session, 12h left',
      ],
    });
    expect(listing(directory)).toEqual(before);
    expect(fs.statSync(directory).mode & 0o7777).toBe(mode);
  });

  test('a session in it is not used, if others could have put it there', async () => {
    await at.runWithCode(['login', 'work']);
    fs.chmodSync(at.home.cache, 0o777);
    expect(await at.run(['env', 'work', '--no-prompt'])).toMatchObject({ exit: 4 });
    fs.chmodSync(at.home.cache, 0o700);
    expect(await at.run(['env', 'work', '--no-prompt'])).toMatchObject({ exit: 0 });
  });

  test('another user’s: it is not used', async () => {
    const directory = theirs(0o755);
    const before = listing(directory);
    const mine = process.getuid?.() ?? 0;
    vi.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(mine + 1);
    const { exit, stderr } = await at.runWithCode(['env', 'work'], { env: { AWSMFA_CACHE_DIR: directory } });
    expect({ exit, why: stderr[0] }).toEqual({
      exit: 0,
      why: `The session could not be kept for the next time: ${directory} belongs to another user`,
    });
    expect(listing(directory)).toEqual(before);
  });

  test('a link to one: the same as the directory itself', async () => {
    const link = join(at.home.path, 'link');
    fs.symlinkSync(theirs(0o755), link);
    const env = { AWSMFA_CACHE_DIR: link };
    await at.runWithCode(['login', 'work'], { env });
    expect(await at.run(['env', 'work', '--no-prompt'], { env })).toMatchObject({ exit: 0 });
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
  });
});

test('a umask that takes everything away leaves the credentials file readable', async () => {
  const script = 'umask 777; exec "$@"';
  const { status } = await collect(
    'sh',
    ['-c', script, 'sh', process.execPath, programFile, 'write', 'work'],
    {
      env: { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, AWSMFA_TOKEN_CODE: at.code() },
    },
  );
  expect([status, fs.statSync(at.home.credentials).mode & 0o777]).toEqual([0, 0o600]);
});

test('a umask that takes everything away leaves the owner what he needs', async () => {
  const script = 'umask 777; exec "$@"';
  const awsmfa = (...argv: string[]) =>
    collect('sh', ['-c', script, 'sh', process.execPath, programFile, ...argv], {
      env: { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, AWSMFA_TOKEN_CODE: at.code() },
    });
  expect(await awsmfa('login', 'work')).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^work: new session, 12h left.*\n$/),
  });
  // Root reads what has no mode at all, so the modes are looked at.
  const modes = [at.home.cache, ...at.home.cached('')].map((path) => fs.statSync(path).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o700, 0o600]));
});

test('temporary files of processes that were killed are swept, and no others', () => {
  const home = makeHome();
  const old = Date.now() / 1000 - 7200;
  const age = (name: string) => fs.utimesSync(home.write(`.aws/awsmfa/${name}`, ''), old, old);
  fs.mkdirSync(home.cache, { recursive: true, mode: 0o700 });
  for (const name of ['session-A-0123456789abcdef.json.41-ab12.tmp', 'device-A-.json.41.tmp', 'x.tmp'])
    age(name);
  home.write('.aws/awsmfa/picked.json.42-ab12.tmp', '');
  writeEntry(join(home.cache, 'picked.json'), {});
  expect(fs.readdirSync(home.cache).sort()).toEqual(['picked.json', 'picked.json.42-ab12.tmp', 'x.tmp']);
});

test(
  'a file is on the disk before it gets its name',
  needs('strace', async () => {
    const log = join(at.home.path, 'calls');
    const strace = ['-f', '-y', '-e', 'trace=fsync,rename,renameat,renameat2', '-o', log];
    const { status, stderr } = await collect(
      'strace',
      [...strace, process.execPath, programFile, 'login', 'work'],
      { env: { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, AWSMFA_TOKEN_CODE: at.code() } },
    );
    expect(status, stderr).toBe(0);
    const calls = fs
      .readFileSync(log, 'utf8')
      .split('\n')
      .flatMap((line) => /(fsync|rename)\w*\(.*?(session-[^">]*|awsmfa(?=>))/.exec(line)?.slice(1) ?? []);
    const [name] = at.home.cached().map((path) => path.replace(/^.*\//, ''));
    const temporary = expect.stringMatching(`^${name}\\.\\d+-\\w+\\.tmp$`);
    const session = calls.slice(calls.findIndex((word) => word.startsWith('session-')) - 1);
    expect(session).toEqual(['fsync', temporary, 'rename', temporary, 'fsync', 'awsmfa']);
  }),
);
