import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import { alice, root } from '../../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../../tools/local-sts/server.ts';
import { keysSection, makeHome } from '../../support/home.ts';
import { passStage, type StoreStage } from '../../support/key-stores.ts';
import { needs } from '../../support/shells.ts';
import { fakeTerminal, type Run, run, type Setting } from '../../support/world.ts';

vi.setConfig({ testTimeout: 60_000 });

const serial = 'arn:aws:iam::123456789012:mfa/keeper';
const secret = 'canary/secret+of-keeper';
const keeper: User = {
  accountId: '123456789012',
  name: 'keeper',
  accessKeys: [{ id: 'AKIAKEEPERKEEPERKEEP', secret }],
  devices: [{ serial, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
};
const id = keeper.accessKeys[0]?.id ?? '';
/** Without a device, a session needs no code. */
const single: User = { ...keeper, devices: [] };
/** IAM is denied to her without MFA. */
const careful: User = { ...keeper, deniedWithoutMfa: ['iam:*'] };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Desk {
  readonly sts: LocalSts;
  readonly store: StoreStage;
  readonly home: ReturnType<typeof makeHome>;
  run(argv: readonly string[], setting?: Setting): Promise<Run>;
  credentials(): string;
}

async function desk(credentials: string, config = '', user: User = keeper): Promise<Desk> {
  const sts = await startLocalSts({ users: [user, alice] });
  const store = passStage();
  ends.push(() => sts.close(), store.remove);
  const home = makeHome({ config, credentials });
  const { HOME: _, ...env } = store.env;
  return {
    sts,
    store,
    home,
    run: (argv, setting = {}) =>
      run(argv, {
        home,
        ...setting,
        env: { ...env, AWS_ENDPOINT_URL_STS: sts.url, AWS_ENDPOINT_URL_IAM: sts.url, ...setting.env },
      }),
    credentials: () => readFileSync(home.credentials, 'utf8'),
  };
}

const stored = `[work]\naws_access_key_id = ${id}\nawsmfa_key_store = pass\n`;

describe('keys store', () => {
  test(
    'takes the secret out of the file, and every command reads it from the store',
    needs('pass', async () => {
      const at = await desk(`# mine\n${keysSection('work', keeper)}region = eu-west-1\n`);
      const { exit, stderr } = await at.run(['keys', 'store', 'work']);
      expect({ exit, stderr }).toEqual({
        exit: 0,
        stderr: [
          'work: the secret of AKIA…KEEP is in the password store of pass now (~/.aws/credentials:3 names it)',
        ],
      });
      expect(at.credentials()).toBe(
        `# mine\n[work]\naws_access_key_id = ${id}\nregion = eu-west-1\nawsmfa_key_store = pass\n`,
      );
      // No device is configured: IAM is asked with the key from the store.
      const code = at.sts.nextCode('keeper');
      expect(await at.run(['env', 'work'], { env: { AWSMFA_TOKEN_CODE: code } })).toMatchObject({ exit: 0 });
      const again = await at.run(['keys', 'store', 'work']);
      expect(again.stderr).toEqual([
        'work: the secret of AKIA…KEEP is in the password store of pass already',
      ]);
    }),
  );

  test(
    'a store whose name has other letters in the file is the same store, and keeps the key',
    needs('pass', async () => {
      const at = await desk(keysSection('work', keeper));
      await at.run(['keys', 'store', 'work']);
      writeFileSync(at.home.credentials, stored.replace('= pass', '= Pass'));
      const { exit, stderr } = await at.run(['keys', 'store', 'work']);
      expect({ exit, stderr }).toEqual({
        exit: 0,
        stderr: ['work: the secret of AKIA…KEEP is in the password store of pass already'],
      });
      expect(await at.run(['keys', 'remove', 'work', '--to-file'])).toMatchObject({ exit: 0 });
      expect(at.credentials()).toBe(keysSection('work', keeper));
    }),
  );

  test(
    "aws-mfa's section, other profiles with the same key, and what is left in a comment",
    needs('pass', async () => {
      const at = await desk(
        `[default]\n${keysSection('', keeper).replace('[]\n', '')}[work-long-term]\n${keysSection('', keeper).replace('[]\n', '')}# old: ${secret}\n`,
      );
      const { exit, stderr } = await at.run(['keys', 'store', 'work'], { env: { AWSMFA_KEY_STORE: 'pass' } });
      expect(exit).toBe(0);
      expect(stderr.at(-1)).toBe('The secret still stands in ~/.aws/credentials:7: remove it by hand');
      expect(at.credentials().match(/awsmfa_key_store = pass/g)).toHaveLength(2);
      expect(at.credentials()).not.toContain('aws_secret_access_key');
    }),
  );

  test(
    'a profile whose key stands in both files',
    needs('pass', async () => {
      const inConfig = `[profile work]\n${keysSection('', keeper).replace('[]\n', '')}region = us-east-1\n`;
      const at = await desk(keysSection('work', keeper), inConfig);
      const { exit, stderr } = await at.run(['keys', 'store', 'work']);
      expect({ exit, stderr }).toEqual({
        exit: 0,
        stderr: [
          'work: the secret of AKIA…KEEP is in the password store of pass now (~/.aws/credentials:2 and ~/.aws/config:2 name it)',
        ],
      });
      expect(at.credentials()).toBe(stored);
      expect(readFileSync(at.home.config, 'utf8')).toBe(
        `[profile work]\naws_access_key_id = ${id}\nregion = us-east-1\nawsmfa_key_store = pass\n`,
      );
      expect(await at.run(['keys', 'remove', 'work', '--to-file'])).toMatchObject({ exit: 0 });
      expect(at.credentials()).toBe(keysSection('work', keeper));
      expect(readFileSync(at.home.config, 'utf8')).toContain(secret);
      writeFileSync(at.home.config, inConfig.replace(secret, 'another-secret'));
      const two = await at.run(['keys', 'store', 'work']);
      expect({ exit: two.exit, stderr: two.stderr }).toEqual({
        exit: 3,
        stderr: [
          'awsmfa: The same access key has different secrets in ~/.aws/credentials:2 and ~/.aws/config:2',
          '  One of them is wrong. Remove it first. Nothing was changed.',
        ],
      });
    }),
  );

  test(
    '--all, one of which cannot be stored',
    needs('pass', async () => {
      const at = await desk(
        `${keysSection('work', keeper)}\n${keysSection('other', alice)}\n[twin]\naws_access_key_id = ${alice.accessKeys[0]?.id}\naws_secret_access_key = another-secret\n[session]\naws_access_key_id = ASIAX\naws_secret_access_key = yyyyy\naws_session_token = zzzzz\n`,
      );
      const { exit, stderr } = await at.run(['keys', 'store', '--all']);
      expect(exit).toBe(3);
      expect(stderr).toEqual([
        'work: the secret of AKIA…KEEP is in the password store of pass now (~/.aws/credentials:2 names it)',
        'AKIA…MPLE: The same access key has different secrets in ~/.aws/credentials:6 and ~/.aws/credentials:10',
        'awsmfa: Not every key could be stored',
        '  One of them is wrong. Remove it first. Nothing was changed.',
      ]);
      expect(at.credentials()).toContain('aws_session_token = zzzzz');
      expect(at.credentials()).toContain('aws_secret_access_key = another-secret');
    }),
  );

  test(
    'a locked store changes nothing',
    needs('pass', async () => {
      const at = await desk(keysSection('work', keeper));
      await at.store.lock();
      const before = at.credentials();
      // pass can encrypt without a question, and cannot give back what it encrypted.
      expect(await at.run(['keys', 'store', 'work'])).toMatchObject({ exit: 5 });
      expect(at.credentials()).toBe(before);
    }),
  );

  test.each([
    ['no store is here', ['keys', 'store', 'work'], { PATH: '/nowhere' }, 3],
    ['a store that does not exist', ['keys', 'store', 'work', '--store', 'vault'], {}, 2],
    ['a store that is not here', ['keys', 'store', 'work', '--store', 'keychain'], {}, 3],
    ['no word', ['keys'], {}, 2],
    ['a wrong word', ['keys', 'keep', 'work'], {}, 2],
    ['an option of another action', ['keys', 'rotate', 'work', '--all'], {}, 2],
    ['--all and a profile', ['keys', 'store', 'work', '--all'], {}, 2],
    ['a profile without keys', ['keys', 'store', 'sso'], {}, 3],
  ])('%s', async (_name, argv, env, exit) => {
    const home = makeHome({
      config: '[profile sso]\ncredential_process = /bin/false\n',
      credentials: keysSection('work', keeper),
    });
    const result = await run(argv, { home, env: { PATH: '/usr/bin:/bin', ...env }, platform: 'linux' });
    expect(result).toMatchObject({ exit });
    expect(readFileSync(home.credentials, 'utf8')).toBe(keysSection('work', keeper));
  });
});

describe('keys remove', () => {
  test(
    '--to-file puts the secret back',
    needs('pass', async () => {
      const at = await desk(keysSection('work', keeper));
      await at.run(['keys', 'store', 'work']);
      const { exit, stderr } = await at.run(['keys', 'remove', 'work', '--to-file']);
      expect({ exit, stderr }).toMatchObject({ exit: 0 });
      expect(at.credentials()).toBe(keysSection('work', keeper));
      expect(await at.run(['keys', 'remove', 'work'])).toMatchObject({ exit: 3 });
    }),
  );

  test(
    'forgets a key only after a yes',
    needs('pass', async () => {
      const at = await desk(keysSection('work', keeper));
      await at.run(['keys', 'store', 'work']);
      expect(await at.run(['keys', 'remove', 'work'])).toMatchObject({ exit: 4 });
      const terminal = fakeTerminal('\r');
      expect((await at.run(['keys', 'remove', 'work'], { terminal })).stderr).toEqual([
        'Nothing was changed',
      ]);
      expect(at.credentials()).toBe(stored);
      const yes = await at.run(['keys', 'remove', 'work', '--yes']);
      expect(yes.exit).toBe(0);
      expect(at.credentials()).toBe('[work]\n');
    }),
  );
});

describe('keys rotate', () => {
  test(
    'in a store, through the MFA session that the policy wants',
    needs('pass', async () => {
      const at = await desk(
        keysSection('work', careful),
        `[profile work]\nmfa_serial = ${serial}\n`,
        careful,
      );
      await at.run(['keys', 'store', 'work']);
      const code = at.sts.nextCode('keeper');
      const { exit, stderr } = await at.run(['keys', 'rotate', 'work'], { env: { AWSMFA_TOKEN_CODE: code } });
      expect({ exit, stderr }).toEqual({ exit: 0, stderr });
      expect(stderr.at(-1)).toBe('work: the old key is deleted; the next session asks for a code');
      expect(at.credentials()).not.toContain(id);
      expect(at.credentials()).not.toContain('awsmfa_old');
      const next = await at.run(['env', 'work'], { env: { AWSMFA_TOKEN_CODE: at.sts.nextCode('keeper') } });
      expect(next.exit).toBe(0);
    }),
  );

  test('a device that IAM alone knows: the session is used where a policy wants it, and the device is not forgotten', async () => {
    const user: User = { ...keeper, deniedWithoutMfa: ['iam:*AccessKey*'] };
    const at = await desk(keysSection('work', user), '[profile work]\nregion = us-east-1\n', user);
    const codeless = await at.run(['keys', 'rotate', 'work']);
    expect(codeless.exit).toBe(4);
    expect(codeless.stderr.join()).toContain('awsmfa login work');
    expect(at.credentials()).toBe(keysSection('work', user));
    const code = { env: { AWSMFA_TOKEN_CODE: at.sts.nextCode('keeper') } };
    expect(await at.run(['keys', 'rotate', 'work'], code)).toMatchObject({ exit: 0 });
    expect(at.credentials()).not.toContain(id);
    // A session of the new key comes with MFA too.
    expect(await at.run(['env', 'work'])).toMatchObject({ exit: 4 });
  });

  test('a device that nobody may list: it is asked for, and so is the code', async () => {
    const at = await desk(keysSection('work', careful), '[profile work]\nregion = us-east-1\n', careful);
    const terminal = fakeTerminal('\r', 'n\r', `${at.sts.nextCode('keeper')}\r`);
    // The device that the ARN suggests is named after the user.
    expect(await at.run(['keys', 'rotate', 'work'], { terminal })).toMatchObject({ exit: 0 });
    expect(terminal.shown()).toContain(serial);
    expect(at.sts.accessKeys('keeper')).toHaveLength(1);
    expect(at.credentials()).not.toContain(id);
  });

  test('a device that is not known, where no policy wants it: no code is asked for, and the device is not forgotten', async () => {
    const at = await desk(keysSection('work', keeper), '[profile work]\nregion = us-east-1\n');
    expect(await at.run(['keys', 'rotate', 'work'])).toMatchObject({ exit: 0 });
    expect(at.sts.count('GetSessionToken')).toBe(0);
    expect(await at.run(['env', 'work'])).toMatchObject({ exit: 4 });
  });

  test.each(['ListAccessKeys', 'CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey'])(
    'iam:%s alone wants MFA',
    async (action) => {
      const partly: User = { ...keeper, deniedWithoutMfa: [`iam:${action}`] };
      const at = await desk(keysSection('work', partly), '[profile work]\nregion = us-east-1\n', partly);
      const code = { env: { AWSMFA_TOKEN_CODE: at.sts.nextCode('keeper') } };
      expect(await at.run(['keys', 'rotate', 'work'], code)).toMatchObject({ exit: 0 });
      expect(at.sts.accessKeys('keeper')).toHaveLength(1);
      expect(at.credentials()).not.toContain(id);
    },
  );

  test('in the file, while IAM takes its time', async () => {
    const at = await desk(keysSection('work', keeper), '[profile work]\nregion = us-east-1\n');
    at.sts.iamDelayMs = 1500;
    const { exit, stderr } = await at.run(['keys', 'rotate', 'work'], { stderrIsTerminal: true });
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    expect(stderr).toContain('Waiting until AWS knows the new key …');
    expect(at.credentials()).toMatch(
      /^\[work\]\naws_access_key_id = AKIA(?!KEEPER)\w+\naws_secret_access_key = \S+\n$/,
    );
  });

  test.each([
    ['ListAccessKeys', 'reset'],
    ['CreateAccessKey', 'reset'],
    ['UpdateAccessKey', 'lost-answer'],
    ['DeleteAccessKey', 'reset'],
    ['DeleteAccessKey', 'lost-answer'],
  ] as const)('%s fails (%s): a key works, and the next run ends it', async (action, fault) => {
    const at = await desk(keysSection('work', single), '[profile work]\nregion = us-east-1\n', single);
    at.sts.fault(fault, { action, times: 5 });
    const first = await at.run(['keys', 'rotate', 'work']);
    expect(first.exit).not.toBe(0);
    at.sts.clearFaults();
    // Without a device, a session comes from the keys themselves: they work.
    expect((await at.run(['env', 'work', '--refresh'])).stdout).toContain('AWS_SESSION_TOKEN=');
    const second = await at.run(['keys', 'rotate', 'work']);
    expect({ exit: second.exit, stderr: second.stderr }).toMatchObject({ exit: 0 });
    expect(at.credentials()).not.toContain(id);
  });

  test("CreateAccessKey's answer is lost: the key without a secret is deleted only after a yes", async () => {
    const at = await desk(keysSection('work', keeper), '[profile work]\nregion = us-east-1\n');
    at.sts.fault('lost-answer', { action: 'CreateAccessKey' });
    expect((await at.run(['keys', 'rotate', 'work'])).exit).toBe(6);
    expect(at.credentials()).toContain(id);
    const refused = await at.run(['keys', 'rotate', 'work']);
    expect(refused).toMatchObject({ exit: 5 });
    expect(refused.stderr.join()).toContain('second access key');
    const done = await at.run(['keys', 'rotate', 'work'], { terminal: fakeTerminal('y\r') });
    expect({ exit: done.exit, stderr: done.stderr }).toMatchObject({ exit: 0 });
    expect(at.credentials()).not.toContain(id);
  });

  test('the root user, and profiles without a long-term key', async () => {
    const at = await desk(keysSection('work', root), '[profile sso]\ncredential_process = x\n', root);
    const error = async (argv: readonly string[], setting: Setting = {}) =>
      (await at.run(['keys', 'rotate', ...argv], setting)).stderr[0];
    expect(await error(['work'])).toContain(
      'belongs to arn:aws:iam::123456789012:root, which is no IAM user',
    );
    expect(await error(['sso'])).toContain(
      'has credentials of the kind process, and no long-term access key',
    );
    const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
    expect(await error([], { env })).toContain('has keys in the environment, and no long-term access key');
    const token = 'aws_session_token = canary-token\n';
    writeFileSync(at.home.credentials, `${keysSection('work', root).replace('AKIA', 'ASIA')}${token}`);
    expect(await error(['work'])).toContain('has temporary keys, and no long-term access key');
  });

  test('a user who may not', async () => {
    const denied = { ...keeper, denied: ['iam:ListAccessKeys'] };
    const at = await desk(keysSection('work', denied), '', denied);
    const { exit, stderr } = await at.run(['keys', 'rotate', 'work', '--serial-number', serial]);
    expect(exit).not.toBe(0);
    expect(stderr.join()).not.toContain(secret);
    expect(at.credentials()).toBe(keysSection('work', denied));
  });
});

describe('where a key is kept', () => {
  test(
    'list, status and doctor say the store and the age; doctor warns of an old key, a plain one, a locked store',
    needs('pass', async () => {
      const created = new Date(Date.now() - 100 * 86_400_000).toISOString();
      const old: User = { ...single, accessKeys: [{ id, secret, created }] };
      const at = await desk(keysSection('work', old), '[profile work]\nregion = us-east-1\n', old);
      const env = { AWSMFA_PROFILE: 'work', AWS_PROFILE: 'work' };
      const plain = (await at.run(['doctor'], { env })).stdout;
      expect(plain).toContain('every program of yours can read it');
      expect(plain).toContain('awsmfa keys store work');
      await at.run(['keys', 'store', 'work']);
      expect((await at.run(['list'])).stdout).toContain('long-term, pass, 100 days old');
      expect(JSON.parse((await at.run(['list', '--json'])).stdout)).toMatchObject([{ key_store: 'pass' }]);
      expect((await at.run(['status'], { env })).stdout).toMatch(/key store +pass, 100 days old/);
      const kept = (await at.run(['doctor'], { env })).stdout;
      expect(kept).toContain('kept in the password store of pass, 100 days old');
      expect(kept).toContain('awsmfa keys rotate work');
      await at.store.lock();
      const locked = await at.run(['doctor'], { env });
      expect(locked.exit).toBe(1);
      expect(locked.stdout).toContain('The password store of pass gave no answer');
      writeFileSync(at.home.credentials, stored.replace(id, 'AKIAGONEGONEGONEGONE'));
      expect((await at.run(['doctor'], { env })).stdout).toContain('is not in the password store of pass');
    }),
  );
});
