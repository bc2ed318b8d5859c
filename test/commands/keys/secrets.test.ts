import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import { type LocalSts, startLocalSts } from '../../../tools/local-sts/server.ts';
import { programFile } from '../../support/desk.ts';
import { type Home, keysSection, makeHome } from '../../support/home.ts';
import { passStage, type StoreStage, secretServiceStage, standIn } from '../../support/key-stores.ts';
import { isMatrix } from '../../support/matrix.ts';
import { collect, locate, missing } from '../../support/shells.ts';

/** Without a device: no code is asked for. */
const keeper: User = {
  accountId: '123456789012',
  name: 'keeper',
  accessKeys: [{ id: 'AKIAKEEPERKEEPERKEEP', secret: 'canary/secret+of-keeper' }],
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Store {
  readonly name: string;
  readonly needs: readonly string[];
  stage(home: Home): StoreStage | Promise<StoreStage>;
  /** Where a stand-in keeps what it was given. */
  readonly own?: RegExp;
}

/** The Keychain is there on macOS alone. */
function asOnMac(home: Home): StoreStage {
  const stage = standIn('security');
  const mac = home.write('mac.cjs', "Object.defineProperty(process, 'platform', { value: 'darwin' });");
  // The stand-in is a program of Node too, and reads the option as well.
  return { ...stage, env: { ...stage.env, NODE_OPTIONS: `--require=${mac}` } };
}

const stores: readonly Store[] = [
  { name: 'pass', needs: ['pass', 'gpg'], stage: passStage },
  {
    name: 'secret-service',
    needs: ['secret-tool', 'gnome-keyring-daemon', 'dbus-daemon'],
    stage: secretServiceStage,
  },
  { name: 'keychain', needs: [], stage: asOnMac, own: /entries\.json/ },
  { name: '1password', needs: [], stage: () => standIn('op'), own: /entries\.json/ },
];

/** A secret as it is, in hex (the Keychain), and in Base64 of its entry (DPAPI), wherever that begins. */
function forms(secret: string): readonly string[] {
  const text = Buffer.from(secret);
  const base64 = [0, 1, 2].map((skip) => text.subarray(skip).toString('base64').slice(0, 16));
  return [secret, text.toString('hex'), ...base64];
}

// What the stand-ins are called with is looked at in the tests of the stores, too.
test.for(isMatrix ? stores : stores.slice(0, 2))(
  '$name: no secret in the argv of any process, and in no file but the ones it is meant for',
  async ({ name, needs, stage: makeStage, own }, context) => {
    for (const program of ['strace', ...needs]) if (!locate(program)) missing(program, context);
    const sts: LocalSts = await startLocalSts({ users: [keeper] });
    const home = makeHome({
      config: '[profile work]\nregion = us-east-1\n',
      credentials: keysSection('work', keeper),
    });
    const stage = await makeStage(home);
    ends.push(() => sts.close(), stage.remove);
    const log = join(home.path, 'strace');
    const secrets = () => sts.accessKeys('keeper').flatMap(({ secret }) => forms(secret));
    const before = secrets();
    const trace = async (...argv: string[]) => {
      const traced = ['-f', '-y', '-qq', '-s', '9999', '-e', 'trace=execve,write,pwrite64,writev', '-o', log];
      const { status, stderr } = await collect(
        'strace',
        [...traced, process.execPath, programFile, ...argv],
        {
          cwd: home.path,
          env: {
            ...stage.env,
            HOME: stage.env.HOME ?? '',
            AWS_SHARED_CREDENTIALS_FILE: home.credentials,
            AWS_CONFIG_FILE: home.config,
            AWS_ENDPOINT_URL_STS: sts.url,
            AWS_ENDPOINT_URL_IAM: sts.url,
          },
        },
      );
      expect({ argv, status, stderr }).toMatchObject({ status: 0 });
      const lines = readFileSync(log, 'utf8').split('\n');
      writeFileSync(log, '');
      const all = [...before, ...secrets()];
      const shown = lines.filter((line) => all.some((form) => line.includes(form)));
      expect(lines.filter((line) => line.includes('execve(')).length).toBeGreaterThan(1);
      expect(all.filter((form) => stderr.includes(form))).toEqual([]);
      return {
        argv: shown.filter((line) => line.includes('execve(')),
        files: shown.flatMap((line) => /\bp?write(?:v|64)?\(\d+<(\/[^>]*)>/.exec(line)?.[1] ?? []),
        hasPipes: shown.some((line) => /<(?:pipe|socket|UNIX)[^>]*>/.test(line)),
      };
    };
    const notOwn = (files: readonly string[]) => files.filter((file) => !own?.test(file));

    const store = await trace('keys', 'store', 'work', '--store', name);
    expect({ argv: store.argv, files: notOwn(store.files) }).toEqual({ argv: [], files: [] });
    // The secret was seen on its way, so that it would have been seen elsewhere.
    expect(store.hasPipes).toBe(true);
    expect(filesWith(home.path, before)).toEqual([]);

    const rotated = await trace('keys', 'rotate', 'work');
    expect({ argv: rotated.argv, files: notOwn(rotated.files) }).toEqual({ argv: [], files: [] });
    expect(filesWith(home.path, secrets())).toEqual([]);

    const removed = await trace('keys', 'remove', 'work', '--to-file');
    expect(removed.argv).toEqual([]);
    const temporary = /\/\.aws\/\.awsmfa-[^/]*\.tmp$/;
    expect(notOwn(removed.files).filter((file) => !temporary.test(file))).toEqual([]);
    expect(notOwn(removed.files)).not.toEqual([]);
    expect(filesWith(home.path, secrets())).toEqual([home.credentials]);
    expect(statSync(home.credentials).mode & 0o777).toBe(0o600);
  },
);

function filesWith(directory: string, forms: readonly string[]): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .filter((path) => forms.some((form) => readFileSync(path, 'latin1').includes(form)));
}
