import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alice, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { missing } from '../support/shells.ts';
import {
  missingForWindows,
  nodeVersions,
  onWine,
  type WindowsMachine,
  windowsMachine,
  windowsPath,
} from '../support/wine.ts';

const serial = 'arn:aws:iam::123456789012:mfa/alice';
const [key] = alice.accessKeys;
const credentials = `# mine\r\n[work]\r\naws_access_key_id = ${key?.id}\r\naws_secret_access_key = ${key?.secret}\r\n`;

const absent = missingForWindows();
beforeEach((context) => {
  if (absent !== undefined) missing(absent, context);
});

describe.each(nodeVersions)('every command once, Node %s', (version) => {
  let sts: LocalSts;
  let machine: WindowsMachine;
  beforeAll(async () => {
    if (absent !== undefined) return;
    sts = await startLocalSts({ users, roles: [] });
    machine = windowsMachine({ AWS_ENDPOINT_URL_STS: sts.url, AWS_ENDPOINT_URL_IAM: sts.url }, version);
    write('config', `[profile work]\r\nregion = eu-west-1\r\nmfa_serial = ${serial}\r\n`);
    write('credentials', credentials);
  });
  afterAll(async () => {
    machine?.remove();
    await sts?.close();
  });
  const aws = (name: string) => join(machine.home, '.aws', name);
  const write = (name: string, text: string) => writeFileSync(aws(name), text);
  const held = () => {
    const [session] = sts.sessions();
    return {
      id: session?.accessKeyId,
      end: new Date(session?.expiresAt ?? 0).toISOString().replace('.000', ''),
    };
  };
  const home = () => windowsPath(machine.home);

  // In order: the first of them gets the session, with the one code.
  test('login', async () => {
    const { status, stdout, stderr } = await machine.awsmfa('login work', {
      AWSMFA_TOKEN_CODE: sts.nextCode('alice'),
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^work: new session, 12h left \(until .*\)\n$/),
    });
  });

  test('version and help', async () => {
    const { version: own } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await machine.awsmfa('--version')).toEqual({ status: 0, stdout: `${own}\n`, stderr: '' });
    const help = await machine.awsmfa('--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: awsmfa/);
  });

  test('env', async () => {
    const cmd = await machine.awsmfa('env work');
    expect(cmd).toMatchObject({ status: 0, stderr: '' });
    const lines = without(cmd.stdout);
    const taken = lines.slice(0, lines.indexOf(`set "AWS_ACCESS_KEY_ID=${held().id}"`));
    expect(taken).toContain('set "AWS_PROFILE="');
    expect(taken.filter((line) => !/^set "[A-Z_]+="$/.test(line))).toEqual([]);
    expect(lines.slice(taken.length)).toEqual([
      `set "AWS_ACCESS_KEY_ID=${held().id}"`,
      'set "AWS_SECRET_ACCESS_KEY=SECRET"',
      'set "AWS_SESSION_TOKEN=SECRET"',
      `set "AWS_CREDENTIAL_EXPIRATION=${held().end}"`,
      'set "AWS_ACCOUNT_ID=123456789012"',
      'set "AWS_REGION=eu-west-1"',
      'set "AWS_DEFAULT_REGION=eu-west-1"',
      'set "AWSMFA_PROFILE=work"',
      `set "AWSMFA_EXPIRES_AT=${Date.parse(held().end) / 1000}"`,
    ]);
  });

  test('process', async () => {
    const { status, stdout, stderr } = await machine.awsmfa('process work');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      Version: 1,
      AccessKeyId: held().id,
      SecretAccessKey: expect.stringMatching(/^\S{40}$/),
      SessionToken: expect.stringMatching(/^\S{100,}$/),
      Expiration: held().end,
      AccountId: '123456789012',
    });
  });

  test('exec: the session, the arguments and the exit status', async () => {
    writeFileSync(
      join(machine.root, 'work/show.js'),
      'console.log(process.env.AWS_ACCESS_KEY_ID, process.argv.slice(2).join("|")); process.exit(7)',
    );
    expect(await machine.awsmfa('exec work -- node show.js "two words" "a&b" --help')).toEqual({
      status: 7,
      stdout: `${held().id} two words|a&b|--help\n`,
      stderr: '',
    });
  });

  test('exec without such a program', async () => {
    expect(await machine.awsmfa('exec work -- nothere')).toMatchObject({
      status: 127,
      stdout: '',
      stderr: expect.stringMatching(/^awsmfa: "nothere": there is no such command on PATH\n/),
    });
  });

  test('write keeps every other byte', async () => {
    const { status, stdout, stderr } = await machine.awsmfa('write work');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^work: session in \[work-mfa\], 1[12]h(\d+m)? left .*; use it with .*work-mfa/);
    const text = readFileSync(aws('credentials'), 'utf8');
    expect(text.startsWith(`${credentials}`)).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text).toContain(`aws_access_key_id = ${held().id}\r\n`);
  });

  test('list', async () => {
    const { status, stdout, stderr } = await machine.awsmfa('list --json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const row = { source_profile: null, role_arn: null, region: 'eu-west-1', duration_seconds: null };
    const session = { expiration: held().end, expires_in: expect.any(Number) };
    expect(JSON.parse(stdout)).toEqual([
      { ...row, profile: 'work', kind: 'long-term', mfa_serial: serial, session },
      { ...row, profile: 'work-mfa', kind: 'long-term', source_profile: 'work', mfa_serial: serial, session },
    ]);
    const table = await machine.awsmfa('list');
    expect(table.stdout.replace(/1[12]h(\d+m)?/g, 'TIME')).toBe(
      `  PROFILE   ACCOUNT       ROLE       SOURCE  REGION     MFA DEVICE  SESSION
  work      123456789012  long-term  -       eu-west-1  alice       TIME
  work-mfa  123456789012  long-term  work    eu-west-1  alice       TIME
`,
    );
  });

  test('status', async () => {
    const run = await machine.awsmfa('status', { AWS_PROFILE: 'work' });
    expect(run).toEqual({
      status: 0,
      stdout: `This shell holds no session.
profile     -
access key  -
region      eu-west-1
expires     -
`,
      stderr: '',
    });
    const { stdout } = await machine.awsmfa('status --json', { AWS_PROFILE: 'work' });
    const nothing = { profile: null, access_key_id: null, expiration: null, expires_in: null };
    expect(JSON.parse(stdout)).toEqual({ ...nothing, region: 'eu-west-1', problems: [] });
  });

  test('doctor names the files as Windows does', async () => {
    const { stdout } = await machine.awsmfa('doctor', {
      AWS_PROFILE: 'work',
      HOME: '/c/Users/ada',
      MSYSTEM: 'MINGW64',
    });
    expect(stdout).toContain(`config       ${home()}\\.aws\\config\n`);
    expect(stdout).toContain(`cache        ${home()}\\.aws\\awsmfa, 1 session alive`);
    expect(stdout).toMatch(new RegExp(`node +Node ${version}\\.\\S+ on win32 x64 below Git Bash`));
    // Signs of two shells, and Wine has no tasklist.
    expect(stdout).toContain(
      `integration  ${onWine ? 'which shell runs awsmfa cannot be seen here' : 'not loaded in this cmd'}`,
    );
    expect(stdout.match(/[A-Z]:[^\n,]*/g)?.filter((path) => path.includes('/'))).toEqual([]);
  });

  test('serve, until it is ended', async () => {
    // Ended by TerminateProcess: a real Ctrl-C needs a console.
    const script = `const { spawn } = require('child_process');
const { existsSync, openSync } = require('fs');
const child = spawn(process.execPath, [process.argv[2], 'serve', 'work'], { stdio: ['ignore', openSync('served', 'w'), 'inherit'] });
const timer = setInterval(() => existsSync('stop') && child.kill() && clearInterval(timer), 50);`;
    const work = (name: string) => join(machine.root, 'work', name);
    writeFileSync(work('serve.js'), script);
    const program = machine.program;
    const run = machine.cmd([`node serve.js "${program}"`]);
    const value = (name: string) => new RegExp(`set "${name}=([^"]+)"`).exec(text())?.[1];
    const text = () => (existsSync(work('served')) ? readFileSync(work('served'), 'utf8') : '');
    await expect.poll(() => value('AWS_CONTAINER_AUTHORIZATION_TOKEN'), { timeout: 20_000 }).toBeDefined();
    expect(without(text().replaceAll('\r\n', '\n')).filter((line) => !/^set "[A-Z_]+="$/.test(line))).toEqual(
      [
        expect.stringMatching(/^set "AWS_CONTAINER_CREDENTIALS_FULL_URI=http:\/\/127\.0\.0\.1:\d+\/\S*"$/),
        expect.stringMatching(/^set "AWS_CONTAINER_AUTHORIZATION_TOKEN=\S+"$/),
        'set "AWS_REGION=eu-west-1"',
        'set "AWS_DEFAULT_REGION=eu-west-1"',
        'set "AWSMFA_PROFILE=work"',
        expect.stringMatching(/^set "AWSMFA_RESTORE=server=http~3A~2F~2F127\.0\.0\.1~3A\d+~2F"$/),
      ],
    );
    // From Linux, which sees the same loopback: fetch of Node does not connect under Wine.
    const answer = await fetch(value('AWS_CONTAINER_CREDENTIALS_FULL_URI') ?? '', {
      headers: { authorization: value('AWS_CONTAINER_AUTHORIZATION_TOKEN') ?? '' },
    });
    expect(await answer.json()).toMatchObject({ AccessKeyId: held().id, Expiration: held().end });
    writeFileSync(work('stop'), '');
    expect((await run).stderr).toMatch(/^work: served at http:\/\/127\.0\.0\.1:\d+/);
  });

  test('use and clear without the shell function change nothing, and say how', async () => {
    for (const command of ['use work', 'clear', '']) {
      const { status, stdout, stderr } = await machine.awsmfa(command);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^awsmfa: awsmfa (use|clear) changed nothing/);
      expect(stderr).toContain(`doskey awsmfa="${home().slice(0, 2)}`);
    }
  });

  test('logout', async () => {
    expect(await machine.awsmfa('logout work')).toMatchObject({ status: 0, stdout: '' });
    expect(await machine.awsmfa('process work --no-prompt')).toMatchObject({ status: 4, stdout: '' });
    expect(sts.count('GetSessionToken')).toBe(1);
  });
});

/** The lines, without secrets. */
function without(stdout: string): string[] {
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => line.replace(/^(set "AWS_SE\w+=).+"$/, '$1SECRET"'));
}
