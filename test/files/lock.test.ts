import fs, { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { inTurn, lockKind, singleFlight, type Waiting } from '../../src/files/lock.ts';
import { makeHome } from '../support/home.ts';
import { until } from '../support/processes.ts';
import { type Flight, startFlight } from './lock-processes.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  syncBuiltinESMExports();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nobodyWaits = () => {
  throw new Error('nobody should wait here');
};

/**
 * As many at once; how often the work was done, how often somebody was told to wait, and what each got. Where there is a
 * lock the work ends when all the others wait.
 */
async function flights(count: number, directory: string, isLocked = true) {
  let works = 0;
  let waits = 0;
  const work = async () => {
    works += 1;
    if (isLocked) await until(() => waits === count - 1);
    return `word ${works}`;
  };
  const told = () => {
    waits += 1;
  };
  const words = await Promise.all(
    Array.from({ length: count }, () => singleFlight(directory, 'key', work, told)),
  );
  return { works, waits, words };
}

describe('in one process', () => {
  test('alone: does the work itself', async () => {
    const directory = makeHome().cache;
    expect(await singleFlight(directory, 'key', async () => 'word', nobodyWaits)).toBeUndefined();
    expect({ left: readdirSync(directory), mode: statSync(directory).mode & 0o777 }).toEqual({
      left: [],
      mode: 0o700,
    });
  });

  test('many at once: one works, each of the others gets its word', async () => {
    const directory = makeHome().cache;
    const { works, waits, words } = await flights(100, directory);
    expect({ works, waits, mine: words.filter((word) => word === undefined).length }).toEqual({
      works: 1,
      waits: 99,
      mine: 1,
    });
    expect(new Set(words)).toEqual(new Set([undefined, 'word 1']));
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a process that waits is told once who is at it', async () => {
    const directory = makeHome().cache;
    const somebody = { pid: process.pid, command: 'use', terminal: 'pts/3', hasCode: false };
    const waiting = { self: () => somebody };
    const heard: unknown[] = [];
    // Twice a second it looks again for whom it waits.
    const work = () => until(() => heard.length > 0).then(() => pause(1200).then(() => 'word'));
    const holder = singleFlight(directory, 'key', work, nobodyWaits, waiting);
    await until(() => locksIn(directory).length > 0);
    const other = singleFlight(
      directory,
      'key',
      async () => '',
      (who) => heard.push(who),
      waiting,
    );
    expect([await other, await holder, heard]).toEqual(['word', undefined, [somebody]]);
  });

  test('different keys do not wait for each other', async () => {
    const directory = makeHome().cache;
    let inside = 0;
    const both = async () => {
      inside += 1;
      while (inside < 2) await pause(1);
      return '';
    };
    const keys = ['one', 'two'].map((key) => singleFlight(directory, key, both, nobodyWaits));
    expect(await Promise.all(keys)).toEqual([undefined, undefined]);
  });

  test('one after the other: each works', async () => {
    const directory = makeHome().cache;
    for (const _ of [1, 2, 3]) expect(await flights(1, directory)).toMatchObject({ works: 1, waits: 0 });
  });

  test('words of any length and script arrive whole', async () => {
    const directory = makeHome().cache;
    const word = `ключ\n"'\u0000${'x'.repeat(200_000)}`;
    let isAwaited = false;
    const holder = singleFlight(directory, 'key', () => until(() => isAwaited).then(() => word), nobodyWaits);
    await until(() => locksIn(directory).length > 0);
    const told = () => {
      isAwaited = true;
    };
    expect(await singleFlight(directory, 'key', async () => 'other', told)).toBe(word);
    await holder;
  });

  test('work that throws lets go, and the next one works', async () => {
    const directory = makeHome().cache;
    const broken = singleFlight(directory, 'key', () => Promise.reject(new Error('broken')), nobodyWaits);
    await expect(broken).rejects.toThrow('broken');
    expect(await flights(1, directory)).toEqual({ works: 1, waits: 0, words: [undefined] });
  });

  test('in a directory with a very long path', async () => {
    const home = makeHome();
    const directory = join(home.path, 'd'.repeat(200), 'ü'.repeat(100), 'e'.repeat(200));
    const here = process.cwd();
    const { works, waits } = await flights(10, directory);
    expect({ works, waits, here: process.cwd() === here, left: readdirSync(directory) }).toEqual({
      works: 1,
      waits: 9,
      here: true,
      left: [],
    });
  });

  test('files that only look like a lock are in nobody’s way', async () => {
    const directory = makeHome().cache;
    await flights(1, directory);
    const [name] = await lockNames(directory);
    for (const number of ['0', '7', '99'])
      writeFileSync(join(directory, name.replace(/\d+$/, number)), 'no socket');
    mkdirSync(join(directory, `${name}x`));
    expect(await flights(5, directory)).toMatchObject({ works: 1, waits: 4 });
    expect(readdirSync(directory)).toEqual([`${name}x`]);
  });

  test('where no lock can be, it is in a directory for temporary files; where there is none, each works at once', async () => {
    const home = makeHome();
    const file = home.write('file', '');
    vi.stubEnv('XDG_RUNTIME_DIR', home.path);
    expect(await flights(3, join(file, 'cache'))).toMatchObject({ works: 1, waits: 2 });
    expect(statSync(join(home.path, 'awsmfa')).mode & 0o777).toBe(0o700);
    vi.stubEnv('XDG_RUNTIME_DIR', file);
    vi.stubEnv('TMPDIR', file);
    expect(await flights(3, join(file, 'cache'), false)).toEqual({
      works: 3,
      waits: 0,
      words: [undefined, undefined, undefined],
    });
    await expect(
      singleFlight(join(file, 'cache'), 'key', () => Promise.reject(new Error('broken')), nobodyWaits),
    ).rejects.toThrow('broken');
  });
});

describe('a lock without sockets', () => {
  const noSockets = () =>
    vi.spyOn(net.Server.prototype, 'listen').mockImplementation(function (this: net.Server) {
      setImmediate(() => this.emit('error', Object.assign(new Error('EPERM'), { code: 'EPERM' })));
      return this;
    });

  test('is a file: one after the other, and nothing is left', async () => {
    noSockets();
    const directory = makeHome().cache;
    let inside = 0;
    const most: number[] = [];
    const work = async () => {
      inside += 1;
      most.push(inside);
      if (most.length === 1)
        expect(readdirSync(directory)).toEqual([expect.stringMatching(/^file-lock-\w+-0$/)]);
      await pause(30);
      inside -= 1;
      return 'word';
    };
    const all = Array.from({ length: 8 }, () => singleFlight(directory, 'key', work, () => {}));
    expect(await Promise.all(all)).toEqual(Array(8).fill(undefined));
    expect(most).toEqual(Array(8).fill(1));
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is not held up by a file of a process that died, of one that has its number now, nor by a broken one', async () => {
    noSockets();
    const directory = makeHome().cache;
    let name = '';
    const look = async () => {
      name = readdirSync(directory)[0] ?? '';
      return '';
    };
    await singleFlight(directory, 'key', look, nobodyWaits);
    const file = (generation: number, text: string, age: number) => {
      const path = join(directory, name.replace(/\d+$/, String(generation)));
      writeFileSync(path, text);
      fs.utimesSync(path, Date.now() / 1000 - age, Date.now() / 1000 - age);
    };
    file(0, '4194304', 0);
    file(1, String(process.pid), 100);
    file(2, 'nobody', 0);
    file(3, '', 100);
    expect(await singleFlight(directory, 'key', async () => '', nobodyWaits)).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
    file(4, String(process.pid), 1);
    let late = false;
    const onLate = async () => {
      late = true;
      return undefined;
    };
    await singleFlight(
      directory,
      'key',
      async () => '',
      () => {},
      { patience: 300 },
      onLate,
    );
    expect(late).toBe(true);
  });
});

test('where a lock can be is what doctor says', async () => {
  const home = makeHome();
  const file = home.write('file', '');
  vi.stubEnv('XDG_RUNTIME_DIR', home.path);
  expect(await lockKind(home.cache)).toBe('there');
  expect(await lockKind(join(file, 'cache'))).toBe('runtime');
  vi.spyOn(net.Server.prototype, 'listen').mockImplementation(function (this: net.Server) {
    setImmediate(() => this.emit('error', Object.assign(new Error('EPERM'), { code: 'EPERM' })));
    return this;
  });
  expect(await lockKind(home.cache)).toBe('file');
  vi.stubEnv('XDG_RUNTIME_DIR', file);
  vi.stubEnv('TMPDIR', file);
  expect(await lockKind(join(file, 'cache'))).toBeUndefined();
  expect(readdirSync(home.cache)).toEqual([]);
});

describe('a lock', () => {
  const self = (hasCode: boolean) => () => ({
    pid: process.pid,
    command: 'use',
    terminal: undefined,
    hasCode,
  });
  const isGone = (directory: string) => readdirSync(directory).filter((name) => name.startsWith('lock-'));

  /** Holds a lock until it is told to let go. */
  async function hold(directory: string, hasCode = false) {
    let letGo = (_word: string) => {};
    let begun = () => {};
    const isHeld = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const work = () => {
      begun();
      return new Promise<string>((resolve) => {
        letGo = resolve;
      });
    };
    const flight = singleFlight(directory, 'key', work, nobodyWaits, { self: self(hasCode) });
    await isHeld;
    return async () => {
      letGo('its word');
      await flight;
    };
  }

  test('whoever has a code does not wait for a question, and shares its own call', async () => {
    const directory = makeHome().cache;
    const end = await hold(directory);
    let works = 0;
    let waits = 0;
    const work = async () => {
      works += 1;
      await until(() => waits === 2);
      return 'with a code';
    };
    const told = () => {
      waits += 1;
    };
    const words = await Promise.all(
      [1, 2, 3].map(() => singleFlight(directory, 'key', work, told, { self: self(true) })),
    );
    expect({ works, words: words.sort() }).toEqual({
      works: 1,
      words: ['with a code', 'with a code', undefined],
    });
    await end();
    expect(isGone(directory)).toEqual([]);
  });

  test('whoever has a code waits for another one with a code', async () => {
    const directory = makeHome().cache;
    const end = await hold(directory, true);
    let isWaiting = false;
    const told = () => {
      isWaiting = true;
    };
    const other = singleFlight(directory, 'key', async () => 'mine', told, { self: self(true) });
    await until(() => isWaiting);
    await end();
    expect(await other).toBe('its word');
  });

  test.for<readonly [string, Waiting]>([
    ['the time is over', { patience: 0 }],
    ['what is waited for has come by another way', { isDone: () => true }],
  ])('is not waited for when %s', async ([, waiting]) => {
    const directory = makeHome().cache;
    const end = await hold(directory);
    expect(
      await singleFlight(
        directory,
        'key',
        async () => 'mine',
        () => {},
        waiting,
      ),
    ).toBeUndefined();
    await end();
  });

  test('is seen by a process that began to look before it was there', async () => {
    const directory = makeHome().cache;
    const [name] = await lockNames(directory);
    // A dead one makes the holder take another name than the newcomer, who does not see it at first.
    writeFileSync(join(directory, name.replace(/\d+$/, '4')), '');
    const end = await hold(directory);
    vi.spyOn(fs, 'readdirSync').mockReturnValueOnce([]);
    syncBuiltinESMExports();
    let isWaiting = false;
    const told = () => {
      isWaiting = true;
    };
    const other = singleFlight(directory, 'key', async () => 'robbed', told, {});
    await until(() => isWaiting);
    await end();
    expect(await other).toBe('its word');
  });

  test('that cannot be looked at after listening holds nobody', async () => {
    const directory = makeHome().cache;
    const { readdirSync: list } = fs;
    let looks = 0;
    vi.spyOn(fs, 'readdirSync').mockImplementation(((path: string, options: undefined) => {
      looks += 1;
      if (looks === 2) throw Object.assign(new Error('EIO: i/o error, scandir'), { code: 'EIO' });
      return list(path, options);
    }) as typeof fs.readdirSync);
    syncBuiltinESMExports();
    vi.stubEnv('XDG_RUNTIME_DIR', '');
    vi.stubEnv('TMPDIR', '/proc');
    expect(await singleFlight(directory, 'key', async () => 'mine', nobodyWaits)).toBeUndefined();
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect(isGone(directory)).toEqual([]);
    expect(await flights(3, directory)).toMatchObject({ works: 1, waits: 2 });
  });

  test('has nothing to fear from a directory with the name of the next one', async () => {
    const directory = makeHome().cache;
    const [name] = await lockNames(directory);
    mkdirSync(join(directory, name.replace(/\d+$/, '7')));
    expect(await flights(3, directory)).toMatchObject({ works: 1, waits: 2 });
    expect(readdirSync(directory)).toEqual([name.replace(/\d+$/, '7')]);
  });
});

describe('one after the other', () => {
  test('each does its own work, with nobody else inside; the directory stays as it is', async () => {
    const directory = makeHome().write('shared/file', '').slice(0, -'/file'.length);
    chmodSync(directory, 0o755);
    let inside = 0;
    const most: number[] = [];
    const work = async (isLocked: boolean) => {
      inside += 1;
      most.push(inside);
      await pause(1);
      inside -= 1;
      return isLocked;
    };
    const all = Array.from({ length: 50 }, () => inTurn(directory, 'turn-', work, () => {}));
    expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
    expect([most.length, new Set(most)]).toEqual([50, new Set([1])]);
    expect([readdirSync(directory), statSync(directory).mode & 0o777]).toEqual([['file'], 0o755]);
  });

  test('work that fails lets the next one in', async () => {
    const directory = makeHome({ config: '' }).config.slice(0, -'/config'.length);
    const broken = inTurn(directory, 'turn-', () => Promise.reject(new Error('broken')), nobodyWaits);
    await expect(broken).rejects.toThrow('broken');
    expect(await inTurn(directory, 'turn-', async () => 'done', nobodyWaits)).toBe('done');
  });

  test('where no lock can be, the work is done without, and told', async () => {
    const nowhere = join(makeHome().path, 'nowhere');
    expect(await inTurn(nowhere, 'turn-', async (isLocked) => isLocked, nobodyWaits)).toBe(false);
    await expect(
      inTurn(nowhere, 'turn-', () => Promise.reject(new Error('broken')), nobodyWaits),
    ).rejects.toThrow('broken');
  });
});

describe('between processes', () => {
  test('one works, the others get its word', async () => {
    const directory = makeHome().cache;
    const holder = startFlight(directory, { word: 'first' });
    await holder.until('holding');
    const others = Array.from({ length: 8 }, () => startFlight(directory, { word: 'other' }));
    await Promise.all(others.map(({ until }) => until('waiting')));
    holder.letGo();
    expect(await Promise.all(others.map(({ end }) => end()))).toEqual(
      Array(8).fill([`behind ${holder.child.pid}`, 'waiting', 'got first']),
    );
    expect(await holder.end()).toEqual(['holding', 'did it']);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.for(['SIGKILL', 'SIGTERM'] as const)(
    '%s of the holder: one of the others goes on at once',
    async (signal) => {
      const directory = makeHome().cache;
      const holder = startFlight(directory);
      await holder.until('holding');
      const others = Array.from({ length: 4 }, () => startFlight(directory, { word: 'heir' }));
      await Promise.all(others.map(({ until }) => until('waiting')));
      holder.child.kill(signal);
      const isHeir = ({ said }: Flight) => said().includes('holding');
      await until(() => others.some(isHeir));
      const heir = others.find(isHeir);
      const rest = others.filter((other) => other !== heir);
      await Promise.all(rest.map(({ until }) => until(`behind ${heir?.child.pid}\n`)));
      heir?.letGo();
      const ends = await Promise.all(others.map(({ end }) => end()));
      expect(ends.map((said) => said.at(-1)).sort()).toEqual(['did it', 'got heir', 'got heir', 'got heir']);
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  test('sockets that the dead left behind cost nothing', async () => {
    const directory = makeHome().cache;
    for (const key of ['key', 'other']) {
      const holder = startFlight(directory, { key });
      await holder.until('holding');
      holder.child.kill('SIGKILL');
      await holder.end();
    }
    expect(locksIn(directory)).toHaveLength(2);
    expect(await flights(3, directory)).toMatchObject({ works: 1, waits: 2 });
    expect(locksIn(directory)).toHaveLength(1);
  });

  test('a holder that was stopped is passed over: of the others one works, and again they get its word', async () => {
    const directory = makeHome().cache;
    const holder = startFlight(directory, { word: 'late' });
    await holder.until('holding');
    const early = startFlight(directory, { word: 'heir' });
    await early.until('waiting');
    holder.child.kill('SIGSTOP');
    await early.until('holding');
    const others = Array.from({ length: 4 }, () => startFlight(directory, { word: 'robber' }));
    await Promise.all(others.map(({ until }) => until('waiting')));
    early.letGo();
    expect((await Promise.all(others.map(({ end }) => end()))).map((said) => said.at(-1))).toEqual(
      Array(4).fill('got heir'),
    );
    holder.child.kill('SIGCONT');
    holder.letGo();
    expect(await holder.end()).toEqual(['holding', 'did it']);
    expect(readdirSync(directory)).toEqual([]);
  });
});

const locksIn = (directory: string) => readdirSync(directory).filter((name) => !name.endsWith('.holder'));

/** What a lock is called: seen while one is held. */
async function lockNames(directory: string): Promise<[string]> {
  let names: string[] = [];
  const look = async () => {
    names = readdirSync(directory);
    return '';
  };
  await singleFlight(directory, 'key', look, nobodyWaits);
  expect(names).toHaveLength(1);
  return [names[0] ?? ''];
}
