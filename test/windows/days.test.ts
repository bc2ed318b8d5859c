import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { expect, test } from 'vitest';
import { onWine, windowsPath } from '../support/wine.ts';
import { windowsDesk } from './desk.ts';

const at = windowsDesk();

test('a batch job of the AWS CLI: one code, 36 hours', async () => {
  // Stands in for the AWS CLI: says which keys it has, and from where.
  const aws = `const { env, argv } = process;
const at = argv.indexOf('--profile');
const file = require('fs').readFileSync(env.USERPROFILE + '/.aws/credentials', 'utf8');
const section = at < 0 ? '' : file.split('[' + argv[at + 1] + ']')[1].split('[')[0];
const id = at < 0 ? env.AWS_ACCESS_KEY_ID : /aws_access_key_id = (\\S+)/.exec(section)[1];
console.log(JSON.stringify([id, ...argv.slice(2)]));`;
  writeFileSync(join(at.machine.root, 'npm/aws.js'), aws);
  writeFileSync(join(at.machine.root, 'npm/aws.cmd'), '@node "%~dp0aws.js" %*\r\n');
  const job = [
    'call awsmfa write work --to work_token --duration 36h',
    'if errorlevel 1 exit /b %errorlevel%',
    'call aws sts get-caller-identity --profile work_token',
    'call awsmfa exec work -- aws s3 cp "C:\\logs\\a & b.txt" s3://bucket/%1',
  ];
  writeFileSync(at.work('job.cmd'), ['@echo off', ...job, ''].join('\r\n'));
  const { stdout, stderr } = await at.machine.cmd(['call job nightly'], at.code());
  const [session] = at.sts.sessions();
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    [session?.accessKeyId, 'sts', 'get-caller-identity', '--profile', 'work_token'],
    [session?.accessKeyId, 's3', 'cp', 'C:\\logs\\a & b.txt', 's3://bucket/nightly'],
  ]);
  expect(stderr).toMatch(/^work: .*\[work_token\], 1d12h left/);
  expect(Math.round(((session?.expiresAt ?? 0) - at.sts.now()) / 3_600_000)).toBe(36);
  expect(at.sts.count('GetSessionToken')).toBe(1);
});

test('ten that need one session at once: one call', async () => {
  const env = at.code();
  const runs = await Promise.all(Array.from({ length: 10 }, () => at.machine.awsmfa('process work', env)));
  expect(runs.filter(({ status }) => status !== 0)).toEqual([]);
  const ids = runs.map(({ stdout }) => JSON.parse(stdout).AccessKeyId);
  expect(ids).toEqual(Array(10).fill(at.sts.sessions()[0]?.accessKeyId));
  expect(at.sts.count('GetSessionToken')).toBe(1);
}, 120_000);

test('names that mean something to Windows or to cmd', async () => {
  const names = ['a&calc', '%PATH%', 'x^', 'con', 'a:b'];
  at.profiles(...names);
  const env = at.code();
  // From a file: in a batch file cmd itself would expand `%PATH%`.
  writeFileSync(
    at.work('each.js'),
    `const { spawnSync } = require('child_process');
for (const name of ${JSON.stringify(names)}) for (const command of [['env', '--shell', 'cmd'], ['write', '--quiet']]) {
  const args = [process.argv[2], command[0], name, ...command.slice(1)];
  const { status, stdout } = spawnSync(process.execPath, args, { stdio: ['ignore', require('fs').openSync('out', 'w'), 2] });
  const line = /set "AWSMFA_PROFILE=.*/.exec(require('fs').readFileSync('out', 'utf8'));
  console.log(JSON.stringify([name, command[0], status, line ? line[0].trim() : '']));
}`,
  );
  const program = at.machine.program;
  const { stdout, stderr } = await at.machine.cmd([`node each.js "${program}"`], env);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(
    names.flatMap((name) => [
      name === '%PATH%' ? [name, 'env', 1, ''] : [name, 'env', 0, `set "AWSMFA_PROFILE=${name}"`],
      [name, 'write', 0, ''],
    ]),
  );
  expect(stderr).toContain('cmd cannot hold the value of AWSMFA_PROFILE: it has %');
  for (const name of names) expect(at.credentials()).toContain(`[${name}-mfa]\r\n`);
  expect(at.sts.count('GetSessionToken')).toBe(1);
}, 120_000);

/** A path that begins with two backslashes: of Wine for the files of Linux, of Windows for its own drive. */
const share = (path: string) =>
  onWine ? `\\\\?\\unix${path.replaceAll('/', '\\')}` : `\\\\localhost\\${path.replace(':', '$')}`;

test('a home on a network drive, HOME of Git Bash, PATH with quotes and empty parts', async () => {
  const npm = windowsPath(join(at.machine.root, 'npm'));
  // By its path: Wine's cmd itself finds nothing in a PATH with quotes.
  const awsmfa = `"${at.machine.node}" "${at.machine.program}"`;
  const env = {
    ...at.code(),
    USERPROFILE: share(at.machine.home),
    HOME: '/c/Users/ada',
    SHELL: '/usr/bin/bash',
    PATH: `;"${npm}";;"${win32.dirname(at.machine.node)}";C:\\windows\\system32;;`,
  };
  const line = `${awsmfa} exec work -- node -p process.env.AWSMFA_EXEC`;
  const { status, stdout, stderr } = await at.machine.cmd([line], env);
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: 'work\n' });
  expect(statSync(at.home('.aws/awsmfa')).isDirectory()).toBe(true);
  const { stdout: report } = await at.machine.cmd([`${awsmfa} doctor`], env);
  expect(report).toMatch(/ program .*\\npm\\awsmfa\.cmd/);
  expect(report).toContain(`ok       credentials  ${share(at.machine.home)}\\.aws\\credentials`);
});

test('HOME with forward slashes is not the home', async () => {
  mkdirSync(join(at.machine.root, 'other/.aws'), { recursive: true });
  const HOME = windowsPath(join(at.machine.root, 'other')).replaceAll('\\', '/');
  expect(await at.machine.awsmfa('list --json', { HOME })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"profile":"work"'),
  });
});

test('setup for the AWS CLI, which finds no .cmd by a bare name, and for PowerShell', async () => {
  const modules = `${windowsPath(at.machine.home)}\\Documents\\WindowsPowerShell\\Modules`;
  const { status, stdout, stderr } = await at.machine.awsmfa(
    'setup --profile work --yes --no-prompt --credential-process --shell powershell',
    { ...at.code(), PSModulePath: `${modules};C:\\Program Files\\WindowsPowerShell\\Modules` },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: expect.any(String) });
  expect(readFileSync(at.home('.aws/config'), 'utf8')).toContain(
    '[profile work-mfa]\r\ncredential_process = awsmfa.cmd process --profile work\r\n',
  );
  const profile = at.home('Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1');
  expect(readFileSync(profile, 'utf8')).toMatch(
    /^# >>> awsmfa >>>\n\$_awsmfa = '.*\\shell\\awsmfa\.ps1'; if \(Test-Path -LiteralPath \$_awsmfa\) \{ \. \$_awsmfa \}\n/,
  );
});
