import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask } from '../../tools/local-sts/sample.ts';
import { ada, desk, type Held, serialOf } from '../support/desk.ts';
import { start } from '../support/processes.ts';
import { spawn, type Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';
import { variablesIn } from '../support/stage.ts';

const role = 'arn:aws:iam::111122223333:role/open';
const home = desk({ users: [ada], roles: [{ arn: role }] });
const path = (name: string) => join(home.home, name);

/** Looking at devices is allowed, and nothing else. */
const look = policy('iam:ListMFADevices');
function policy(Action: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });
}

beforeEach(async () => {
  writeFileSync(path('look.json'), look);
  await home.login('work');
});

/** What IAM says to a call with these credentials: `ok`, or its error code. */
async function iam(held: Held, Action: string): Promise<string> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = held;
  const keys = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
  const params = { Action, Version: '2010-05-08', UserName: 'ada' };
  return (await ask(home.sts.url, params, keys, { service: 'iam' })).code ?? 'ok';
}

async function isNarrow(held: Held): Promise<void> {
  expect([await iam(held, 'ListMFADevices'), await iam(held, 'ListAccessKeys')]).toEqual([
    'ok',
    'AccessDenied',
  ]);
}

/** What `credential_process` and the container protocol give. */
function heldIn(json: string): Held {
  const given = JSON.parse(json);
  return {
    AWS_ACCESS_KEY_ID: given.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: given.SecretAccessKey,
    AWS_SESSION_TOKEN: given.SessionToken ?? given.Token,
  };
}

describe('a scope narrows for real', () => {
  test('exec: the child holds less, and its AWSMFA_SCOPE says so', async () => {
    const scoped = ['exec', '--scope', './look.json', 'work', '--', 'sh', '-c', home.snap('scoped')];
    expect(await home.awsmfa(scoped)).toMatchObject({ status: 0 });
    const held = home.held('scoped');
    expect(held.AWSMFA_SCOPE).toBe(path('look.json'));
    await isNarrow(held);
    expect(held.AWS_ACCOUNT_ID).toBe(ada.accountId);
    expect(await home.awsmfa(['exec', 'work', '--', 'sh', '-c', home.snap('whole')])).toMatchObject({
      status: 0,
    });
    expect(home.held('whole').AWSMFA_SCOPE).toBeUndefined();
    expect(await iam(home.held('whole'), 'ListAccessKeys')).toBe('ok');
  });

  test('process and serve', async () => {
    const { stdout } = await home.awsmfa(['process', '--scope', 'look.json', 'work']);
    await isNarrow(heldIn(stdout));
    const server = start(['serve', '--scope', 'look.json', 'work'], {
      home: { path: home.home },
      sts: home.sts,
    });
    try {
      await expect.poll(server.printed, { timeout: 50_000 }).toContain('TOKEN');
      const { url, token: authorization } = variablesIn(server.printed());
      const given = async () => heldIn(await (await fetch(url, { headers: { authorization } })).text());
      await isNarrow(await given());
    } finally {
      server.child.kill();
    }
    await server.result;
  });

  test('exec --serve: what the child is given by its server', async () => {
    const file = path('fetch.mjs');
    writeFileSync(
      file,
      `const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } = process.env;
console.log(await (await fetch(url, { headers: { authorization } })).text(), process.env.AWSMFA_SCOPE);`,
    );
    const words = ['exec', '--serve', '--scope', 'look.json', 'work', '--', process.execPath, file];
    const { status, stdout, stderr } = await home.awsmfa(words);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [, json = '', scope] = /^(\{.*\}) (\S+)\n$/s.exec(stdout) ?? [];
    await isNarrow(heldIn(json));
    expect(scope).toBe(path('look.json'));
  });

  test.for(integrated)('$name: env, the prompt, status, and clear', async (shell, context) => {
    await needs(shell, () => {})(context);
    const get =
      shell.name === 'fish'
        ? 'awsmfa env --scope ./look.json work | source'
        : 'eval "$(awsmfa env --scope ./look.json work)"';
    const script = `${get}; ${home.snap('held')}; awsmfa_prompt; awsmfa status; awsmfa clear; ${home.snap('after')}`;
    const { stdout } = await home.run(shell, script);
    await isNarrow(home.held('held'));
    expect(stdout).toMatch(/work .*look\.json.* (11|12)h/);
    expect(stdout).toMatch(/scope +.*look\.json/);
    expect(home.held('after').AWSMFA_SCOPE).toBeUndefined();
  });

  test('a role, and read-only', async () => {
    const words = ['process', 'work', '--role-arn', role, '--scope', 'read-only'];
    const held = heldIn((await home.awsmfa(words)).stdout);
    expect([await iam(held, 'ListAccessKeys'), await iam(held, 'CreateAccessKey')]).toEqual([
      'ok',
      'AccessDenied',
    ]);
  });
});

describe('a scope is not widened', () => {
  const inner = (...words: string[]) =>
    home.awsmfa(['exec', '--scope', './look.json', 'work', '--', 'awsmfa', ...words]);

  /** Each in turn inside of one `exec`. */
  test('by no command inside of it', async () => {
    const lines = [
      'env work',
      'process work',
      'exec work -- touch marker',
      'write work',
      'serve work',
      'console work --print',
      'env --scope read-only work',
      'keys rotate bare',
      'keys remove work --to-file',
    ];
    const calls = home.sts.requests.length;
    const each = lines.map((line) => `awsmfa ${line} >/dev/null; echo "$?: ${line}" >&2`).join('\n');
    const { stderr } = await home.awsmfa(['exec', '--scope', './look.json', 'work', '--', 'sh', '-c', each]);
    expect(stderr.match(/^\d+: .*/gm)).toEqual(lines.map((line) => `5: ${line}`));
    expect(stderr.split(`narrowed to ${path('look.json')}`)).toHaveLength(lines.length + 1);
    expect(existsSync(path('marker'))).toBe(false);
    // The scope itself.
    expect(home.sts.requests).toHaveLength(calls + 1);
  });

  test('the same scope is given again', async () => {
    await isNarrow(heldIn((await inner('process', '--scope', './look.json', 'work')).stdout));
  });

  test.for(integrated)('$name: a kept answer does not widen it either', async (shell, context) => {
    await needs(shell, () => {})(context);
    // What the shell keeps for itself is asked for twice before.
    const before = 'awsmfa exec work -- true; awsmfa exec work -- true; awsmfa env work >/dev/null';
    const scoped = `awsmfa exec --scope look.json work -- sh -c ${shell.quote(home.snap('scoped'))}`;
    const script = `${before}; ${scoped}; ${shell.assign('AWSMFA_SCOPE', 'read-only')}
awsmfa exec work -- touch wider; awsmfa env work`;
    const { stdout, stderr } = await home.run(shell, script);
    expect(stderr.match(/narrowed to read-only/g)).toHaveLength(2);
    expect(stdout).not.toContain('AWS_SESSION_TOKEN');
    expect(existsSync(path('wider'))).toBe(false);
    await isNarrow(home.held('scoped'));
  });

  test('--scope none: without a terminal nobody can say yes', async () => {
    const { status, stderr } = await inner('env', '--scope', 'none', 'work');
    expect({ status, stderr }).toMatchObject({ status: 4 });
    expect(stderr).toContain('needs a yes of yours');
  });

  let terminal: Terminal | undefined;
  afterEach(() => terminal?.close());

  test.for([
    ['y\r', 0],
    ['\r', 5],
    ['n\r', 5],
  ] as const)('--scope none on a terminal, answered with %j', async ([answer, status]) => {
    const words =
      "awsmfa exec --scope ./look.json work -- sh -c 'awsmfa env --scope none work >out; echo status $?; read -r _'";
    terminal = spawn('/bin/sh', ['-c', words], { env: { ...home.env, SHELL: '/bin/sh' }, cwd: home.home });
    await terminal.waitFor(/narrows the credentials here\. Get a whole session of work\?/);
    terminal.type(answer);
    await terminal.waitFor(`status ${status}`);
    const out = readFileSync(path('out'), 'utf8');
    expect(out.includes('AWS_SESSION_TOKEN')).toBe(status === 0);
    expect(out.includes('unset AWSMFA_SCOPE')).toBe(status === 0);
  });
});

describe('where there is no narrower session, nothing runs', () => {
  const run = (...options: string[]) => home.awsmfa(['exec', ...options, 'work', '--', 'touch', 'marker']);
  afterEach(() => expect(existsSync(path('marker'))).toBe(false));

  test.each([
    ['not JSON', 'Allow: everything', 'is not JSON'],
    ['no policy', '{"Version":"2012-10-17"}', 'has no Statement'],
    ['too long', policy(`iam:${'x'.repeat(2048)}`), 'AWS takes at most 2048'],
  ])('a policy that is %s', async (_name, text, message) => {
    writeFileSync(path('bad.json'), text);
    const before = home.sts.requests.length;
    const { status, stderr } = await run('--scope', './bad.json');
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain(message);
    expect(home.sts.requests).toHaveLength(before);
  });

  test('a policy that is JSON, and that STS does not take', async () => {
    writeFileSync(path('bad.json'), '{"Statement":[{"Effect":"Perhaps"}]}');
    const { status, stderr } = await run('--scope', './bad.json');
    expect({ status, stderr }).toMatchObject({ status: 5 });
    expect(stderr).toContain('aws accessanalyzer validate-policy');
  });

  test('a time that is longer than what is left', async () => {
    home.sts.forgetSpentCodes();
    const code = home.sts.nextCode(serialOf(ada));
    const env = { AWSMFA_CACHE_DIR: path('another') };
    await home.awsmfa(['login', 'work', '--duration', '30m', '--token-code', code], env);
    const words = ['exec', '--scope', 'look.json', '--duration', '1h', 'work', '--', 'touch', 'marker'];
    const { status, stderr } = await home.awsmfa(words, env);
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain('left, and a scope cannot outlive it; 1h was asked for');
    expect(stderr).toContain('--refresh');
  });

  test('a custom endpoint that does not know the call', async () => {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation GetScopedCredentials for version 2011-06-15</Message></Error></ErrorResponse>`;
    home.sts.fault({ answer: { status: 400, body } }, { action: 'GetScopedCredentials', times: 3 });
    const { status, stderr } = await run('--scope', './look.json');
    expect({ status, stderr }).toMatchObject({ status: 5 });
    expect(stderr).toContain('does not know GetScopedCredentials');
    expect(stderr).toContain('AWS_ENDPOINT_URL_STS');
  });

  test('--scope and --policy-arn without a role', async () => {
    const { status } = await run('--policy-arn', 'arn:aws:iam::aws:policy/ReadOnlyAccess');
    expect(status).toBe(2);
  });
});
