import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { pass } from '../../src/stores/pass.ts';
import { saveKey, toolsOf } from '../../src/stores/stores.ts';
import { alice } from '../../tools/local-sts/sample.ts';
import { makeHome } from '../support/home.ts';
import { passStage, type StoreStage } from '../support/key-stores.ts';
import { needs } from '../support/shells.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import { fakeWorld } from '../support/world.ts';

const here = stage();
const [aliceKey] = alice.accessKeys;
const id = aliceKey?.id ?? '';

const stages: StoreStage[] = [];
afterEach(() => {
  for (const each of stages.splice(0)) each.remove();
});

/** A home whose profile `work` has its key in `pass`, and the environment in which pass finds it. */
async function desk(secret = aliceKey?.secret ?? '') {
  const store = passStage();
  stages.push(store);
  const world = { ...fakeWorld([], {}), env: store.env };
  const tools = toolsOf({ terminal: () => undefined, canAsk: () => false }, world);
  await saveKey(pass, { accessKeyId: id, secretAccessKey: new Secret(secret) }, tools);
  const home = makeHome({
    config: `[profile work]\nmfa_serial = ${aliceSerial}\n`,
    credentials: `[work]\naws_access_key_id = ${id}\nawsmfa_key_store = pass\n`,
  });
  const { HOME: _, ...env } = store.env;
  return { store, home, env };
}

test(
  'a key in a store gives a session, and the store is not asked while that lives',
  needs('pass', async () => {
    const { store, home, env } = await desk();
    const first = await here.runWithCode(['env', 'work'], { home, env });
    expect(first).toMatchObject({ exit: 0 });
    expect(first.stdout).toContain('AWS_SESSION_TOKEN=');
    await store.lock();
    const second = await here.run(['env', 'work', '--no-prompt'], {
      home,
      env: { ...env, PATH: '/nowhere' },
    });
    expect(second).toMatchObject({ exit: 0, stdout: first.stdout });
  }),
);

test(
  'a store that is locked is said, and no code is asked for or spent',
  needs('pass', async () => {
    const { store, home, env } = await desk();
    await store.lock();
    const { exit, stderr } = await here.runWithCode(['env', 'work'], { home, env });
    expect({ exit, stderr }).toEqual({
      exit: 5,
      stderr: [
        'awsmfa: The password store of pass gave no answer: pass ended with exit status 2',
        '  It may be locked. Open it: pass ls awsmfa',
      ],
    });
    expect(here.calls()).toEqual([]);
  }),
);

test(
  'another secret than that of the key',
  needs('pass', async () => {
    const { home, env } = await desk('not-the-secret-of-this-key');
    const { exit, stderr } = await here.runWithCode(['env', 'work'], { home, env });
    expect(exit).toBe(5);
    expect(stderr.join('\n')).toContain('does not match the one that AWS has');
  }),
);

describe('a store that does not do what it should: what is said', () => {
  const entry = (accessKeyId = id, secret = aliceKey?.secret) =>
    JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secret });
  const look =
    'Look at it there, or put the key there again: awsmfa setup --overwrite, then awsmfa keys store.';

  test.each([
    [
      'it hangs',
      'sleep 60',
      5,
      'The password store of pass gave no answer: pass was ended after 1s (AWSMFA_PROCESS_TIMEOUT)',
      'It may be locked. Open it: pass ls awsmfa',
    ],
    [
      'it has another key',
      `echo '${entry('AKIAOTHEROTHEROTHER1')}'`,
      5,
      `What the password store of pass has for ${id} belongs to another access key`,
      look,
    ],
    [
      'it prints two lines',
      `echo '${entry()}'; echo '${entry()}'`,
      5,
      `What the password store of pass has for ${id} has 2 lines, and an access key is one line of JSON`,
      look,
    ],
    [
      'it has something else',
      'echo hunter2',
      5,
      `What the password store of pass has for ${id} is not the JSON that awsmfa put there`,
      look,
    ],
    [
      'it has lost the key',
      'exit 1',
      3,
      `The secret of ${id} is not in the password store of pass`,
      'Another store of the same kind may have it (another user, vault or directory). If it is lost, create a new access key in IAM and run: awsmfa setup --overwrite',
    ],
    [
      'its program is not there',
      undefined,
      3,
      'The password store of pass cannot be asked: pass cannot be started (ENOENT)',
      'Install pass, or add its directory to PATH.',
    ],
  ])('%s', async (_name, script, exit, message, hint) => {
    const home = makeHome({
      config: `[profile work]\nmfa_serial = ${aliceSerial}\n`,
      credentials: `[work]\naws_access_key_id = ${id}\nawsmfa_key_store = pass\n`,
    });
    if (script) chmodSync(home.write('bin/pass', `#!/bin/sh\n${script}\n`), 0o755);
    const env = { PATH: `${home.path}/bin${script ? ':/usr/bin:/bin' : ''}`, AWSMFA_PROCESS_TIMEOUT: '1' };
    expect(await here.runWithCode(['env', 'work'], { home, env })).toEqual({
      exit,
      stdout: 'false\n',
      stderr: [`awsmfa: ${message}`, `  ${hint}`],
    });
    // No code is asked for or spent.
    expect(here.calls()).toEqual([]);
  });

  test('IAM has deleted the key', async () => {
    const deleted = 'AKIADELETEDDELETED12';
    const home = makeHome({
      config: `[profile work]\nmfa_serial = ${aliceSerial}\n`,
      credentials: `[work]\naws_access_key_id = ${deleted}\nawsmfa_key_store = pass\n`,
    });
    chmodSync(home.write('bin/pass', `#!/bin/sh\necho '${entry(deleted)}'\n`), 0o755);
    const env = { PATH: `${home.path}/bin:/usr/bin:/bin` };
    for (const argv of [
      ['env', 'work'],
      ['keys', 'rotate', 'work'],
    ]) {
      const { exit, stderr } = await here.runWithCode(argv, { home, env });
      expect({ exit, stderr }).toEqual({
        exit: 5,
        stderr: [
          'awsmfa: AWS does not know the access key AKIA…ED12 of profile "work" in us-east-1: deleted, disabled, or of another partition',
          '  Check in IAM whether the key is active, or replace it: awsmfa setup --profile work --overwrite',
        ],
      });
    }
  });
});

test('a store that does not exist, half a key, an ID that is none', async () => {
  const said = async (credentials: string) => {
    const { exit, stderr } = await here.runWithCode(['env', 'work'], { home: makeHome({ credentials }) });
    return `${exit} ${stderr[0]}`;
  };
  const work = `[work]\naws_access_key_id = ${id}\n`;
  expect(await said(`${work}awsmfa_key_store = vault\nmfa_serial = ${aliceSerial}\n`)).toBe(
    '3 awsmfa: awsmfa_key_store of profile "work": there is no key store "vault"',
  );
  expect(await said('[work]\naws_secret_access_key = x\nawsmfa_key_store = pass\n')).toContain(
    '[work] has no aws_access_key_id',
  );
  expect(await said('[work]\naws_access_key_id = ../../etc/passwd\nawsmfa_key_store = pass\n')).toContain(
    'has a blank or a character that no AWS key has',
  );
});
