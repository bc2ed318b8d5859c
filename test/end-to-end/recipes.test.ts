import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, type TestContext, test } from 'vitest';
import { type Client, clients, found, quietSdk, sdkModule } from '../support/clients.ts';
import { clockAhead } from '../support/clock.ts';
import { forgetCodes } from '../support/codes.ts';
import { ada, arnOf, desk, programFile, project } from '../support/desk.ts';
import { isMatrix, runs, some } from '../support/matrix.ts';
import { needs, type Shell, shells } from '../support/shells.ts';

const home = desk({ users: [ada], roles: [{ arn: 'arn:aws:iam::444455556666:role/admin' }] });
beforeEach(() => {
  home.config(profiles);
});

/** The pieces of code under a heading of the page, as they stand there. */
function recipe(heading: string, language: string): readonly string[] {
  const page = readFileSync(join(project, 'docs/recipes.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const pieces = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return pieces.flatMap(([, name, text = '']) => (name === language ? [text] : []));
}

const [profiles = '', wholePath = '', role = ''] = recipe('A profile for everything else', 'ini');

const bash = shells.find(({ name }) => name === 'bash') as Shell;
const code = () => home.sts.nextCode('ada');
const login = () => home.login('work');
const issued = () => home.sts.count('GetSessionToken');
const [cli, boto3, sdk] = clients as readonly [Client, Client, Client];
const me = `${arnOf(ada)}\n`;

/** A program on PATH. */
function program(name: string, script: string): void {
  const path = join(home.home, '../bin', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** `mfa_process` as on the page, with the code that the device shows now, and then the next. */
function codes(): void {
  const now = home.sts.now();
  const list = [now, now + 30_000].map((at) => `${home.sts.code('ada', at)}\n`).join('');
  const path = join(home.home, 'codes');
  writeFileSync(path, list);
  program('pass', `test "$*" = 'otp aws/work' || exit 9; head -1 '${path}'; sed -i 1d '${path}'`);
  const [line = ''] = recipe('cron', 'ini');
  home.config(profiles.replace('[profile work]\n', `[profile work]\n${line}`));
}

/** How a client gets its session. */
const ways = {
  'by a profile with credential_process': async (client: Client, context: TestContext) => {
    const line = client.line(found(client, context), home);
    await login();
    const result = await home.run(bash, line, { ...quietSdk, AWS_PROFILE: 'work-mfa' });
    expect(result).toMatchObject({ status: 0, stdout: me, stderr: '' });
    expect(home.sts.sessions()).toMatchObject([{ mfa: true }]);
  },

  'by exec': async (client: Client, context: TestContext) => {
    const line = client.line(found(client, context), home);
    await login();
    const env = { ...quietSdk, AWS_PROFILE: 'no-such-profile' };
    const result = await home.run(bash, `awsmfa exec work -- ${line}`, env);
    expect(result).toMatchObject({ status: 0, stdout: me, stderr: '' });
  },

  'not, without a way to a code: a failure at once, with the reason of awsmfa': async (
    client: Client,
    context: TestContext,
  ) => {
    const line = client.line(found(client, context), home);
    const { status, stdout, stderr } = await home.run(bash, line, { ...quietSdk, AWS_PROFILE: 'work-mfa' });
    // The chain of the SDK for JavaScript goes on to other providers, and forgets why.
    const why = client.name.includes('JavaScript') ? 'Could not load credentials' : 'An MFA code is needed';
    expect({ stdout, failed: status !== 0, why: stderr.includes(why) }).toEqual({
      stdout: '',
      failed: true,
      why: true,
    });
  },
};

const cases = clients.flatMap((client) =>
  Object.entries(ways).map(([way, body]) => [`${client.name}, ${way}`, client, body] as const),
);
test.for(some(cases, 4))('%s', ([, client, body], context) => body(client, context));

if (isMatrix)
  test('all clients at once, for some seconds, and a session does not live so long', async (context) => {
    // No device, so that there is a session for each six of its seconds, however long it takes.
    home.config(profiles.replace(/mfa_serial = .*/, 'mfa_serial ='));
    home.sts.sessionSeconds = 12;
    const lines = clients.map((client) => client.line(found(client, context), home, 8));
    const env = { ...quietSdk, AWS_PROFILE: 'work-mfa', AWSMFA_MIN_TTL: '6' };
    const begin = performance.now();
    const results = await Promise.all(lines.map((line) => home.run(bash, line, env)));
    expect(results.map(({ status, stdout }) => ({ status, else: stdout.replaceAll(me, '') }))).toEqual(
      lines.map(() => ({ status: 0, else: '' })),
    );
    // One for all of them, and one after the other.
    const asked = home.sts.requests.filter(({ action }) => action === 'GetCallerIdentity');
    const used = new Set(asked.map(({ accessKeyId }) => accessKeyId)).size;
    const most = Math.ceil((performance.now() - begin) / 6000) + 1;
    expect(used).toBeGreaterThan(1);
    expect([used <= issued(), issued() <= most]).toEqual([true, true]);
  });

test('exec after a session has ended: a new one', async () => {
  codes();
  const line = `awsmfa exec work -- sh -c 'echo $AWS_ACCESS_KEY_ID'`;
  const clock = clockAhead(home.home);
  home.sts.sessionSeconds = 600;
  const first = await home.run(bash, line, clock.env);
  home.sts.sessionSeconds = undefined;
  clock.set(600_000);
  const second = await home.run(bash, line, clock.env);
  expect([first, second].map(({ stdout }) => stdout)).toEqual(
    home.sts.sessions().map(({ accessKeyId }) => `${accessKeyId}\n`),
  );
  expect(issued()).toBe(2);
});

describe('the lines of the page', () => {
  test(
    'AWS CLI',
    needs('aws', async (context) => {
      const real = found(cli, context);
      program(
        'aws',
        `case "$*" in 's3 ls --profile work-mfa') shift 2; set -- sts get-caller-identity "$@" ;; 's3 ls') set -- sts get-caller-identity ;; esac; exec ${real} "$@" --endpoint-url '${home.sts.url}' --query Arn --output text`,
      );
      await login();
      const [text = ''] = recipe('AWS CLI', 'sh');
      expect(await home.run(bash, text)).toMatchObject({ status: 0, stdout: me + me, stderr: '' });
    }),
  );

  test(
    'boto3',
    needs('python3', async (context) => {
      await login();
      const [text = ''] = recipe('boto3', 'python');
      const script = join(home.home, 'recipe.py');
      const call = `print(session.client('sts', endpoint_url='${home.sts.url}').get_caller_identity()['Arn'])\n`;
      writeFileSync(script, text + call);
      expect(await home.run(bash, `${found(boto3, context)} ${script}`)).toMatchObject({
        status: 0,
        stdout: me,
      });
    }),
  );

  test('SDK for JavaScript', async () => {
    await login();
    const [text = ''] = recipe('SDK for JavaScript', 'js');
    const script = join(home.home, 'recipe.mjs');
    const here = text.replace('@aws-sdk/credential-provider-ini', sdkModule('credential-provider-ini'));
    writeFileSync(
      script,
      `${here}import { GetCallerIdentityCommand, STSClient } from '${sdkModule('client-sts')}';
const client = new STSClient({ region: 'eu-central-1', endpoint: '${home.sts.url}', credentials });
console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
`,
    );
    const result = await home.run(bash, `'${process.execPath}' ${script}`, quietSdk);
    expect(result).toMatchObject({ status: 0, stdout: me });
  });

  test('a role: by the program itself, and by awsmfa', async (context) => {
    await login();
    const assumed = async (config: string, profile: string) => {
      home.config(`${profiles}\n${config}`);
      const line = sdk.line(found(sdk, context), home);
      return (await home.run(bash, line, { ...quietSdk, AWS_PROFILE: profile })).stdout;
    };
    const arn = /^arn:aws:sts::444455556666:assumed-role\/admin\/[\w-]+\n$/;
    expect(await assumed(role, 'admin')).toMatch(arn);
    const ours = `${role.replace('work-mfa', 'work')}[profile ours]\nregion = eu-central-1\ncredential_process = awsmfa process --profile admin\n`;
    expect(await assumed(ours, 'ours')).toMatch(arn);
    expect(issued()).toBe(1);
  });

  // Its SDK hands the line to `sh -c`, without a terminal, and reads stdout as JSON.
  test('terraform: providers that start at once get one session', async () => {
    codes();
    const [text = ''] = recipe('terraform', 'hcl');
    const name = /profile = "(.*)"/.exec(text)?.[1];
    const line = new RegExp(`\\[profile ${name}\\][^[]*credential_process = (.*)`).exec(profiles)?.[1] ?? '';
    const all = await Promise.all(
      Array.from({ length: runs(4, 10) }, () => home.run(bash, `sh -c '${line}'`)),
    );
    const keys = new Set(all.map(({ stdout }) => JSON.parse(stdout).AccessKeyId));
    expect({ keys: keys.size, issued: issued(), status: new Set(all.map(({ status }) => status)) }).toEqual({
      keys: 1,
      issued: 1,
      status: new Set([0]),
    });
  });

  test(
    'VS Code and JetBrains: no terminal, a short PATH, whole paths, and a dialog',
    needs('python3', async (context) => {
      const [text = ''] = recipe('VS Code and JetBrains', 'json');
      const { AWS_PROFILE = '' } = JSON.parse(text)['terminal.integrated.env.linux'] as Record<
        string,
        string
      >;
      const whole = wholePath
        .replace('/path/to/node', process.execPath)
        .replace('/path/to/awsmfa', programFile);
      home.config(profiles.replace(/credential_process = .*\n/, whole));
      const dialogs = join(home.home, 'dialogs');
      mkdirSync(dialogs);
      const zenity = join(dialogs, 'zenity');
      writeFileSync(zenity, `#!/bin/sh\necho ${code()}\n`);
      chmodSync(zenity, 0o755);
      const env = { PATH: `${dialogs}:/usr/bin:/bin`, DISPLAY: ':99', AWS_PROFILE };
      const result = await home.run(bash, boto3.line(found(boto3, context), home), env);
      expect(result).toMatchObject({ status: 0, stdout: me, stderr: '' });
    }),
  );

  test(
    'direnv',
    needs('direnv', async () => {
      await login();
      const [text = ''] = recipe('direnv', 'sh');
      const inside = join(home.home, 'project');
      mkdirSync(inside);
      writeFileSync(join(inside, '.envrc'), text);
      const script = `direnv allow ${inside} && direnv exec ${inside} sh -c 'echo "$AWSMFA_PROFILE $AWS_ACCESS_KEY_ID"'`;
      const { status, stdout } = await home.run(bash, script, { DIRENV_LOG_FORMAT: '' });
      const [session] = home.sts.sessions();
      expect({ status, stdout }).toEqual({ status: 0, stdout: `work ${session?.accessKeyId}\n` });
      await home.awsmfa(['logout', '--all']);
      const failed = await home.run(bash, script, { DIRENV_LOG_FORMAT: '' });
      expect(failed.stdout).toBe(' \n');
      expect(failed.stderr).toContain('awsmfa: An MFA code is needed');
    }),
  );

  test('cron: with a session in the cache, without one, and with mfa_process', async () => {
    program('backup', 'echo "$* by $AWS_ACCESS_KEY_ID"');
    const [line = ''] = recipe('cron', 'sh');
    expect(await home.run(bash, line)).toEqual({
      status: 4,
      signal: null,
      stdout: '',
      stderr: expect.stringMatching(/^awsmfa: An MFA code is needed, and --no-prompt forbids asking\n.*\n$/),
    });
    await login();
    const by = () => `--to s3 by ${home.sts.sessions().at(-1)?.accessKeyId}\n`;
    expect(await home.run(bash, line)).toMatchObject({ status: 0, stdout: by(), stderr: '' });
    await home.awsmfa(['logout', '--all']);
    forgetCodes(home.sts, home.home);
    codes();
    expect(await home.run(bash, line)).toMatchObject({ status: 0, stdout: by() });
    expect(issued()).toBe(2);
  });

  test('a long job outlives the hang-up of its terminal', async () => {
    program('job', 'echo up; sleep 1; echo done >done');
    await login();
    const [line = ''] = recipe('Long jobs', 'sh');
    // As a shell does when its terminal goes away: to the whole job.
    const hangUp =
      'while ! test -s out; do sleep 0.1; done; kill -HUP -- -$!; while ! test -s done; do sleep 0.1; done';
    const script = `set -m\n${line.replace(' &', ' >out &')}${hangUp}; cat out done`;
    expect(await home.run(bash, script)).toMatchObject({ status: 0, stdout: 'up\ndone\n' });
  });
});
