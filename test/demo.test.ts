import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { found } from '../scripts/demo/shells.ts';
import { some } from './support/matrix.ts';
import { collect, needs, shells } from './support/shells.ts';

/** As `npm run demo` runs it, from build/; `npm test` has built it. */
const demo = resolve('build/demo.cjs');
const core = resolve('dist/awsmfa.cjs');

let root: string;
let told: Awaited<ReturnType<typeof run>>;
/** In a project directory with blanks, and with a user's environment: neither may disturb it. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'demo test '));
  const project = join(root, "a project of Ada's");
  mkdirSync(project);
  for (const part of ['build', 'dist', 'shell']) symlinkSync(resolve(part), join(project, part));
  // Node would follow the link to the demo itself, and find the project where it really is.
  const node = { NODE_OPTIONS: '--preserve-symlinks-main' };
  told = await run({ ...users, ...node }, join(project, 'build/demo.cjs'));
});
const users = {
  CI: 'true',
  HOME: '/nowhere',
  AWS_PROFILE: 'missing',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
  AWSMFA_TOKEN_CODE: '000000',
  AWSMFA_PROFILE: 'missing',
  BASH_ENV: '/nowhere',
  ENV: '/nowhere',
};
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** In an environment of its own, whose temporary directory shows what is left behind. */
async function run(env: Record<string, string> = {}, script = demo) {
  const temporary = mkdtempSync(join(root, 'tmp '));
  const options = { env: { PATH: process.env.PATH ?? '', TMPDIR: temporary, ...env }, cwd: temporary };
  const result = await collect(process.execPath, [script], options);
  return { ...result, left: readdirSync(temporary) };
}

/** A core that does what the real one does, but for what `lie` makes of its output and its status. */
function lyingCore(name: string, lie: string): string {
  const path = join(root, `${name}.cjs`);
  writeFileSync(
    path,
    `const { spawnSync } = require('node:child_process');
const args = process.argv.slice(2);
let { stdout, stderr, status } = spawnSync(process.execPath, [${JSON.stringify(core)}, ...args], { encoding: 'utf8' });
${lie}
process.stderr.write(stderr);
process.stdout.write(stdout);
process.exitCode = status;
`,
  );
  return path;
}

describe('the demo', () => {
  test('tells what it promises, whatever the environment and the directory, and leaves nothing behind', () => {
    const { status, stdout, stderr, left } = told;
    expect({ status, stderr, left }).toEqual({ status: 0, stderr: '', left: [] });
    const promises = [
      'STS refuses that token: ExpiredToken',
      'STS says: this sh is arn:aws:iam::111122223333:user/ada',
      'All of it was as told',
    ];
    for (const promise of promises) expect(stdout).toContain(promise);
    expect(stdout).toMatch(/: 3 codes typed, 3 calls to STS for a session, /);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test.for(shells.filter((shell) => shell.integration))('is about real shells: $name', (shell, context) =>
    needs(shell, () => {
      const { stdout } = told;
      for (const promise of [
        `$ source shell/awsmfa.${shell.name}`,
        `STS says: this ${shell.name} is arn:aws:iam::111122223333:user/ada`,
        `STS says: this ${shell.name} is arn:aws:iam::444455556666:user/ada-admin`,
        'There is time left: the function has not even started the program',
        `This ${shell.name} holds no session any more, and has its AWS_PROFILE=prod back`,
        'All of that took no code and no call to STS for a session',
      ]) {
        expect(stdout).toContain(promise);
      }
    })(context),
  );

  test('names the shells that are not installed, and does without', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const sh = join(bin, 'sh');
    writeFileSync(sh, `#!/bin/sh\nexec ${found('sh')[0]} "$@"\n`);
    chmodSync(sh, 0o755);
    const { status, stdout } = await run({ PATH: bin });
    expect(stdout).toContain('Not installed here, and left out: zsh, bash, fish.');
    expect(stdout).toContain('sh: 3 codes typed, 3 calls to STS for a session');
    expect(status).toBe(0);
  });
});

test('Ctrl-C ends the demo at once, and nothing stays behind', async () => {
  const temporary = mkdtempSync(join(root, 'tmp '));
  const child = spawn(process.execPath, [demo], {
    env: { PATH: process.env.PATH ?? '', TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const [status] = await once(child, 'close');
  expect({ status, left: readdirSync(temporary) }).toEqual({ status: 130, left: [] });
});

describe('the demo fails in a clear sentence', () => {
  const lies = {
    'another secret': [
      "stdout = stdout.replace(/SECRET_ACCESS_KEY='./, '$&x');",
      /STS should say that sh after .* is arn/,
    ],
    "the other account's session": [
      "if (args[0] === 'use') stdout = spawnSync(process.execPath, [CORE, 'use', 'work', '--shell', args[2]]).stdout;",
      /STS should say that zsh after `awsmfa` is arn:.*:user\/ada-admin, and it says arn:.*:user\/ada\./,
    ],
    'AWS_PROFILE left': [
      "stdout = stdout.replace(/ AWS_PROFILE /, ' ');",
      /AWS_PROFILE in sh after .* should be unset and is "prod"/,
    ],
    'a session that is not remembered': [
      "if (args[0] === 'login') spawnSync(process.execPath, [CORE, 'logout', 'prod']);",
      /the status in zsh after `awsmfa` should be 0 and is 4; it said: awsmfa: An MFA code/,
    ],
    'a status that lies': ["if (args[0] === 'clear') status = 1;", /the status in zsh after `awsmfa clear`/],
    'nothing cleared': [
      "if (args[0] === 'clear') stdout = '';",
      /what is left in zsh after `awsmfa clear` should be ""/,
    ],
  } as const;

  test.for(some(Object.entries(lies), 6))('when the core prints %s', ([name, [lie, sentence]], context) =>
    needs('zsh', async () => {
      const liar = lyingCore(name, lie.replaceAll('CORE', JSON.stringify(core)));
      const { status, stdout, stderr, left } = await run({ AWSMFA_DEMO_CORE: liar });
      expect(stderr).toMatch(/^\nNot as told: .*\.\n$/s);
      expect(stderr).toMatch(sentence);
      expect(stdout).not.toContain('All of it was as told');
      expect({ status, left }).toEqual({ status: 1, left: [] });
    })(context),
  );
});
