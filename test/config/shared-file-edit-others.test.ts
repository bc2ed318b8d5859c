import {
  appendFileSync,
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Document, parseDocument } from '../../src/config/document.ts';
import { setKeys } from '../../src/config/edit.ts';
import { editSharedFile } from '../../src/config/shared-file-edit.ts';
import { inTurn } from '../../src/files/lock.ts';
import { cannotWrite, replaceFile } from '../../src/files/replace.ts';
import { makeHome, unprivileged } from '../support/home.ts';

afterEach(() => {
  vi.useRealTimers();
});

const work = '[work]\naws_access_key_id = AKIA1\n';
const other = '[other]\nx = 1\n';
const section = '[work-mfa]\nexpiration = soon\n';

const add = (document: Document, name = 'work-mfa') => setKeys(document, name, [['expiration', 'soon']]);
const textOf = (path: string) => readFileSync(path, 'utf8');
const beside = (path: string) => readdirSync(dirname(path)).sort();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What somebody else does between the reading and the writing of ours, the first time. */
function between(act: () => void): (document: Document) => Document {
  let done = false;
  return (document) => {
    if (!done) act();
    done = true;
    return add(document);
  };
}

describe('somebody else writes', () => {
  test.for([
    ['in place', (path: string) => writeFileSync(path, `${work}${other}`)],
    ['in place, as long as before', (path: string) => writeFileSync(path, work.replace('AKIA1', 'AKIA2'))],
    ['at the end', (path: string) => appendFileSync(path, other)],
    [
      'a new file in its place',
      (path: string) => {
        writeFileSync(`${path}.new`, other);
        renameSync(`${path}.new`, path);
      },
    ],
    ['nothing, and takes it away', (path: string) => rmSync(path)],
  ] as const)('before we do: %s', async ([, act]) => {
    const { credentials } = makeHome({ credentials: work });
    let theirs: string | undefined;
    const edit = between(() => {
      act(credentials);
      theirs = readdirSync(dirname(credentials)).includes('credentials') ? textOf(credentials) : '';
    });
    expect(await editSharedFile(credentials, edit)).toBe('written');
    expect(textOf(credentials)).toBe(theirs === '' ? section : `${theirs}\n${section}`);
    expect(beside(credentials)).toEqual(['credentials']);
  });

  test('the file that was not there', async () => {
    const { credentials } = makeHome({ config: '' });
    expect(
      await editSharedFile(
        credentials,
        between(() => writeFileSync(credentials, work)),
      ),
    ).toBe('written');
    expect(textOf(credentials)).toBe(`${work}\n${section}`);
  });

  test('what we wanted to write', async () => {
    const { credentials } = makeHome({ credentials: work });
    const theirs = `${work}\n${section}`;
    expect(
      await editSharedFile(
        credentials,
        between(() => writeFileSync(credentials, theirs)),
      ),
    ).toBe('unchanged');
    expect(textOf(credentials)).toBe(theirs);
  });

  test('right after us, with what he had read before: nothing of ours and nothing of his is lost', async () => {
    const { credentials } = makeHome({ credentials: work });
    const edit = between(() => setTimeout(() => writeFileSync(credentials, `${work}\n${other}`), 1));
    expect(await editSharedFile(credentials, edit)).toBe('written');
    expect(textOf(credentials)).toBe(`${work}\n${other}\n${section}`);
  });

  test('half of it, and the rest a moment later: it is not taken for the whole', async () => {
    const whole = `${work}\n${other}`;
    for (const half of ['', whole.slice(0, 20)]) {
      const { credentials } = makeHome({ credentials: half });
      // However long it takes to look at the file, it has just been written.
      vi.useFakeTimers({ toFake: ['Date'], now: statSync(credentials).mtimeMs });
      setTimeout(() => appendFileSync(credentials, whole.slice(half.length)), 10);
      expect(await editSharedFile(credentials, add)).toBe('written');
      expect(textOf(credentials)).toBe(`${whole}\n${section}`);
    }
  });

  test('a new file, after he has moved the old one away', async () => {
    const { credentials } = makeHome({ credentials: work });
    renameSync(credentials, `${credentials}~`);
    setTimeout(() => writeFileSync(credentials, `${work}\n${other}`), 10);
    expect(await editSharedFile(credentials, add)).toBe('written');
    expect(textOf(credentials)).toBe(`${work}\n${other}\n${section}`);
  });

  test('all the time: an error, and what he wrote last stays', async () => {
    const { credentials } = makeHome({ credentials: work });
    let count = 0;
    const edit = (document: Document) => {
      count += 1;
      writeFileSync(credentials, `${work}x = ${count}\n`);
      return add(document);
    };
    await expect(editSharedFile(credentials, edit)).rejects.toMatchObject({
      exit: 3,
      code: 'cannot-write',
      message: `Cannot write ${credentials}: another program keeps changing it`,
    });
    expect([textOf(credentials), beside(credentials)]).toEqual([`${work}x = ${count}\n`, ['credentials']]);
  });
});

describe('several of ours', () => {
  test('fifty sections at once, in a home without ~/.aws: none is lost', async () => {
    const { credentials } = makeHome();
    const names = Array.from({ length: 50 }, (_, index) => `section-${index}`);
    await Promise.all(names.map((name) => editSharedFile(credentials, (document) => add(document, name))));
    const { byName, fault } = parseDocument(textOf(credentials), credentials);
    expect([[...byName.keys()].sort(), fault]).toEqual([names.sort(), undefined]);
    expect(beside(credentials)).toEqual(['credentials']);
  });

  test('one waits for the other, and says so after a second', async () => {
    const { credentials } = makeHome({ credentials: work });
    let lock = '';
    await editSharedFile(credentials, (document) => {
      [lock = ''] = beside(credentials);
      return document;
    });
    expect(lock).toMatch(/^\.awsmfa-[0-9a-f]{16}-lock-0$/);
    const said: string[] = [];
    let isOver = false;
    const holder = inTurn(
      dirname(credentials),
      lock.replace(/\d+$/, ''),
      () =>
        pause(2500).then(() => {
          isOver = true;
        }),
      () => {},
    );
    await pause(50);
    await editSharedFile(credentials, add, { onWait: () => said.push('waits') });
    expect(isOver).toBe(true);
    await holder;
    const quick = { onWait: () => said.push('waits for a moment') };
    const both = ['one', 'two'].map((name) =>
      editSharedFile(credentials, (document) => add(document, name), quick),
    );
    await Promise.all(both);
    await pause(1100);
    expect(said).toEqual(['waits']);
  });

  test('what killed ones left is taken away, and nothing else', async () => {
    const { credentials } = makeHome({ credentials: work, config: '' });
    let lock = '';
    await editSharedFile(credentials, (document) => {
      [lock = ''] = beside(credentials);
      return document;
    });
    const ours = lock.replace(/lock-\d+$/, '');
    const foreign = [`.awsmfa-0000000000000000-1.tmp`, '.awsmfa-x.tmp', `${ours}1`, 'credentials.tmp'];
    for (const name of [`${ours}1.tmp`, `${ours}2.tmp`, `${ours}lock-7`, ...foreign])
      writeFileSync(join(dirname(credentials), name), 'left');
    await editSharedFile(credentials, add);
    expect(beside(credentials)).toEqual([...foreign, 'config', 'credentials'].sort());
  });

  test('one whose new file was swept away by another machine, which cannot see the lock, tries again', async () => {
    const { credentials } = makeHome({ credentials: work });
    const place = { path: credentials, target: credentials, hasDirectory: true };
    const isStill = () => {
      for (const name of beside(credentials))
        if (name.endsWith('.tmp')) rmSync(join(dirname(credentials), name));
      return true;
    };
    expect(await replaceFile(place, Buffer.from('new'), statSync(credentials), isStill)).toBe(false);
    expect([textOf(credentials), beside(credentials)]).toEqual([work, ['credentials']]);
  });
});

describe('it cannot be written', () => {
  /** The message without the path, and what is in the directory then. */
  async function refused(path: string, edit = add) {
    const error = await editSharedFile(path, edit).then(
      () => 'written',
      (reason) => reason,
    );
    return { exit: error.exit, code: error.code, message: error.message?.replaceAll(path, 'FILE') };
  }
  const noPermission = {
    exit: 3,
    code: 'cannot-write',
    message: 'Cannot write FILE: no permission to make files in its directory',
  };

  test('a read-only directory', async () => {
    const home = makeHome({ credentials: work });
    await unprivileged(home, async () => {
      chmodSync(dirname(home.credentials), 0o500);
      expect(await refused(home.credentials)).toEqual(noPermission);
      expect(await editSharedFile(home.credentials, (document) => document)).toBe('unchanged');
      chmodSync(dirname(home.credentials), 0o700);
    });
    expect([textOf(home.credentials), beside(home.credentials)]).toEqual([work, ['credentials']]);
  });

  test('a directory that is read-only from one moment to the next; the next run takes away what is left', async () => {
    const home = makeHome({ credentials: work });
    await unprivileged(home, async () => {
      const edit = between(() => chmodSync(dirname(home.credentials), 0o500));
      expect(await refused(home.credentials, edit)).toEqual(noPermission);
      expect(textOf(home.credentials)).toBe(work);
      chmodSync(dirname(home.credentials), 0o700);
      expect(await editSharedFile(home.credentials, add)).toBe('written');
    });
    expect([textOf(home.credentials), beside(home.credentials)]).toEqual([
      `${work}\n${section}`,
      ['credentials'],
    ]);
  });

  test('a home in which no ~/.aws can be made', async () => {
    const home = makeHome();
    await unprivileged(home, async () => {
      chmodSync(home.path, 0o500);
      expect(await refused(home.credentials)).toEqual(noPermission);
      chmodSync(home.path, 0o700);
    });
    expect(readdirSync(home.path)).toEqual([]);
  });

  test('a directory that cannot be listed, so that there is no lock: it is written all the same', async () => {
    const home = makeHome({ credentials: work });
    const directory = dirname(home.credentials);
    await unprivileged(home, async () => {
      chmodSync(directory, 0o300);
      expect(await editSharedFile(home.credentials, add)).toBe('written');
      chmodSync(directory, 0o700);
    });
    expect([textOf(home.credentials), beside(home.credentials)]).toEqual([
      `${work}\n${section}`,
      ['credentials'],
    ]);
  });

  test('a file of somebody else, who could not read it any more', async () => {
    const home = makeHome({ credentials: work });
    const old = Object.assign(statSync(home.credentials), { uid: 4711 });
    const place = { path: home.credentials, target: home.credentials, hasDirectory: true };
    await unprivileged(home, async () => {
      await expect(replaceFile(place, Buffer.from('new'), old, () => true)).rejects.toMatchObject({
        exit: 3,
        code: 'cannot-write',
        message: `Cannot write ${home.credentials}: it belongs to another user`,
      });
    });
    expect([textOf(home.credentials), beside(home.credentials)]).toEqual([work, ['credentials']]);
  });

  test('a reason of the system is said in words, or as the system says it', async () => {
    for (const [code, reason] of [
      ['EPERM', 'no permission to replace it'],
      ['EACCES', 'no permission to replace it'],
      ['EBUSY', 'it is in use, or mounted as a single file (mount its directory instead)'],
      ['EROFS', 'its file system is read-only'],
      ['ENOSPC', 'the disk is full'],
      ['EDQUOT', 'the disk quota is used up'],
      ['ESTALE', 'ESTALE: stale'],
    ] as const) {
      const error = Object.assign(new Error(`${code}: stale, rename 'a' -> 'b'`), {
        code,
        syscall: 'rename',
      });
      expect(cannotWrite('FILE', error)).toMatchObject({
        exit: 3,
        code: 'cannot-write',
        message: `Cannot write FILE: ${reason}`,
      });
    }
  });

  test('an owner stays the owner, also when root writes, and in a directory that gives its group away', async () => {
    const home = makeHome({ credentials: work });
    if (process.geteuid?.() === 0) {
      chownSync(home.credentials, 65_534, 65_534);
      chownSync(dirname(home.credentials), 0, 1);
    }
    chmodSync(dirname(home.credentials), 0o2700);
    const { uid, gid } = statSync(home.credentials);
    await editSharedFile(home.credentials, add);
    expect(statSync(home.credentials)).toMatchObject({ uid, gid });
    expect(textOf(home.credentials)).toBe(`${work}\n${section}`);
  });
});

describe('without a lock', () => {
  test('what is left lies for an hour: it may be somebody’s who is writing', async () => {
    const home = makeHome({ credentials: work });
    const directory = dirname(home.credentials);
    let lock = '';
    await editSharedFile(home.credentials, (document) => {
      [lock = ''] = beside(home.credentials);
      return document;
    });
    const ours = lock.replace(/lock-\d+$/, '');
    for (const age of [60, 4000]) {
      writeFileSync(join(directory, `${ours}${age}.tmp`), 'left');
      utimesSync(join(directory, `${ours}${age}.tmp`), Date.now() / 1000, Date.now() / 1000 - age);
    }
    // After this name there is no other that anybody would see.
    writeFileSync(join(directory, `${ours}lock-${Number.MAX_SAFE_INTEGER}`), '');
    await editSharedFile(home.credentials, add);
    expect(beside(home.credentials)).toContain(`${ours}60.tmp`);
    expect(beside(home.credentials)).not.toContain(`${ours}4000.tmp`);
  });
});
