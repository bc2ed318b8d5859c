import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programFile } from './support/desk.ts';
import { type Home, makeHome } from './support/home.ts';
import { needsNewerNode } from './support/newer-node.ts';
import { until } from './support/processes.ts';
import { collect } from './support/shells.ts';

const help = ['exec', '--help'];
const helped = { status: 0, stdout: expect.stringContaining('[--] [command…]'), stderr: '' };

const start = (node: string, home: Home, env: Record<string, string> = {}) =>
  collect(node, [programFile, ...help], { env: { HOME: home.path, ...env }, cwd: home.path });

/** The files with compiled code below a directory. */
function compiled(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(directory, name)).filter((path) => statSync(path).isFile());
}

describe('compiled code', () => {
  test(
    'is kept in a directory of the user’s own, not with the sessions',
    needsNewerNode(async (node) => {
      const home = makeHome();
      const sessions = join(home.path, 'sessions');
      expect(await start(node, home, { AWSMFA_CACHE_DIR: sessions })).toMatchObject(helped);
      const directory = join(home.path, '.cache/awsmfa');
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(compiled(directory).length).toBeGreaterThan(1);
      expect(existsSync(sessions)).toBe(false);

      const xdg = join(home.path, 'xdg');
      expect(await start(node, home, { XDG_CACHE_HOME: xdg })).toMatchObject(helped);
      expect(compiled(join(xdg, 'awsmfa')).length).toBeGreaterThan(1);
    }),
  );

  test(
    'that is damaged, cut short or foreign is compiled again',
    needsNewerNode(async (node) => {
      const home = makeHome();
      await start(node, home);
      const files = compiled(join(home.path, '.cache/awsmfa'));
      const whole = files.map((file) => readFileSync(file));
      for (const damage of [flipped, (bytes: Buffer) => bytes.subarray(0, 40), () => Buffer.from('{}\n')]) {
        for (const [at, file] of files.entries()) writeFileSync(file, damage(whole[at] ?? Buffer.alloc(0)));
        expect(await start(node, home)).toMatchObject(helped);
      }
      expect(files.map((file) => readFileSync(file).length > 40)).toEqual(files.map(() => true));
    }),
  );

  test.for<readonly [string, (home: Home) => Record<string, string>]>([
    ['a file', (home) => ({ XDG_CACHE_HOME: home.write('file', '') })],
    ['relative', () => ({ XDG_CACHE_HOME: 'clone', HOME: '.' })],
    ['where no directory can be made', () => ({ XDG_CACHE_HOME: '/proc' })],
    [
      'the user’s, and switched off by NODE_DISABLE_COMPILE_CACHE',
      () => ({ NODE_DISABLE_COMPILE_CACHE: '1' }),
    ],
  ])('is not kept in a directory that is %s', ([, env], context) =>
    needsNewerNode(async (node) => {
      const home = makeHome();
      const setting = env(home);
      const before = compiled(home.path);
      expect(await start(node, home, setting)).toMatchObject(helped);
      expect(compiled(home.path)).toEqual(before);
    })(context),
  );

  test.for<readonly [string, (home: Home) => void]>([
    ['that others can write', (home) => chmodSync(makeDirectory(home, '.cache/awsmfa'), 0o777)],
    [
      'behind a link',
      (home) => {
        makeDirectory(home, '.cache');
        symlinkSync(makeDirectory(home, 'elsewhere', 0o700), join(home.path, '.cache/awsmfa'));
      },
    ],
  ])('is not used from a directory %s', ([, prepare], context) =>
    needsNewerNode(async (node) => {
      const home = makeHome();
      prepare(home);
      expect(await start(node, home)).toMatchObject(helped);
      expect(compiled(home.path)).toEqual([]);
    })(context),
  );

  test(
    'on a full disk costs nothing but time',
    needsNewerNode(async (node) => {
      const home = makeHome();
      const limited = ['-c', 'ulimit -f 0; exec "$@"', 'sh', node, programFile, ...help];
      for (let run = 0; run < 2; run++) {
        expect(await collect('sh', limited, { env: { HOME: home.path } })).toMatchObject(helped);
      }
    }),
  );
});

test('SIGUSR1 opens no debugger', async () => {
  const home = makeHome({
    config: '[profile work]\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n',
    credentials: '[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n',
  });
  const asked = join(home.path, 'asked');
  const child = spawn(process.execPath, [programFile, 'login', 'work'], {
    env: {
      HOME: home.path,
      PATH: process.env.PATH,
      AWSMFA_MFA_PROCESS: `sh -c 'touch "${asked}"; exec sleep 60'`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await until(() => existsSync(asked));
  child.kill('SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const alive = child.exitCode === null && child.signalCode === null;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('close', resolve));
  expect({ alive, said }).toEqual({ alive: true, said: 'awsmfa: Terminated\n' });
});

function makeDirectory(home: Home, name: string, mode = 0o755): string {
  const path = join(home.path, name);
  mkdirSync(path, { recursive: true, mode });
  return path;
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 8; at < copy.length; at += 97) copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}
