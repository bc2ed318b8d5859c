import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import { ask } from '../../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../../tools/local-sts/server.ts';
import { programFile } from '../../support/desk.ts';
import { type Home, keysSection, makeHome } from '../../support/home.ts';
import {
  type FileStore,
  fileStore,
  type Kill,
  type KillingProxy,
  killedAt,
  killingProxy,
} from '../../support/kills.ts';
import { isMatrix } from '../../support/matrix.ts';
import { type Result, start } from '../../support/processes.ts';
import { collect, locate, missing, type RunResult } from '../../support/shells.ts';
import { run as runHere } from '../../support/world.ts';

/** Without a device: a session needs no code, and shows that the keys work. */
const keeper: User = {
  accountId: '123456789012',
  name: 'keeper',
  accessKeys: [{ id: 'AKIAKEEPERKEEPERKEEP', secret: 'canary/secret+of-keeper' }],
};
const [key] = keeper.accessKeys;
const id = key?.id ?? '';
const plain = keysSection('work', keeper);
const stored = `[work]\naws_access_key_id = ${id}\nawsmfa_key_store = pass\n`;
const entry = JSON.stringify({ Version: 1, AccessKeyId: id, SecretAccessKey: key?.secret });

let sts: LocalSts;
let proxy: KillingProxy;
let home: Home;
let store: FileStore;
beforeEach(async () => {
  proxy = await killingProxy(() => sts.url);
  home = makeHome({ config: '[profile work]\nregion = us-east-1\n', credentials: '' });
  store = fileStore(home.path);
});
afterEach(async () => {
  proxy.close();
  await sts.close();
});

/** Everything as it was before the first run. */
async function reset(credentials: string): Promise<void> {
  await sts?.close();
  sts = await startLocalSts({ users: [keeper] });
  writeFileSync(home.credentials, credentials);
  store.put(credentials === stored ? { [id]: entry } : {});
}

function begin(argv: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { ...store.env, AWS_ENDPOINT_URL_IAM: sts.url, ...more };
  return start(argv, { home, sts }, { env });
}

/** In this process: a run that nobody kills. */
async function run(argv: readonly string[]): Promise<Result> {
  const env = { ...store.env, AWS_ENDPOINT_URL_STS: sts.url, AWS_ENDPOINT_URL_IAM: sts.url };
  const { exit, stdout, stderr } = await runHere(argv, { home, env });
  return { status: exit, stdout, stderr: stderr.join('\n') };
}

/** Runs it until it is killed; false when it came to its end before that. */
async function runKilled(argv: readonly string[], where: string, kill: Kill): Promise<boolean> {
  if (where === 'store') return isKilled(await begin(argv, store.killing(kill)).result);
  if (where === 'AWS') {
    let pid = 0;
    proxy.kill(kill, () => pid);
    const started = begin(argv, { AWS_ENDPOINT_URL_STS: proxy.url, AWS_ENDPOINT_URL_IAM: proxy.url });
    pid = started.child.pid ?? 0;
    return isKilled(await started.result);
  }
  const [program = '', ...words] = killedAt(where, kill.count, [process.execPath, programFile, ...argv]);
  const env = {
    ...store.env,
    HOME: home.path,
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_ENDPOINT_URL_IAM: sts.url,
  };
  return isKilled(await collect(program, words, { env, cwd: home.path }));
}

function isKilled(result: Result | RunResult): boolean {
  return 'signal' in result ? result.signal === 'SIGKILL' : result.status === 137;
}

async function works(): Promise<void> {
  const { status, stdout, stderr } = await run(['env', 'work', '--refresh', '--no-mfa']);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toContain('AWS_SESSION_TOKEN=');
}

/** A secret that was lost on its way stands in IAM's one answer. The error names what deletes its key. */
async function deleteAsTold({ stderr }: Result): Promise<void> {
  const [, AccessKeyId = ''] = /aws iam delete-access-key --access-key-id (AKIA\w+)/.exec(stderr) ?? [];
  const params = { Action: 'DeleteAccessKey', Version: '2010-05-08', AccessKeyId };
  const keys = { accessKeyId: id, secretAccessKey: key?.secret ?? '' };
  expect(await ask(sts.url, params, keys, { service: 'iam' })).toMatchObject({ status: 200 });
}

const credentials = () => readFileSync(home.credentials, 'utf8');

function checkRotated(): void {
  const keys = sts.accessKeys('keeper');
  expect(keys).toMatchObject([{ status: 'Active' }]);
  const [{ id: newId = '', secret = '' } = {}] = keys;
  expect(newId).not.toBe(id);
  expect(credentials()).toContain(newId);
  const inStore = Object.entries(store.entries()).map(([name, text]) => [name, JSON.parse(text)]);
  if (credentials().includes('awsmfa_key_store')) {
    expect(inStore).toEqual([[newId, { Version: 1, AccessKeyId: newId, SecretAccessKey: secret }]]);
    expect(credentials()).toBe(stored.replace(id, newId));
  } else {
    expect(inStore).toEqual([]);
    expect(credentials()).toBe(plain.replace(id, newId).replace(key?.secret ?? '', secret));
  }
}

function isRight(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

interface Case {
  readonly name: string;
  readonly argv: readonly string[];
  readonly before: string;
  /** The least number of steps at which it is killed. */
  readonly steps: Readonly<Record<string, number>>;
  /** False for a key that is to be forgotten. */
  readonly works: boolean;
  check(): void;
}

const cases: readonly Case[] = [
  {
    name: 'keys store',
    argv: ['keys', 'store', 'work'],
    before: plain,
    // insert, show; ListAccessKeys
    steps: { store: 2, AWS: 1, rename: 1, fsync: 2, unlink: 1 },
    works: true,
    check: () => {
      expect(credentials()).toBe(stored);
      expect(store.entries()).toEqual({ [id]: entry });
    },
  },
  {
    name: 'keys remove --to-file',
    argv: ['keys', 'remove', 'work', '--to-file'],
    before: stored,
    steps: { store: 2, rename: 2, fsync: 4, unlink: 2 },
    works: true,
    check: () => {
      expect(credentials()).toBe(plain);
      expect(store.entries()).toEqual({});
    },
  },
  {
    name: 'keys remove --yes',
    argv: ['keys', 'remove', 'work', '--yes'],
    before: stored,
    steps: { store: 1, rename: 1, fsync: 2, unlink: 1 },
    works: false,
    check: () => {
      expect(credentials()).toBe('[work]\n');
      expect(store.entries()).toEqual({});
    },
  },
  {
    name: 'keys rotate, in the file',
    argv: ['keys', 'rotate', 'work'],
    before: plain,
    // GetCallerIdentity; list, create; GetCallerIdentity; list, deactivate, delete
    steps: { AWS: 7, rename: 3, fsync: 6, unlink: 3 },
    works: true,
    check: checkRotated,
  },
  {
    name: 'keys rotate, in a store',
    argv: ['keys', 'rotate', 'work'],
    before: stored,
    // show; insert, show; rm
    steps: { store: 4, AWS: 7, rename: 2, fsync: 4, unlink: 2 },
    works: true,
    check: checkRotated,
  },
];

describe.each(cases)('$name', ({ argv, before, steps, check, ...each }) => {
  const places = Object.keys(steps).filter((where) => isMatrix || where === 'store' || steps[where] === 7);
  test.for(places)(
    'killed at each step (%s): a key works, and the next run goes on',
    {
      timeout: 300_000,
    },
    async (where, context) => {
      const isSystemCall = where !== 'store' && where !== 'AWS';
      if (isSystemCall && !locate('strace')) missing('strace', context);
      // Before a call is soon after the one before it: the matrix tries both.
      const whens = isSystemCall ? ['before'] : isMatrix ? ['before', 'after'] : ['after'];
      for (const when of whens as Kill['when'][]) {
        let kills = 0;
        for (let count = 1; ; count++) {
          await reset(before);
          if (!(await runKilled(argv, where, { count, when }))) break;
          kills++;
          if (each.works) await works();
          // After its last change nothing is left to do, which the next run says.
          const isDone = isRight(check);
          let again = await run(argv);
          if (again.stderr.includes('has a second access key')) {
            await deleteAsTold(again);
            again = await run(argv);
          }
          if (!isDone) expect({ where, when, count, ...again }).toMatchObject({ status: 0 });
          if (each.works) await works();
          check();
        }
        check();
        expect(kills).toBeGreaterThanOrEqual(steps[where] ?? 0);
      }
    },
  );
});

describe('a failure says where the key is that works', () => {
  /** The system refuses to put the file in place. */
  async function runRefused(argv: readonly string[], count: number) {
    const inject = ['-e', 'trace=rename', '-e', `inject=rename:error=EROFS:when=${count}+`];
    const words = ['-f', '-qq', '-o', '/dev/null', ...inject, process.execPath, programFile, ...argv];
    const addresses = { AWS_ENDPOINT_URL_STS: sts.url, AWS_ENDPOINT_URL_IAM: sts.url };
    const env = { ...store.env, HOME: home.path, ...addresses };
    return collect('strace', words, { env, cwd: home.path });
  }

  test.for([
    ['store', plain, 1, 'The secret is in the password store of pass, and still where it was.'],
    ['remove --to-file', stored, 1, 'The secret is still in the password store of pass.'],
    [
      'remove --to-file',
      stored,
      2,
      'The secret is in ~/.aws/credentials:2, and may be in the password store of pass too.',
    ],
    ['rotate', plain, 1, 'work still uses AKIA…KEEP.'],
    ['rotate', plain, 2, 'work still uses AKIA…KEEP.'],
    ['rotate', stored, 1, 'work still uses AKIA…KEEP.'],
  ] as const)('keys %s, write %#', async ([action, before, count, says], context) => {
    if (!locate('strace')) missing('strace', context);
    await reset(before);
    const [verb = '', ...options] = action.split(' ');
    const { status, stderr } = await runRefused(['keys', verb, 'work', ...options], count);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain(says);
    expect(stderr).not.toContain(key?.secret);
    await works();
    expect(await run(['keys', verb, 'work', ...options])).toMatchObject({ status: 0 });
  });

  test('the store cannot be emptied', async () => {
    await reset(stored);
    const script = readFileSync(`${home.path}/bin/pass`, 'utf8');
    writeFileSync(`${home.path}/bin/pass`, script.replace('rm) rm "$file"', 'rm) exit 2'));
    const { status, stderr } = await run(['keys', 'remove', 'work', '--to-file']);
    expect({ status, stderr }).toMatchObject({ status: 5 });
    expect(stderr).toContain(
      'The secret is in ~/.aws/credentials:2, and may be in the password store of pass too.',
    );
    await works();
  });
});
