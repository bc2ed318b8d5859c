import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { alice } from '../../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../../support/home.ts';
import { passStage, standIn } from '../../support/key-stores.ts';
import { needs } from '../../support/shells.ts';
import { run } from '../../support/world.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const [key] = alice.accessKeys;

/** No key store is here. */
function keysStore(args: readonly string[], credentials = keysSection('work', alice)) {
  const home = makeHome({ credentials });
  return run(['keys', 'store', ...args], { home, env: { PATH: '/nowhere' }, platform: 'linux' });
}

test.each([
  [['work'], 'There is no key store here that awsmfa can use', 'Install secret-tool, pass or op. pass needs'],
  [['work', '--store', 'pass'], '--store: the password store of pass is not there', 'Install pass, and make'],
  [['work', '--store', '1password'], '--store: 1Password is not there, or not set up', 'Install op.'],
  [
    ['work', '--store', 'keychain'],
    '--store: the macOS Keychain is not there',
    'It belongs to another system.',
  ],
])('%j says what to install', async (args, error, hint) => {
  const { exit, stderr } = await keysStore(args);
  expect({ exit, stderr }).toEqual({
    exit: 3,
    stderr: [expect.stringContaining(error), expect.stringContaining(hint)],
  });
});

test('--all without a long-term key', async () => {
  const home = makeHome({ credentials: '[work]\nregion = eu-west-1\n' });
  const op = standIn('op');
  ends.push(op.remove);
  const { exit, stderr } = await run(['keys', 'store', '--all', '--store', '1password'], {
    home,
    env: op.env,
  });
  expect({ exit, stderr }).toEqual({
    exit: 3,
    stderr: [
      expect.stringMatching(/^awsmfa: There is no long-term access key in \S+credentials or \S+config$/),
      '  Put one there with: awsmfa setup',
    ],
  });
});

test(
  'store moves a key from one store to another',
  needs('pass', async () => {
    const [pass, op] = [passStage(), standIn('op')];
    ends.push(pass.remove, op.remove);
    const env = { ...op.env, ...pass.env, PATH: op.env.PATH ?? '' };
    const home = makeHome({ credentials: keysSection('work', alice) });
    // The call that finds the age of the key fails, and that is no error.
    const store = (name: string) =>
      run(['keys', 'store', 'work', '--store', name], {
        home,
        env: { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      });
    expect(await store('1password')).toMatchObject({ exit: 0 });
    expect(Object.keys(op.entries())).toHaveLength(1);
    const { exit, stderr } = await store('pass');
    expect({ exit, stderr: stderr.slice(0, 2) }).toEqual({
      exit: 0,
      stderr: [
        'work: the secret of AKIA…MPLE is in the password store of pass now (~/.aws/credentials:2 names it)',
        'work: removed it from 1Password',
      ],
    });
    expect(op.entries()).toEqual({});
    expect(readFileSync(home.credentials, 'utf8')).toBe(
      `[work]\naws_access_key_id = ${key?.id}\nawsmfa_key_store = pass\n`,
    );
  }),
);

test.each([
  ['security', 'keychain', 'darwin', 'security unlock-keychain'],
  ['op', '1password', 'linux', 'op signin'],
] as const)(
  '%s that is locked: nothing changes, neither in the file nor in the store',
  async (program, name, platform, unlock) => {
    const store = standIn(program);
    ends.push(store.remove);
    const home = makeHome({ credentials: keysSection('work', alice) });
    const env = { ...store.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const keys = (...words: string[]) => run(['keys', ...words], { home, platform, env });
    const locked = {
      exit: 5,
      stdout: '',
      stderr: [expect.stringContaining('gave no answer'), `  It may be locked. Open it: ${unlock}`],
    };
    expect(await keys('store', 'work', '--store', name)).toMatchObject({ exit: 0 });
    const stored = readFileSync(home.credentials, 'utf8');
    await store.lock();
    expect(await keys('remove', 'work', '--yes')).toEqual(locked);
    expect(readFileSync(home.credentials, 'utf8')).toBe(stored);
    writeFileSync(home.credentials, keysSection('work', alice));
    expect(await keys('store', 'work', '--store', name)).toEqual(locked);
    expect(readFileSync(home.credentials, 'utf8')).toBe(keysSection('work', alice));
  },
);

test.each([
  ['kill -9 $$', 'op was ended by SIGKILL'],
  ['head -c 2000000 /dev/zero', 'op printed more than 1 MiB, and was ended'],
  ['exit 7', 'op ended with exit status 7'],
])('op that does: %s', async (script, ending) => {
  const home = makeHome({ credentials: keysSection('work', alice) });
  chmodSync(home.write('bin/op', `#!/bin/sh\n${script}\n`), 0o755);
  const { exit, stderr } = await run(['keys', 'store', 'work', '--store', '1password'], {
    home,
    env: { PATH: `${home.path}/bin:/usr/bin:/bin` },
    platform: 'linux',
  });
  expect({ exit, error: stderr[0] }).toEqual({
    exit: 5,
    error: `awsmfa: 1Password gave no answer: ${ending}`,
  });
  expect(readFileSync(home.credentials, 'utf8')).toBe(keysSection('work', alice));
});
