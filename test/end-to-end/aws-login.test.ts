import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answers, startAnswers } from '../support/answers.ts';
import { desk } from '../support/desk.ts';
import { spawn, type Terminal } from '../support/pty.ts';
import { inSeconds, iso, loginCacheFile, loginToken } from '../support/sources.ts';
import { configFile, roleCredentials, ssoCacheFile, token } from '../support/sso.ts';
import { variablesIn } from '../support/stage.ts';

const arn = 'arn:aws:iam::111122223333:user/ada';
const home = desk();
let server: Answers;
let terminal: Terminal | undefined;

beforeEach(async () => {
  server = await startAnswers();
  server.on('GET /federation/credentials', { body: roleCredentials(3600) });
  home.config(`${configFile}\n[profile console]\nlogin_session = ${arn}\nregion = eu-west-1\n`);
  const access = {
    accessKeyId: 'ASIALOGINLOGINLOGIN1',
    secretAccessKey: 'canary-login-secret',
    sessionToken: 'canary-login-session',
    expiresAt: iso(inSeconds(3600)),
  };
  standIn([
    [['sso', 'login', '--profile=dev'], ssoCacheFile('corp'), token(3600)],
    [['sso', 'login', '--profile=two words'], ssoCacheFile('my corp'), token(3600)],
    [['login', '--profile=console'], loginCacheFile(arn), JSON.stringify(loginToken(access))],
  ]);
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  await server.close();
});

const path = (name: string) => join(home.home, name);
const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');
const env = () => ({ ...home.env, PATH: `${path('bin')}:${home.env.PATH}`, AWS_ENDPOINT_URL: server.url });

/** An `aws` that takes these words alone, wants a person on a terminal, and keeps what the real one keeps. */
function standIn(
  commands: readonly (readonly [words: readonly string[], file: string, text: string])[],
): void {
  const cases = commands.map(([words, file, text], index) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(`token-${index}`), text);
    const same = words.map((word, at) => `[ "$${at + 1}" = '${word}' ]`).join(' && ');
    return `if [ $# = ${words.length} ] && ${same}; then from='${path(`token-${index}`)}' to='${path(file)}'; fi`;
  });
  mkdirSync(path('bin'), { recursive: true });
  writeFileSync(
    path('bin/aws'),
    `#!/bin/sh
printf '<%s>' "$@" >>'${path('argv')}'
${cases.join('\n')}
[ -n "$from" ] || exit 252
[ -t 0 ] && [ -t 1 ] && [ -t 2 ] || exit 3
printf 'Code of the browser: '
read -r line
[ "$line" = 1234 ] || exit 255
cp "$from" "$to"
`,
  );
  chmodSync(path('bin/aws'), 0o755);
}

/** Its stdout goes into a file, as `eval` takes it away from the terminal. */
function open(command: string): Terminal {
  writeFileSync(path('script'), `${command} >out\necho "status $?"\nread -r _\n`);
  terminal = spawn('/bin/bash', ['script'], { env: env(), cwd: home.home });
  return terminal;
}

describe('a session of the AWS CLI that is missing', () => {
  test.each([
    ['dev', '<sso><login><--profile=dev>', 'ASIASSOSSOSSOSSOSSO1'],
    ["'two words'", '<sso><login><--profile=two words>', 'ASIASSOSSOSSOSSOSSO1'],
    ['console', '<login><--profile=console>', 'ASIALOGINLOGINLOGIN1'],
  ])(
    '%s: with a yes, its own command is run on the terminal, and awsmfa goes on',
    async (profile, argv, id) => {
      const t = open(`awsmfa env ${profile}`);
      await t.waitFor(/There is no .* session for .*Run aws .*login for .* now\?/);
      expect(read('argv')).toBe('');
      t.key('enter');
      await t.waitFor('Code of the browser: ');
      t.type('1234\r');
      await t.waitFor('status 0');
      expect(read('argv')).toBe(argv);
      expect(read('out')).toContain(id);
      expect(t.screen()).not.toContain('canary');
    },
  );

  test('one that is over', async () => {
    writeFileSync(path(ssoCacheFile('corp')), token(-60));
    const t = open('awsmfa exec dev -- env');
    await t.waitFor('has expired. Run aws sso login for dev now?');
    t.type('y\r');
    await t.waitFor('Code of the browser: ');
    t.type('1234\r');
    await t.waitFor('status 0');
    expect(read('out')).toContain('AWS_ACCESS_KEY_ID=ASIASSOSSOSSOSSOSSO1');
  });

  test('with a no, nothing is run', async () => {
    const t = open('awsmfa env dev');
    await t.waitFor('now?');
    t.type('n\r');
    await t.waitFor('status 5');
    expect(t.screen()).toContain('Log in again: aws sso login --profile dev');
    expect([read('argv'), read('out')]).toEqual(['', 'false\n']);
  });

  test.each([
    ['its command fails', () => {}, 'wrong\r'],
    ['its command is not there', () => rmSync(path('bin/aws')), ''],
  ])('%s: the error is that of the session', async (_name, prepare, answer) => {
    prepare();
    const [program] = home.env.PATH?.split(':') ?? [];
    const t = open(`PATH='${path('bin')}:${program}' awsmfa env dev`);
    await t.waitFor('now?');
    t.key('enter');
    if (answer) {
      await t.waitFor('Code of the browser: ');
      t.type(answer);
    }
    await t.waitFor('status 5');
    expect(t.screen()).toContain('There is no IAM Identity Center session for profile "dev"');
  });
});

describe('nobody is asked, and nothing is run', () => {
  const missing = {
    status: 5,
    stderr: `awsmfa: There is no IAM Identity Center session for profile "dev"
  Log in again: aws sso login --profile dev
`,
  };

  test('without a terminal', async () => {
    const { status, stderr } = await home.awsmfa(['env', 'dev'], env());
    expect({ status, stderr }).toEqual(missing);
    expect(read('argv')).toBe('');
  });

  test.each([
    ['--no-prompt', 'awsmfa env dev --no-prompt'],
    ['--quiet', 'awsmfa env dev --quiet'],
    ['in the background', 'set -m; awsmfa env dev & wait $!'],
  ])('%s', async (_name, command) => {
    const t = open(command);
    await t.waitFor('status 5');
    expect(t.screen()).toContain('Log in again: aws sso login --profile dev');
    expect(t.screen()).not.toContain('now?');
    expect(read('argv')).toBe('');
  });

  test('by a server, when it renews what it gives out', async () => {
    writeFileSync(path(ssoCacheFile('corp')), token(3600));
    server.on('GET /federation/credentials', { body: roleCredentials(10) });
    const t = open('AWSMFA_MIN_TTL=1 awsmfa serve dev');
    await expect.poll(() => read('out'), { timeout: 50_000 }).toContain('TOKEN');
    rmSync(path(ssoCacheFile('corp')));
    const { url, token: authorization } = variablesIn(read('out'));
    const status = async () => (await fetch(url, { headers: { authorization } })).status;
    await expect.poll(status, { timeout: 50_000, interval: 500 }).not.toBe(200);
    expect(t.screen()).not.toContain('now?');
    expect(read('argv')).toBe('');
  });
});
