import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cmd } from '../../src/export/dialects/cmd.ts';
import { alice, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { hostileText } from '../support/attacks.ts';
import { missing } from '../support/shells.ts';
import { missingForWindows, type WindowsMachine, windowsMachine, windowsPath } from '../support/wine.ts';

const absent = missingForWindows();
beforeEach((context) => {
  if (absent !== undefined) missing(absent, context);
});

let sts: LocalSts;
let machine: WindowsMachine;
beforeAll(async () => {
  if (absent !== undefined) return;
  sts = await startLocalSts({ users, roles: [] });
  machine = windowsMachine({ AWS_ENDPOINT_URL_STS: sts.url, AWS_ENDPOINT_URL_IAM: sts.url });
  const [key] = alice.accessKeys;
  const profile = `mfa_serial = arn:aws:iam::123456789012:mfa/alice\n`;
  write('.aws/config', `[profile work]\n${profile}region = eu-west-1\n[profile a&calc]\n${profile}`);
  const keys = `aws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
  write('.aws/credentials', `[work]\n${keys}[a&calc]\n${keys}`);
  writeFileSync(work('show.js'), show);
});
afterAll(async () => {
  machine?.remove();
  await sts?.close();
});

const write = (name: string, text: string) => writeFileSync(join(machine.home, name), text);
const work = (name: string) => join(machine.root, 'work', name);
/** Writes arguments and environment to a file: what cmd itself shows of them cannot be told apart. */
const show =
  'require("fs").writeFileSync(process.argv[2], JSON.stringify({ args: process.argv.slice(3), env: process.env }))';
const shown = (name: string): { args: string[]; env: Record<string, string> } =>
  JSON.parse(readFileSync(work(name), 'utf8'));

test.for([
  ['a batch file', 'call code.cmd'],
  ['for /f, as the documentation says', 'for /f "usebackq tokens=1*" %%a in ("code.cmd") do @set %%b'],
] as const)('1,000 hostile values by %s: exact or refused, and nothing is run', async ([, read]) => {
  const special = fc.constantFrom(...`&|<>^()@,;='\`$\\/+-*?:.#~[]{} aZ09`.split(''));
  const fit = fc.array(special, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
  const values = fc.sample(fc.oneof(hostileText, fit), { numRuns: 1000, seed: 7 });
  const lines: string[] = [];
  const expected: Record<string, string> = {};
  for (const [index, value] of values.entries()) {
    try {
      lines.push(cmd.render([{ set: `V${index}`, value }]));
      expected[`V${index}`] = value;
    } catch (error) {
      expect(String(error)).toContain(`cmd cannot hold the value of V${index}: `);
    }
  }
  expect(lines.length).toBeGreaterThan(400);
  lines.push(cmd.render([{ unset: ['BEFORE', 'NEVER'] }]));
  writeFileSync(work('code.cmd'), lines.join(''));
  const before = readdirSync(join(machine.root, 'work'));
  const run = await machine.cmd(['set BEFORE=x', read, 'node show.js values.json']);
  expect(run).toEqual({ status: 0, stdout: '', stderr: '' });
  const { env } = shown('values.json');
  const found = Object.entries(env).filter(([name]) => /^(V\d+|BEFORE|NEVER)$/.test(name));
  expect(Object.fromEntries(found)).toEqual(expected);
  expect(readdirSync(join(machine.root, 'work')).sort()).toEqual(
    [...new Set([...before, 'values.json'])].sort(),
  );
});

test('the function of cmd: use, a slip, a hostile profile, clear', async () => {
  const awsmfa = `"${windowsPath(join(machine.root, 'npm/node_modules/awsmfa/shell/awsmfa.cmd'))}"`;
  const run = await machine.cmd(
    [
      'set "AWS_PROFILE=prod"',
      'set "AWS_SECURITY_TOKEN=old"',
      'set "AWS_SESSION_TOKEN=old"',
      `call ${awsmfa} use work --quiet`,
      'node show.js used.json',
      `call ${awsmfa} use nobody --quiet`,
      `call ${awsmfa} use "a&calc" --quiet`,
      'node show.js hostile.json',
      `call ${awsmfa} exec work -- node show.js exec.json "two words" "a&b"`,
      'set "AWSMFA_EXPIRES_AT=1000"',
      'set "AWS_CREDENTIAL_EXPIRATION=2001-01-01T00:00:00Z"',
      `call ${awsmfa} use nobody --quiet`,
      'node show.js expired.json',
      `call ${awsmfa} clear --quiet`,
      'node show.js cleared.json',
    ],
    { AWSMFA_TOKEN_CODE: sts.nextCode('alice') },
  );
  expect(run.stdout).toBe('');
  expect(run.stderr.match(/^awsmfa: .*$/gm)).toHaveLength(2);
  expect(sts.count('GetSessionToken')).toBe(1);
  const id = sts.sessions()[0]?.accessKeyId;
  const used = shown('used.json').env;
  expect(used).toMatchObject({ AWS_ACCESS_KEY_ID: id, AWSMFA_PROFILE: 'work', AWS_REGION: 'eu-west-1' });
  for (const name of ['AWS_PROFILE', 'AWS_SECURITY_TOKEN']) expect(used).not.toHaveProperty(name);
  expect(
    Object.keys(used).filter((name) => name.startsWith('_AWSMFA') || name === 'AWSMFA_INTEGRATION'),
  ).toEqual([]);
  expect(shown('hostile.json').env).toMatchObject({ AWS_ACCESS_KEY_ID: id, AWSMFA_PROFILE: 'a&calc' });
  expect(shown('exec.json')).toMatchObject({
    args: ['two words', 'a&b'],
    env: { AWS_ACCESS_KEY_ID: id, AWSMFA_EXEC: 'work' },
  });
  expect(shown('expired.json').env).not.toHaveProperty('AWS_SESSION_TOKEN');
  const cleared = shown('cleared.json').env;
  expect(cleared).toMatchObject({ AWS_PROFILE: 'prod' });
  expect(Object.keys(cleared).filter((name) => /^AWSMFA_(?!TOKEN)/.test(name))).toEqual([]);
});

test('doctor knows the function of cmd', async () => {
  const awsmfa = `call "${windowsPath(join(machine.root, 'npm/node_modules/awsmfa/shell/awsmfa.cmd'))}"`;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { stdout } = await machine.cmd(['prompt $P$G', `${awsmfa} doctor`]);
  expect(stdout).toContain(`ok       integration  loaded in this cmd, version ${version}\n`);
  expect((await machine.cmd(['prompt $P$G', 'awsmfa doctor'])).stdout).toContain(
    'warn     integration  not loaded in this cmd: ',
  );
});

test('exec gives a batch file its arguments, and none of them runs', async () => {
  // `%` is missing: Wine's cmd expands it after `/c` even where that of Windows does not. See system/windows.test.ts.
  const hostile = [
    'a&calc',
    'x^',
    'a"b',
    'a" & echo x>x & "',
    '!PATH!',
    'a|b',
    '<x',
    '(y)',
    'é',
    '',
    'c:\\d\\',
    '--help',
  ];
  writeFileSync(work('tool.cmd'), '@node "%~dp0show.js" tool.json %*\r\n@exit /b 9\r\n');
  const script = `const { spawnSync } = require('child_process');
const awsmfa = ${JSON.stringify(machine.program)};
process.exitCode = spawnSync(process.execPath, [awsmfa, 'exec', 'work', '--', '.\\\\tool', ...${JSON.stringify(hostile)}], { stdio: 'inherit' }).status;`;
  writeFileSync(work('start.js'), script);
  const before = readdirSync(join(machine.root, 'work'));
  const { status, stdout, stderr } = await machine.cmd(['node start.js']);
  expect({ status, stdout, stderr }).toEqual({ status: 9, stdout: '', stderr: '' });
  expect(shown('tool.json').args).toEqual(hostile);
  expect(readdirSync(join(machine.root, 'work')).filter((name) => !before.includes(name))).toEqual([
    'tool.json',
  ]);
});

test('npm\u2019s shim for cmd hands on what is quoted, and runs nothing of it', async () => {
  const quoted = [
    'a&b',
    'x^y',
    '!PATH!',
    'a|b',
    '<x',
    '>y',
    '(z)',
    "it's",
    '',
    'c:\\d e',
    '--help',
    'two words',
  ];
  const before = readdirSync(join(machine.root, 'work'));
  // Not after `call`, which doubles each `^`. `%` is missing: Wine expands it once more for `%*`.
  const line = `awsmfa exec work -- node show.js shim.json ${quoted.map((word) => `"${word}"`).join(' ')} "say \\"hi\\""`;
  const run = await machine.cmd([line], { AWSMFA_TOKEN_CODE: sts.nextCode('alice') });
  expect(run).toMatchObject({ status: 0, stdout: '' });
  expect(shown('shim.json').args).toEqual([...quoted, 'say "hi"']);
  expect(readdirSync(join(machine.root, 'work')).filter((name) => !before.includes(name))).toEqual([
    'shim.json',
  ]);
});

test('env that fails sets nothing, and sets ERRORLEVEL', async () => {
  const line = `for /f "tokens=1*" %%a in ('awsmfa env nobody') do @set %%b`;
  const { stdout, stderr } = await machine.cmd([line, 'echo %errorlevel%', 'set AWS_A']);
  expect(stdout).toBe('1\n');
  expect(stderr).toMatch(/^awsmfa: .*nobody/);
});
