import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type Client, clients, found } from '../support/clients.ts';
import { clockAhead } from '../support/clock.ts';
import { ada, desk } from '../support/desk.ts';
import { start as begin, until } from '../support/processes.ts';
import { type Shell, shells } from '../support/shells.ts';

const role = 'arn:aws:iam::444455556666:role/admin';
const home = desk({ users: [ada], roles: [{ arn: role }] });
beforeEach(async () => {
  home.config(`[profile work]
region = eu-central-1
mfa_serial = arn:aws:iam::111122223333:mfa/ada
[profile admin]
region = eu-central-1
role_arn = ${role}
source_profile = work
`);
  await home.login('work');
});

const bash = shells.find(({ name }) => name === 'bash') as Shell;

test('a session that has ended: the AWS CLI shows what to do', async (context) => {
  const [cli] = clients as readonly [Client];
  const line = cli.line(found(cli, context), home);
  home.sts.forgetSpentCodes();
  const clock = clockAhead(home.home);
  const command = join(home.home, 'command');
  writeFileSync(command, `${clock.line(13 * 3_600_000)}\n${line}\n`);
  const { status, stderr } = await home.run(
    bash,
    `awsmfa exec --serve work --token-code ${home.sts.nextCode('ada')} -- sh '${command}'`,
    { ...clock.env, AWSMFA_CACHE_DIR: join(home.home, 'other') },
  );
  expect(status).not.toBe(0);
  expect(stderr).toContain(
    'The session of work has ended and an MFA code is needed. Run in a terminal: awsmfa login work',
  );
});

test('[default] of the config file cannot be hidden: refused before anything is asked', async () => {
  home.config('[default]\ncredential_process = echo\n[profile work]\nmfa_serial = x123456789\n');
  const { status, stderr } = await home.awsmfa(['exec', '--serve', 'work', '--', 'true']);
  expect({ status, stderr }).toEqual({
    status: 3,
    stderr: `awsmfa: [default] of ${home.home}/.aws/config has credentials, and programs take those before they ask a server
  Give that section another name, or leave --serve out.
`,
  });
});

test.each([
  ['--port=1234', '--port is for a server'],
  ['--bind=127.0.0.1', '--bind is for a server'],
])('%s without --serve', async (option, message) => {
  const { status, stderr } = await home.awsmfa(['exec', option, 'work', '--', 'true']);
  expect({ status, message: stderr.split('\n')[0] }).toEqual({ status: 2, message: `awsmfa: ${message}` });
});

test('--keep-profile has no place beside it', async () => {
  const { status } = await home.awsmfa(['exec', '--serve', '--keep-profile', 'work', '--', 'true']);
  expect(status).toBe(2);
});

test('the server ends with the command, whose status is that of exec', async () => {
  const { status, stdout, stderr } = await home.awsmfa([
    'exec',
    '--serve',
    'work',
    '--',
    'sh',
    '-c',
    'env | grep AWS | grep -v ENDPOINT; exit 7',
  ]);
  const variables = Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s)));
  const url = variables.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  expect({ status, stderr, names: Object.keys(variables).sort() }).toEqual({
    status: 7,
    stderr: '',
    names: [
      '',
      'AWSMFA_EXEC',
      'AWSMFA_PROFILE',
      'AWSMFA_RESTORE',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_DEFAULT_REGION',
      'AWS_REGION',
    ],
  });
  const refused = new Promise((resolve) => {
    connect(Number(new URL(url).port), '127.0.0.1').on('error', resolve);
  });
  expect(await refused).toMatchObject({ code: 'ECONNREFUSED' });
});

test('a signal ends the command, and the server with it', async () => {
  const started = begin(['exec', '--serve', 'work', '--', 'sh', '-c', 'echo up; exec sleep 30'], {
    home: { path: home.home },
    sts: home.sts,
  });
  await until(() => started.printed() === 'up\n');
  const own = readFileSync(`/proc/${started.child.pid}/cmdline`, 'utf8');
  expect(own).not.toContain('AUTHORIZATION');
  started.child.kill('SIGTERM');
  expect(await started.result).toMatchObject({ status: 143 });
});
