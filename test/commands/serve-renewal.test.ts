import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ask } from '../../tools/local-sts/sample.ts';
import { until } from '../support/processes.ts';
import { aliceArn, roleArn, type Served, serveStage, stage } from '../support/stage.ts';

const at = stage();
const on = serveStage(at);

/** Sessions that live for seconds, and no five minutes to spare. */
const short = { AWSMFA_MIN_TTL: '1' };

test('a role, from the MFA session, while it is asked for and while it is not', async () => {
  const { ask, whose, said } = await shortRole(['admin']);
  const keys = new Set<string | undefined>();
  for (let n = 0; n < 8; n++) {
    const { status, body } = await ask();
    expect(status).toBe(200);
    keys.add(body.AccessKeyId);
    on.later(300);
  }
  expect(keys.size).toBeGreaterThan(1);
  expect(await whose()).toMatch(/assumed-role\/open/);
  expect({ codes: on.sts.count('GetSessionToken'), said: said.slice(1) }).toEqual({ codes: 1, said: [] });
});

test('a scope narrows each session that follows', async () => {
  const Statement = [{ Effect: 'Allow', Action: 'iam:ListMFADevices', Resource: '*' }];
  const scope = at.home.write('look.json', JSON.stringify({ Version: '2012-10-17', Statement }));
  const { ask: get } = await on.serve(['work', '--scope', scope, '--duration', '15m']);
  const first = (await get()).body;
  // More would be too much for a signature.
  on.later(12 * 60_000);
  await expect.poll(async () => (await get()).body.AccessKeyId).not.toBe(first.AccessKeyId);
  for (const body of [first, (await get()).body]) {
    const {
      AccessKeyId: accessKeyId = '',
      SecretAccessKey: secretAccessKey = '',
      Token: sessionToken,
    } = body;
    const held = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    const iam = (Action: string) =>
      ask(on.sts.url, { Action, Version: '2010-05-08', UserName: 'alice' }, held, { service: 'iam' });
    expect((await iam('ListMFADevices')).status).toBe(200);
    expect((await iam('ListAccessKeys')).code).toBe('AccessDenied');
  }
  expect(on.sts.count('GetSessionToken')).toBe(1);
});

test('the cache directory vanishes: what is valid is served, and a session that is got anew is found', async () => {
  const { ask, whose, said } = await shortRole(['admin']);
  rmSync(at.home.cache, { recursive: true });
  const { body } = await askUntilRefused({ ask, said });
  expect(body.code).toBe('code-needed');
  on.sts.sessionSeconds = undefined;
  await login();
  on.later(2000);
  expect(await whose()).toMatch(/assumed-role\/open/);
});

test('a code is needed: said once, and what is got elsewhere is found', async () => {
  on.sts.sessionSeconds = 3;
  const { ask, whose, said } = await on.serve(['work'], { env: short });
  const refused = await askUntilRefused({ ask, said });
  expect(refused).toEqual({
    status: 503,
    body: {
      code: 'code-needed',
      message:
        'The session of work has ended and an MFA code is needed. Run in a terminal: awsmfa login work',
    },
  });
  expect(await ask()).toEqual(refused);
  expect(said.slice(1)).toEqual([
    expect.stringMatching(/^work: an MFA code is needed, [01]s left; in any terminal: awsmfa login work$/),
  ]);
  on.sts.sessionSeconds = undefined;
  await login();
  on.later(2000);
  expect(await whose()).toBe(aliceArn);
  expect(said.slice(2)).toEqual(['work: renewed, 12h left']);
});

test('the command to give it is the one that gets this very session', async () => {
  on.sts.sessionSeconds = 10;
  const { said, ask } = await on.serve(
    ['--profile', 'work', '--duration', '1h', '--role-arn', roleArn, '--tag', 'a=b c'],
    {
      env: short,
    },
  );
  on.later(10_200);
  await ask();
  expect(said.at(-1)).toMatch(
    /in any terminal: awsmfa login work --duration=1h --role-arn=arn:aws:iam::123456789012:role\/team\/ops --tag='a=b c'$/,
  );
});

test('STS fails for a while: what is valid is served, then the failure is told', async () => {
  const { ask, said } = await shortRole(['admin']);
  on.sts.fault('internal', { action: 'AssumeRole', times: 1000 });
  const { status, body } = await askUntilRefused({ ask, said });
  expect({ status, message: body.message }).toEqual({
    status: 503,
    message: expect.stringMatching(/^The session of admin has ended and could not be renewed: /),
  });
  expect(said.slice(1).filter((line) => line.startsWith('admin: not renewed'))).toHaveLength(1);
  on.sts.clearFaults();
  on.later(2000);
  expect((await ask()).status).toBe(200);
  expect(said.at(-1)).toMatch(/^admin: renewed, /);
});

test('a file that is broken meanwhile', async () => {
  const { ask, said } = await shortRole(['admin']);
  writeFileSync(at.home.config, 'no section\n');
  on.later(1500);
  await ask();
  await until(() => said.length > 1);
  expect(said.slice(1)[0]).toMatch(/^admin: not renewed(, \ds left)?: .*config.*$/);
});

/** What is valid is given out, before the trouble is said and after it; then comes a refusal. */
async function askUntilRefused({ ask, said }: Pick<Served, 'ask' | 'said'>) {
  for (let served = 0; ; served++) {
    const answer = await ask();
    if (answer.status !== 200) {
      expect([served > 0, said.length > 1]).toEqual([true, true]);
      return answer;
    }
    on.later(200);
    await delay(50);
  }
}

/** A role of two seconds from an MFA session of twelve hours. */
async function shortRole(argv: readonly string[]): Promise<Served> {
  await login();
  on.sts.sessionSeconds = 2;
  return on.serve(argv, { env: short });
}

/** In another terminal, as it were. */
async function login(): Promise<void> {
  const env = { AWS_ENDPOINT_URL_STS: on.sts.url, AWSMFA_TOKEN_CODE: on.sts.nextCode('alice') };
  expect((await at.run(['login', 'work'], { env })).exit).toBe(0);
}

test('a program that gives codes renews without anybody', async () => {
  const now = Date.now();
  const codes = [now - 30_000, now, now + 30_000].map((time) => on.sts.code('alice', time));
  const list = at.home.write('codes', `${codes.join('\n')}\n`);
  const script = at.home.write('next', `head -1 '${list}'; sed -i 1d '${list}'\n`);
  const config = readFileSync(at.home.config, 'utf8');
  at.home.write(
    '.aws/config',
    config.replace('[profile work]\n', `[profile work]\nmfa_process = sh ${script}\n`),
  );
  on.sts.sessionSeconds = 2;
  const { ask, whose, said } = await on.serve(['work'], {
    env: { ...short, AWSMFA_TOKEN_CODE: undefined, PATH: process.env.PATH },
  });
  const first = (await ask()).body.AccessKeyId;
  on.later(2200);
  const second = await ask();
  expect(second.status).toBe(200);
  expect(second.body.AccessKeyId).not.toBe(first);
  expect(await whose()).toBe(aliceArn);
  expect(said.slice(1)).toEqual([]);
});
