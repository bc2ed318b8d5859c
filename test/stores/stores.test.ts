import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { UserError } from '../../src/errors.ts';
import { dpapi } from '../../src/stores/dpapi.ts';
import { keychain } from '../../src/stores/keychain.ts';
import { onePassword } from '../../src/stores/onepassword.ts';
import { pass } from '../../src/stores/pass.ts';
import { secretService } from '../../src/stores/secret-service.ts';
import type { KeyStore, Tools } from '../../src/stores/store.ts';
import { namedStore, outsideOf, readKey, saveKey, toolsOf, usableStores } from '../../src/stores/stores.ts';
import { makeHome } from '../support/home.ts';
import {
  passStage,
  type StandIn,
  type StoreStage,
  secretServiceStage,
  standIn,
} from '../support/key-stores.ts';
import { missing, needs } from '../support/shells.ts';
import { fakeWorld } from '../support/world.ts';

vi.setConfig({ testTimeout: 60_000 });

const id = 'AKIAIOSFODNN7EXAMPLE';
const key = { accessKeyId: id, secretAccessKey: new Secret(`we/ird+"'$\\ \`canary`.replaceAll(' ', '')) };

const stages: StoreStage[] = [];
afterEach(() => {
  for (const stage of stages.splice(0)) stage.remove();
});

function tools({ env }: StoreStage, more: Record<string, string> = {}, platform = 'linux'): Tools {
  const world = { ...fakeWorld([], { platform }), env: { ...env, ...more }, home: env.HOME };
  return toolsOf({ terminal: () => undefined, canAsk: () => false }, world);
}

async function codeOf(body: Promise<unknown>): Promise<string> {
  const error = await body.then(
    () => undefined,
    (why: unknown) => why,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('nothing was wrong');
  expect(`${error.message} ${error.hint}`).not.toContain('canary');
  return error.code;
}

/** What every store must do, in order, in one home: each step builds on the one before. */
async function behaves(store: KeyStore, stage: StoreStage): Promise<void> {
  stages.push(stage);
  const with_ = tools(stage);
  expect(await codeOf(readKey(store, id, with_))).toBe('key-gone');
  await store.remove(id, with_);
  await saveKey(store, key, with_);
  expect((await readKey(store, id, with_)).secretAccessKey.reveal()).toBe(key.secretAccessKey.reveal());
  const other = { ...key, secretAccessKey: new Secret('another-canary') };
  await saveKey(store, other, with_);
  expect((await readKey(store, id, with_)).secretAccessKey.reveal()).toBe('another-canary');
  await store.save(id, new Secret('{"AccessKeyId":"AKIAOTHER","SecretAccessKey":"canary"}'), with_);
  expect(await codeOf(readKey(store, id, with_))).toBe('bad-key-entry');
  await store.save(id, new Secret('canary\ncanary'), with_);
  expect(await codeOf(readKey(store, id, with_))).toBe('bad-key-entry');
  await saveKey(store, key, with_);
  await stage.lock();
  expect(await codeOf(readKey(store, id, with_))).toBe('key-store-locked');
}

test(
  'pass, with gpg',
  needs('pass', async () => {
    await behaves(pass, passStage());
  }),
);

test(
  'pass forgets an entry',
  needs('pass', async () => {
    const stage = passStage();
    stages.push(stage);
    await saveKey(pass, key, tools(stage));
    await pass.remove(id, tools(stage));
    expect(await pass.read(id, tools(stage))).toBeUndefined();
  }),
);

test('the Secret Service, with GNOME Keyring', async (context) => {
  await needs('secret-tool', () => {})(context);
  await needs('gnome-keyring-daemon', () => {})(context);
  await behaves(secretService, await secretServiceStage());
});

test(
  'the Secret Service forgets an entry',
  needs('gnome-keyring-daemon', async () => {
    const stage = await secretServiceStage();
    stages.push(stage);
    await saveKey(secretService, key, tools(stage));
    await secretService.remove(id, tools(stage));
    expect(await secretService.read(id, tools(stage))).toBeUndefined();
  }),
);

describe('stand-ins', () => {
  test('the macOS Keychain', async () => {
    const stage = standIn('security');
    await behaves(keychain, stage);
    checkArgv(stage);
  });

  test('1Password', async () => {
    const stage = standIn('op');
    await behaves(onePassword, stage);
    checkArgv(stage);
    expect(Object.keys(stage.entries())).toEqual([`Private/awsmfa ${id}`]);
  });

  test('1Password that conceals what it is not asked to reveal', async () => {
    const stage = standIn('op');
    stages.push(stage);
    const with_ = tools(stage, { STAND_IN_CONCEALS: '1' });
    await saveKey(onePassword, key, with_);
    expect((await readKey(onePassword, id, with_)).accessKeyId).toBe(id);
  });

  test('1Password in another vault', async () => {
    const stage = standIn('op');
    stages.push(stage);
    await saveKey(onePassword, key, tools(stage, { AWSMFA_OP_VAULT: 'Work' }));
    expect(Object.keys(stage.entries())).toEqual([`Work/awsmfa ${id}`]);
    expect(await codeOf(readKey(onePassword, id, tools(stage)))).toBe('key-gone');
  });

  test.each([
    [{ AccessKeyId: 'AKIAOTHEROTHEROTHER1', SecretAccessKey: 'canary' }, 'belongs to another access key'],
    [{ AccessKeyId: id }, 'has no secret access key'],
    [{ AccessKeyId: id, SecretAccessKey: 'canary\n' }, 'has no secret access key'],
  ])('an entry that somebody changed: %j', async (entry, what) => {
    const stage = standIn('op');
    stages.push(stage);
    stage.put(`Private/awsmfa ${id}`, JSON.stringify({ Version: 1, ...entry }));
    await expect(readKey(onePassword, id, tools(stage))).rejects.toMatchObject({
      code: 'bad-key-entry',
      message: `What 1Password has for ${id} ${what}`,
    });
  });

  test('DPAPI, with the real lines in PowerShell', async (context) => {
    const stage = standIn('powershell.exe');
    stages.push(stage);
    if (!stage.env.STAND_IN_PWSH) missing('pwsh', context);
    const with_ = tools(stage);
    expect(await codeOf(readKey(dpapi, id, with_))).toBe('key-gone');
    await saveKey(dpapi, key, with_);
    const file = join(stage.env.HOME ?? '', `.aws/awsmfa-keys/${id}.dpapi`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const bytes = Buffer.from(readFileSync(file, 'utf8'), 'base64');
    expect(bytes.reverse().toString()).toContain(JSON.stringify(key.secretAccessKey.reveal()));
    checkArgv(stage);
    await stage.lock();
    expect(await codeOf(readKey(dpapi, id, with_))).toBe('key-store-locked');
    await dpapi.remove(id, with_);
    expect(await codeOf(readKey(dpapi, id, with_))).toBe('key-gone');
  }, 120_000);
});

/** No secret in argv, as it is or in another form; nothing that Windows or `ps` would show. */
function checkArgv(stage: StandIn): void {
  const shown = JSON.stringify(stage.calls());
  // At least once to keep the key, and once to read it again.
  expect(stage.calls().length).toBeGreaterThan(1);
  expect(shown).not.toContain('canary');
  expect(shown).not.toContain(Buffer.from('canary').toString('hex'));
  expect(shown).not.toContain(Buffer.from('canary').toString('base64').slice(0, 7));
}

describe('a program that does not do what it should', () => {
  function broken(script: string): StoreStage & Record<'env', Record<string, string>> {
    const home = makeHome();
    const bin = join(home.path, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'pass'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'pass'), 0o755);
    const env = { HOME: home.path, PATH: `${bin}:/usr/bin:/bin`, AWSMFA_PROCESS_TIMEOUT: '1' };
    return { env, lock: async () => {}, remove: () => {} };
  }

  test('hangs', async () => {
    expect(await codeOf(readKey(pass, id, tools(broken('sleep 60'))))).toBe('key-store-locked');
  });

  test('asks on a terminal that is not there', async () => {
    const script = 'read -r line </dev/tty || exit 3; echo "$line"';
    expect(await codeOf(readKey(pass, id, tools(broken(script))))).toBe('key-store-locked');
  });

  test('takes the key, and gives back another text', async () => {
    const script = `case $1 in insert) cat >/dev/null ;; show) echo '{"Version":1}' ;; esac`;
    expect(await codeOf(saveKey(pass, key, tools(broken(script))))).toBe('key-not-kept');
  });

  test('takes the key, and keeps nothing', async () => {
    const script = 'case $1 in insert) cat >/dev/null ;; show) exit 1 ;; esac';
    expect(await codeOf(saveKey(pass, key, tools(broken(script))))).toBe('key-not-kept');
  });

  test('does not read its stdin, and fails', async () => {
    expect(await codeOf(saveKey(pass, key, tools(broken('exec <&-; exit 4'))))).toBe('key-store-locked');
  });

  test('is not there', async () => {
    const stage = broken('');
    expect(await codeOf(readKey(secretService, id, tools(stage, { PATH: '/nowhere' })))).toBe('no-key-store');
  });
});

describe('which stores there are', () => {
  test('a name that is none', async () => {
    expect(await codeOf(Promise.resolve().then(() => namedStore('vault', '--store')))).toBe('no-such-store');
  });

  test.each([
    ['linux with pass', 'linux', ['pass'], ['/h/.password-store/.gpg-id'], ['pass']],
    ['pass that was never set up', 'linux', ['pass'], [], []],
    ['a desktop', 'linux', ['secret-tool'], ['/r/bus'], ['secret-service']],
    ['macOS', 'darwin', ['security', 'op'], [], ['keychain', '1password']],
    ['security of another system', 'linux', ['security'], [], []],
    ['Windows', 'win32', [], [], ['dpapi']],
  ])('%s', (_name, platform, programs, files, expected) => {
    const outside = {
      platform,
      home: '/h',
      env: { XDG_RUNTIME_DIR: '/r' },
      hasProgram: (name: string) => (programs as string[]).includes(name),
      hasFile: (path: string) => (files as string[]).includes(path),
    };
    expect(usableStores(outside).map(({ name }) => name)).toEqual(expected);
  });

  test('this machine is looked at', () => {
    const home = makeHome();
    home.write('bin/pass', '');
    chmodSync(join(home.path, 'bin/pass'), 0o755);
    home.write('.password-store/.gpg-id', 'me\n');
    const world = fakeWorld([], { home, platform: 'linux', env: { PATH: join(home.path, 'bin') } });
    expect(usableStores(outsideOf(world)).map(({ name }) => name)).toEqual(['pass']);
  });
});
