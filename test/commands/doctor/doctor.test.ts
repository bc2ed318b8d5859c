import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeHome } from '../../support/home.ts';
import { stage } from '../../support/stage.ts';
import { healthy, report } from './patient.ts';

const at = stage();

test('all is well', async () => {
  const result = await at.run(['doctor'], healthy(at));
  expect(report(result, at)).toMatchInlineSnapshot(`
    [
      "ok       integration  loaded in this bash, version 1.2.3",
      "ok       program      1.2.3, HOME/bin/awsmfa",
      "ok       node         Node N on MACHINE",
      "ok       environment  no conflict among the variables",
      "ok       config       HOME/.aws/config",
      "ok       credentials  HOME/.aws/credentials",
      "ok       profiles     2 of 2 profiles lead to credentials",
      "ok       profile      "work" (from AWS_PROFILE): long-term keys",
      "ok       sts          STS (http://STS) answers in N ms, directly",
      "ok       keys         AKIA…MPLE of "work" is arn:aws:iam::123456789012:user/alice",
      "ok       clock        the same as that of STS",
      "ok       device       arn:aws:iam::123456789012:mfa/alice, as IAM has it",
      "ok       code         asked for on the terminal",
      "ok       cache        HOME/.aws/awsmfa will be made with the first session",
      "",
      "All is well.",
    ]
  `);
  expect(result).toMatchObject({ exit: 0, stderr: [] });
});

test('a newcomer who has nothing: no profile is no illness', async () => {
  const home = makeHome();
  const env = { AWS_ENDPOINT_URL_STS: at.sts.url, PATH: '/nowhere' };
  const result = await at.run(['doctor'], { home, env });
  expect(report(result, { ...at, home, sts: at.sts })).toMatchInlineSnapshot(`
    [
      "warn     integration  not loaded in this bash: awsmfa use and awsmfa clear cannot change it",
      "                      Run awsmfa setup, or add to ~/.bashrc: [ ! -f '/opt/awsmfa/shell/awsmfa.bash' ] || source '/opt/awsmfa/shell/awsmfa.bash'",
      "warn     program      1.2.3, not on PATH: shells do not find it",
      "                      Install it as its README.md says, or add its directory to PATH.",
      "ok       node         Node N on MACHINE",
      "warn     environment  No region is set: most commands will ask for one",
      "                      Export AWS_REGION, or add region to the profile: aws configure set region NAME --profile PROFILE",
      "ok       config       HOME/.aws/config does not exist",
      "ok       credentials  HOME/.aws/credentials does not exist",
      "warn     profiles     there is no profile in either file",
      "                      Begin with: awsmfa setup",
      "unknown  profile      none is named, and there is no [default]",
      "                      Name one: AWS_PROFILE=NAME awsmfa doctor",
      "ok       sts          STS (http://STS) answers in N ms, directly",
      "unknown  keys         no keys to ask about without a profile",
      "ok       clock        the same as that of STS",
      "unknown  device       no device to look at without a profile",
      "warn     code         An MFA code is needed, and there is no terminal to ask on",
      "                      Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.",
      "ok       cache        HOME/.aws/awsmfa will be made with the first session",
      "",
      "5 warnings, 3 unknown.",
    ]
  `);
  expect(result).toMatchObject({ exit: 0, stderr: [] });
  expect(readdirSync(home.path)).toEqual([]);
});

test('much is wrong at once, and each line says the mend', async () => {
  at.home.write('.aws/config', '[profile work]\nmfa_serial = arn:aws:iam::123456789012:user/alice\nregion\n');
  at.home.write('.aws/credentials', '[work]\naws_access_key_id = AKIA\n[work]\n');
  const result = await at.run(['doctor'], {
    ...healthy(at),
    env: {
      ...healthy(at).env,
      AWSMFA_INTEGRATION: '',
      AWS_SECURITY_TOKEN: 'x',
      AWSMFA_MFA_PROCESS: 'ykmann oath',
    },
  });
  expect(report(result, at)).toMatchInlineSnapshot(`
    [
      "warn     integration  not loaded in this bash: awsmfa use and awsmfa clear cannot change it",
      "                      Run awsmfa setup, or add to ~/.bashrc: [ ! -f '/opt/awsmfa/shell/awsmfa.bash' ] || source '/opt/awsmfa/shell/awsmfa.bash'",
      "ok       program      1.2.3, HOME/bin/awsmfa",
      "ok       node         Node N on MACHINE",
      "warn     environment  The token is in AWS_SECURITY_TOKEN alone, which most SDKs do not read",
      "                      Unset AWS_SECURITY_TOKEN, and run: awsmfa use",
      "broken   config       HOME/.aws/config:3: the line has no = and continues nothing",
      "                      Write KEY = VALUE, or indent the line to continue the value above it.",
      "broken   credentials  HOME/.aws/credentials:3: [work] appears twice, and the AWS CLI and boto3 refuse the whole file",
      "                      Keep one of them; awsmfa and the SDK for JavaScript read the last.",
      "warn     credentials  HOME/.aws/credentials:2: aws_access_key_id is no access key: one has 16 letters and digits or more",
      "                      Copy it again.",
      "warn     profiles     0 of 1 profile leads to credentials",
      "                      What is wrong with the others stands in the lines of the files and of the profile.",
      "broken   profile      HOME/.aws/config:3: the line has no = and continues nothing",
      "                      Write KEY = VALUE, or indent the line to continue the value above it.",
      "ok       sts          STS (http://STS) answers in N ms, directly",
      "unknown  keys         no keys to ask about without a profile",
      "ok       clock        the same as that of STS",
      "unknown  device       no device to look at without a profile",
      "broken   code         AWSMFA_MFA_PROCESS: there is no program ykmann",
      "                      Install it, or write its whole path.",
      "ok       cache        HOME/.aws/awsmfa will be made with the first session",
      "",
      "4 broken, 4 warnings, 2 unknown.",
    ]
  `);
  expect(result).toMatchObject({ exit: 1, stderr: [] });
});

test('--json', async () => {
  at.home.write('.aws/credentials', '[work]\n[work]\n');
  const { exit, stdout } = await at.run(['doctor', '--json'], healthy(at));
  const { ok, checks } = JSON.parse(stdout);
  expect([exit, ok]).toEqual([1, false]);
  expect(checks.map(({ check }: { check: string }) => check)).toEqual([
    'integration',
    'program',
    'node',
    'environment',
    'config',
    'credentials',
    'profiles',
    'profile',
    'sts',
    'keys',
    'clock',
    'device',
    'code',
    'cache',
  ]);
  expect(checks[5]).toEqual({
    check: 'credentials',
    state: 'broken',
    message: `${at.home.credentials}:2: [work] appears twice, and the AWS CLI and boto3 refuse the whole file`,
    hint: 'Keep one of them; awsmfa and the SDK for JavaScript read the last.',
  });
  expect(checks[1]).toEqual({
    check: 'program',
    state: 'ok',
    message: `1.2.3, ${at.home.path}/bin/awsmfa`,
    hint: null,
  });
});

test('--json when all is well', async () => {
  const { exit, stdout } = await at.run(['doctor', '--json'], healthy(at));
  expect([exit, JSON.parse(stdout).ok]).toEqual([0, true]);
});

test('colours on a terminal, and not with NO_COLOR', async () => {
  const setting = { ...healthy(at), stdoutIsTerminal: true };
  at.home.write('.aws/credentials', '');
  const coloured = await at.run(['doctor'], setting);
  expect(coloured.stdout).toContain('\u001b[32mok     \u001b[39m  integration  loaded');
  expect(coloured.stdout).toContain('\u001b[31mbroken \u001b[39m  profile ');
  const plain = await at.run(['doctor'], { ...setting, env: { ...setting.env, NO_COLOR: '1' } });
  expect(plain.stdout).not.toContain('\u001b');
});

test('on a narrow terminal what to do begins further to the left', async () => {
  const setting = { ...healthy(at), stdoutIsTerminal: true };
  const hint = async (COLUMNS: string) => {
    const env = { ...setting.env, COLUMNS, AWSMFA_INTEGRATION: '' };
    return (await at.run(['doctor'], { ...setting, env })).stdout.match(/^ +(?=Run awsmfa setup)/m)?.[0]
      .length;
  };
  expect([await hint('79'), await hint('80')]).toEqual([9, 22]);
});

test('nothing is changed: no file is made, written or given another mode', async () => {
  const setting = healthy(at);
  const before = readdirSync(at.home.path, { recursive: true });
  await at.run(['doctor'], setting);
  expect(readdirSync(at.home.path, { recursive: true })).toEqual(before);
});

test('it takes no profile, and says so', async () => {
  expect(await at.run(['doctor', 'work'], healthy(at))).toEqual({
    exit: 2,
    stdout: '',
    stderr: ['awsmfa: Too many arguments: work', expect.any(String)],
  });
});
