import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { alice } from '../../../tools/local-sts/sample.ts';
import { keysSection } from '../../support/home.ts';
import { stage } from '../../support/stage.ts';
import { healthy, linesOf, report } from './patient.ts';

const at = stage();

/** What is said about one file, or whatever else a check is about. */
async function said(check: string, env: Record<string, string> = {}): Promise<string[]> {
  const setting = healthy(at);
  return look(check, { ...setting, env: { ...setting.env, ...env } });
}

async function look(check: string, setting: ReturnType<typeof healthy>): Promise<string[]> {
  return linesOf(check, report(await at.run(['doctor'], setting), at));
}

test('a credentials file that others can read', async () => {
  const setting = healthy(at);
  chmodSync(at.home.credentials, 0o644);
  expect(await look('credentials', setting)).toEqual([
    'warn     credentials  HOME/.aws/credentials has mode 644: other users may read it',
    '                      chmod 600 HOME/.aws/credentials',
  ]);
  chmodSync(at.home.credentials, 0o600);
  expect(await look('credentials', setting)).toEqual(['ok       credentials  HOME/.aws/credentials']);
});

test('a config file without keys may be read, and not be written; with keys it is as secret', async () => {
  const setting = healthy(at);
  chmodSync(at.home.config, 0o644);
  expect(await look('config', setting)).toEqual(['ok       config       HOME/.aws/config']);
  chmodSync(at.home.config, 0o664);
  expect(await look('config', setting)).toEqual([
    'warn     config       HOME/.aws/config has mode 664: other users may change it',
    '                      chmod go-w HOME/.aws/config',
  ]);
  at.home.write('.aws/config', keysSection('profile work', alice));
  chmodSync(at.home.config, 0o640);
  expect(await look('config', setting)).toEqual([
    'warn     config       HOME/.aws/config has mode 640: other users may read it',
    '                      chmod 600 HOME/.aws/config',
  ]);
});

test('a directory that others can write', async () => {
  const setting = healthy(at);
  chmodSync(dirname(at.home.config), 0o777);
  expect(await look('config', setting)).toEqual([
    'warn     config       HOME/.aws has mode 777: other users may replace the files in it',
    '                      chmod go-w HOME/.aws',
  ]);
});

test('a link is shown with what it leads to, whose mode counts', async () => {
  const setting = healthy(at);
  mkdirSync(join(at.home.path, "my 'dot' files"));
  const target = join(at.home.path, "my 'dot' files/credentials");
  renameSync(at.home.credentials, target);
  symlinkSync(target, at.home.credentials);
  expect(await look('credentials', setting)).toEqual([
    "ok       credentials  HOME/.aws/credentials → HOME/my 'dot' files/credentials",
  ]);
  chmodSync(target, 0o604);
  expect(await look('credentials', setting)).toEqual([
    "warn     credentials  HOME/.aws/credentials → HOME/my 'dot' files/credentials has mode 604: other users may read it",
    "                      chmod 600 'HOME/my '\\''dot'\\'' files/credentials'",
  ]);
});

test('a link to nothing', async () => {
  const setting = healthy(at);
  rmSync(at.home.config);
  symlinkSync('../dotfiles/config', at.home.config);
  expect(await look('config', setting)).toEqual([
    'warn     config       HOME/.aws/config is a link to ../dotfiles/config, which does not exist',
    '                      Fix the link, or remove it.',
  ]);
});

test('a file that a variable names', async () => {
  const other = at.home.write('other', '[profile work]\n');
  expect(await said('config', { AWS_CONFIG_FILE: other })).toEqual([
    'ok       config       HOME/other (AWS_CONFIG_FILE)',
  ]);
  expect(await said('config', { AWS_CONFIG_FILE: `${other}2` })).toEqual([
    'warn     config       HOME/other2 (AWS_CONFIG_FILE) does not exist',
    '                      Correct or unset AWS_CONFIG_FILE.',
  ]);
  expect(await said('config', { AWS_CONFIG_FILE: `${other}/config` })).toEqual([
    'warn     config       HOME/other/config (AWS_CONFIG_FILE) does not exist',
    '                      Correct or unset AWS_CONFIG_FILE.',
  ]);
  expect(await said('config', { AWS_CONFIG_FILE: '/dev/null' })).toEqual([
    'ok       config       /dev/null (AWS_CONFIG_FILE) does not exist',
  ]);
});

test('a file that cannot be read is said once, and what follows from it is unknown', async () => {
  at.home.write('bin/x', '');
  expect(await said('config', { AWS_CONFIG_FILE: join(at.home.path, 'bin') })).toEqual([
    'broken   config       Cannot read HOME/bin: it is a directory',
    '                      Check the file, or name another one in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE',
  ]);
  expect(await said('profiles', { AWS_CONFIG_FILE: join(at.home.path, 'bin') })).toEqual([
    'unknown  profiles     not looked at: the files cannot be read',
  ]);
});

test('every line that no reader takes, in any section', async () => {
  at.home.write(
    '.aws/config',
    '[profile work]\nregion = eu-west-1\nnonsense\n[profile other]\n= x\n[open\nregion = x\n',
  );
  expect(await said('config')).toEqual([
    'broken   config       HOME/.aws/config:3: the line has no = and continues nothing',
    '                      Write KEY = VALUE, or indent the line to continue the value above it.',
    'broken   config       HOME/.aws/config:5: there is no key in front of the = or :',
    '                      Write KEY = VALUE, or make the line a comment with # in front.',
    'broken   config       HOME/.aws/config:6: the header has no closing ]',
    '                      A header is [profile NAME] in the config file, [NAME] in the credentials file.',
  ]);
});

test('what botocore refuses the whole file for', async () => {
  at.home.write(
    '.aws/credentials',
    `\ufeff[work]\nregion = a\nREGION = b\n[other]\n[DEFAULT]\n[work]\n[DEFAULT]\n${keysSection('work', alice)}`,
  );
  const refuse = 'appears twice, and the AWS CLI and boto3 refuse the whole file';
  const keep = '                      Keep one of them; awsmfa and the SDK for JavaScript read the last.';
  expect(await said('credentials')).toEqual([
    'broken   credentials  HOME/.aws/credentials:1: the file begins with a byte order mark, and the AWS CLI refuses it',
    '                      Save it as UTF-8 without BOM.',
    `broken   credentials  HOME/.aws/credentials:3: region in [work] ${refuse}`,
    keep,
    `broken   credentials  HOME/.aws/credentials:6: [work] ${refuse}`,
    keep,
    `broken   credentials  HOME/.aws/credentials:8: [work] ${refuse}`,
    keep,
  ]);
});

test('headers of the other file', async () => {
  at.home.write(
    '.aws/config',
    '[work]\n[default]\n[plugins]\n[services x]\n[sso-session y]\n[profile two words]\n',
  );
  expect(await said('config')).toEqual([
    'warn     config       HOME/.aws/config:1: [work] is no profile for the AWS CLI, nor for awsmfa',
    '                      Write [profile work], or remove it.',
    'warn     config       HOME/.aws/config:6: [profile two words] is no profile for the AWS CLI, nor for awsmfa',
    '                      Write [profile "two words"], or remove it.',
  ]);
  at.home.write('.aws/credentials', '[profile work]\n[default]\n');
  expect(await said('credentials')).toEqual([
    'warn     credentials  HOME/.aws/credentials:1: [profile work] is a profile of that whole name here, where no header has the word profile',
    '                      Write [work].',
  ]);
});

test('values in quotes, and what cannot be an access key: the values themselves are not shown', async () => {
  at.home.write(
    '.aws/credentials',
    `[work]
aws_access_key_id = "AKIAIOSFODNN7EXAMPLE"
aws_secret_access_key = 'quoted-secret'
credential_process = "/opt/my tools/x" "y"
[populated]
aws_access_key_id = <POPULATED_BY_AWS-MFA>
aws_secret_access_key = whatever-it-is
[comment]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE # mine
[empty]
aws_access_key_id =
`,
  );
  expect(await said('credentials')).toEqual([
    'warn     credentials  HOME/.aws/credentials:2: aws_access_key_id has quotes, which are a part of the value',
    '                      Remove them.',
    'warn     credentials  HOME/.aws/credentials:3: aws_secret_access_key has quotes, which are a part of the value',
    '                      Remove them.',
    'warn     credentials  HOME/.aws/credentials:6: aws_access_key_id is no access key: one has 16 letters and digits or more',
    '                      Copy it again.',
    'warn     credentials  HOME/.aws/credentials:9: aws_access_key_id has a comment behind it, which the AWS CLI and boto3 take for a part of the value',
    '                      Put the comment on a line of its own.',
  ]);
});

test('a file of another kind does not fill the screen, and nothing in it is shown as it is', async () => {
  at.home.write('.aws/config', `[profile work]\n${'secret\u001b[31m\n'.repeat(100)}[a\u001b]0;x\u0007]\n`);
  const lines = await said('config');
  expect(lines).toHaveLength(12);
  expect(lines[8]).toBe(
    'broken   config       HOME/.aws/config:6: the line has no = and continues nothing; and 95 more like that',
  );
  expect(lines.join('\n')).not.toMatch(/secret|\u001b|\u0007/);
  expect(lines[10]).toContain(':102: [a?]0;x?] is no profile');
});
