import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ada, desk, serialOf } from '../support/desk.ts';
import { fileStore } from '../support/kills.ts';
import { textOf } from '../support/pages.ts';
import { spawn, type Terminal } from '../support/pty.ts';

const home = desk();
const [key] = ada.accessKeys;
const path = (name: string) => join(home.home, name);
const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');
const env = () => ({ ...home.env, PATH: `${path('bin')}:${home.env.PATH}` });
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

/** A `pass` that writes down each call, and then does this. */
function pass(script: string): void {
  mkdirSync(path('bin'), { recursive: true });
  const entry = JSON.stringify({ Version: 1, AccessKeyId: key?.id, SecretAccessKey: key?.secret });
  writeFileSync(
    path('bin/pass'),
    `#!/bin/sh\nprintf x >>'${path('asked')}'\ngive() { echo '${entry}'; }\n${script}\n`,
  );
  chmodSync(path('bin/pass'), 0o755);
}

beforeEach(() => {
  writeFileSync(
    path('.aws/credentials'),
    `[work]\naws_access_key_id = ${key?.id}\nawsmfa_key_store = pass\n`,
  );
});

test('the store is asked once for a session, and not while that lives', async () => {
  pass('give');
  const code = home.sts.nextCode(serialOf(ada));
  const login = await home.awsmfa(['login', 'work', '--token-code', code], env());
  expect(login).toMatchObject({ status: 0 });
  expect(read('asked')).toBe('x');
  pass('exit 9');
  for (const words of [
    ['env', 'work'],
    ['process', 'work'],
    ['exec', 'work', '--', 'true'],
    ['write', 'work'],
    ['login', 'work'],
    ['list'],
    ['status'],
  ]) {
    const { status, stderr } = await home.awsmfa(words, env());
    expect({ words, status, stderr }).toMatchObject({ words, status: 0 });
  }
  expect(read('asked')).toBe('x');
  // It is asked again for a new one.
  expect(await home.awsmfa(['env', '--refresh', 'work'], env())).not.toMatchObject({ status: 0 });
  expect(read('asked')).toBe('xx');
});

const asking = `[ "$1" = show ] || exit 64
printf 'Passphrase of the store: ' >/dev/tty
read -r answer </dev/tty
[ "$answer" = sesame ] || exit 2
give`;

test.each([
  ['sesame', 'status 0'],
  ['wrong', 'status 5'],
])('a store that asks on the terminal, answered with %s', async (answer, status) => {
  pass(asking);
  writeFileSync(path('script'), 'awsmfa env work >out\necho "status $?"\nread -r _\n');
  terminal = spawn('/bin/sh', ['script'], { env: { ...env(), SHELL: '/bin/sh' }, cwd: home.home });
  await terminal.waitFor('Passphrase of the store: ');
  terminal.type(`${answer}\r`);
  if (answer === 'sesame') {
    await terminal.waitFor('MFA code');
    terminal.type(`${home.sts.nextCode(serialOf(ada))}\r`);
  }
  await terminal.waitFor(status);
  expect(terminal.screen()).not.toContain(key?.secret ?? '');
  if (answer === 'sesame') expect(read('out')).toContain('AWS_SESSION_TOKEN');
  else {
    expect(terminal.screen()).toContain('pass ended with exit status 2');
    expect(terminal.screen()).not.toContain('MFA code');
  }
});

test('a store that asks, and there is no terminal: it ends, and no code is spent', async () => {
  pass(asking);
  const code = home.sts.nextCode(serialOf(ada));
  const { status, stderr } = await home.awsmfa(['env', '--token-code', code, 'work'], env());
  expect({ status, stderr }).toMatchObject({ status: 5 });
  expect(stderr).toContain('The password store of pass gave no answer');
  expect(home.sts.requests).toEqual([]);
});

test('from the key ring of aws-vault: the lines of the page', async () => {
  const [, lines = ''] =
    /## From the key ring of aws-vault\n\n```sh\n(.*?)```/s.exec(textOf('docs/keys.md')) ?? [];
  rmSync(path('.aws/credentials'));
  home.config(`[profile work]\nregion = eu-central-1\nmfa_serial = ${serialOf(ada)}\n`);
  const store = fileStore(home.home);
  writeFileSync(
    path('bin/aws-vault'),
    `#!/bin/sh
case $* in
'exec work --no-session -- '*) shift 4 ;;
'remove work') echo removed >'${path('vault')}'; exit ;;
*) exit 64 ;;
esac
export AWS_VAULT=work AWS_REGION=eu-central-1 AWS_ACCESS_KEY_ID=${key?.id} AWS_SECRET_ACCESS_KEY='${key?.secret}'
exec "$@"
`,
    { mode: 0o755 },
  );
  writeFileSync(path('script'), `set -e\n${lines}echo all do''ne\nread -r _\n`);
  const PATH = `${path('bin')}:${home.env.PATH}`;
  const t = spawn('/bin/sh', ['script'], {
    env: { ...home.env, ...store.env, PATH, SHELL: '/bin/sh' },
    cwd: home.home,
  });
  terminal = t;
  await t.waitFor("the one in this shell's environment");
  t.key('enter');
  await t.waitFor('MFA code');
  t.type(`${home.sts.nextCode(serialOf(ada))}\r`);
  await t.waitFor('Move the secret of work out of the file, into the password store of pass?');
  t.type('y\r');
  await t.waitFor('all done');
  expect(t.screen()).toContain('is in the password store of pass already');
  expect(read('vault')).toBe('removed\n');
  expect(read('.aws/credentials')).toBe(`[work]\naws_access_key_id = ${key?.id}\nawsmfa_key_store = pass\n`);
  expect(JSON.parse(store.entries()[key?.id ?? ''] ?? '')).toMatchObject({ SecretAccessKey: key?.secret });
});
