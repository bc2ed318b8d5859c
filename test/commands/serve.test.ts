import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { alice } from '../../tools/local-sts/sample.ts';
import { keysSection, secretsIn } from '../support/home.ts';
import { missing } from '../support/shells.ts';
import { aliceArn, roleArn, serveStage, stage, variablesIn } from '../support/stage.ts';
import type { Setting } from '../support/world.ts';

const at = stage();
const on = serveStage(at);

/** What differs from run to run, taken out. */
function constant(text: string): string {
  return text
    .replace(/127\.0\.0\.1(:|~3A)\d+/g, '127.0.0.1$1PORT')
    .replace(/[\w-]{43}/g, 'TOKEN')
    .replace(/kill \d+/, 'kill PID');
}

describe('stdout', () => {
  test('leads a shell here: what programs would find first goes', async () => {
    const { stdout, said } = await on.serve(['work'], { env: { AWS_PROFILE: 'play', AWS_VAULT: 'old' } });
    expect(
      constant(stdout),
    ).toBe(`\\builtin unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID;
\\builtin unset AWS_PROFILE AWS_DEFAULT_PROFILE;
\\builtin unset AWS_VAULT AWSUME_PROFILE AWSUME_EXPIRATION AWS_SESSION_EXPIRATION AWS_ACCESS_KEY AWS_SECRET_KEY AMAZON_ACCESS_KEY_ID AMAZON_SECRET_ACCESS_KEY AMAZON_SESSION_TOKEN AWS_CREDENTIAL_FILE;
\\builtin unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_WEB_IDENTITY_TOKEN_FILE;
\\builtin export AWS_CONTAINER_CREDENTIALS_FULL_URI='http://127.0.0.1:PORT/';
\\builtin export AWS_CONTAINER_AUTHORIZATION_TOKEN='TOKEN';
\\builtin export AWS_REGION='eu-west-1';
\\builtin export AWS_DEFAULT_REGION='eu-west-1';
\\builtin export AWSMFA_PROFILE='work';
\\builtin unset AWSMFA_EXPIRES_AT;
\\builtin export AWSMFA_RESTORE='AWS_PROFILE=play&server=http~3A~2F~2F127.0.0.1~3APORT~2F';
`);
    expect(said.map(constant)).toEqual([
      'work: served at http://127.0.0.1:PORT/ until kill PID, session 12h left',
    ]);
  });

  test('in the dialect of --shell, and as data', async () => {
    const fish = await on.serve(['work', '--shell', 'fish', '--quiet']);
    expect(constant(fish.stdout)).toContain(
      "set -gx AWS_CONTAINER_CREDENTIALS_FULL_URI 'http://127.0.0.1:PORT/';\n",
    );
    expect(fish.said).toEqual([]);
    const json = await on.serve(['work', '--format', 'json'], { stdoutIsTerminal: true });
    expect(json.said.map(constant)).toEqual([
      'work: served at http://127.0.0.1:PORT/ until Ctrl-C or kill PID, session 12h left',
    ]);
    expect(JSON.parse(constant(json.stdout))).toEqual({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:PORT/',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'TOKEN',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWSMFA_PROFILE: 'work',
      AWSMFA_RESTORE: 'server=http~3A~2F~2F127.0.0.1~3APORT~2F',
    });
  });
});

describe('what is served', () => {
  test('the session, and nothing else', async () => {
    const { ask, whose, stop } = await on.serve(['work']);
    const { status, body } = await ask();
    expect({ status, keys: Object.keys(body) }).toEqual({
      status: 200,
      keys: ['AccessKeyId', 'SecretAccessKey', 'Token', 'Expiration', 'AccountId'],
    });
    expect(new Date(on.sts.sessions()[0]?.expiresAt ?? 0).toISOString().replace('.000', '')).toBe(
      body.Expiration,
    );
    expect(await whose()).toBe(aliceArn);
    expect((await ask('role/work')).status).toBe(200);
    expect((await ask('role/admin')).body).toEqual({
      code: 'not-served',
      message: 'Nothing is served at this path',
    });
    expect(await stop()).toBe(143);
    await expect(ask()).rejects.toThrow();
  });

  test('a role says that it is one', async () => {
    const { ask, whose } = await on.serve(['admin']);
    expect((await ask()).body.RoleArn).toBe('arn:aws:iam::123456789012:role/open');
    expect(await whose()).toMatch(/assumed-role\/open/);
  });

  test('several, by name; one code is enough', async () => {
    const { whose, said } = await on.serve([
      'work',
      '--also',
      'admin',
      '--also',
      'two words/ü',
      '--role-arn',
      roleArn,
    ]);
    expect(said.map(constant)).toEqual([
      'work: served at http://127.0.0.1:PORT/ until kill PID, session 1h left',
      'admin: served at http://127.0.0.1:PORT/role/admin',
      'two words/ü: served at http://127.0.0.1:PORT/role/two%20words%2F%C3%BC',
    ]);
    expect(await whose('role/two%20words%2F%C3%BC')).toMatch(/assumed-role\/open/);
    expect(await whose('role/admin')).toMatch(/assumed-role\/open/);
    expect(await whose()).toMatch(/assumed-role\/team\/ops|assumed-role\/ops/);
    expect(on.sts.count('GetSessionToken')).toBe(1);
  });

  test('answers cost no call, and no look at a file', async () => {
    const { ask } = await on.serve(['work']);
    rmSync(at.home.path, { recursive: true });
    for (let n = 0; n < 100; n++) expect((await ask()).status).toBe(200);
    expect(on.sts.requests.length).toBe(1);
  });
});

describe('before a code is asked for', () => {
  const refused = async (argv: readonly string[], setting: Setting = {}) => {
    const { exit, stdout, stderr } = await at.runWithCode(['serve', 'work', ...argv], setting);
    expect({ stdout, calls: at.calls() }).toEqual({ stdout: 'false\n', calls: [] });
    return { exit, stderr };
  };

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    expect(await refused(['--port', String(port)])).toEqual({
      exit: 1,
      stderr: [
        `awsmfa: Cannot listen on 127.0.0.1:${port}: another program listens there`,
        '  Leave --port out: a free port is found.',
      ],
    });
    other.close();
  });

  test.each(['65536', '-1', '1e3', 'http', '0x10', ' 80'])('--port=%s', async (port) => {
    expect(await refused([`--port=${port}`])).toEqual({
      exit: 2,
      stderr: [`awsmfa: --port: "${port}" is no port`, '  Write a number up to 65535, or leave it out.'],
    });
  });

  test.each(['0.0.0.0', '::', 'localhost', 'docker0', '10.0.0.1/8', '\u001b[2J'])(
    '--bind=%s',
    async (address) => {
      const { exit, stderr } = await refused([`--bind=${address}`]);
      expect({ exit, hint: stderr[1] }).toEqual({
        exit: 2,
        hint: '  Give one IP address, such as that of a container bridge: 169.254.170.2.',
      });
    },
  );

  test('an address that this machine does not have', async () => {
    expect(await refused(['--bind=192.0.2.1'])).toEqual({
      exit: 1,
      stderr: [
        'awsmfa: Cannot listen on 192.0.2.1: this machine has no such address',
        '  See its addresses with: ip address',
      ],
    });
  });

  test('a format for credentials', async () => {
    const { exit, stdout, stderr } = await at.runWithCode(['serve', 'work', '--format', 'process']);
    expect({ exit, stdout, stderr: stderr[0] }).toEqual({
      exit: 2,
      stdout: '',
      stderr: 'awsmfa: --format process is for credentials, and serve prints where they are',
    });
  });

  test('a profile that is not there, also as the second', async () => {
    expect((await refused(['--also', 'nobody'], { env: { AWSMFA_TOKEN_CODE: undefined } })).exit).toBe(4);
    expect((await at.run(['serve', 'nobody'])).exit).toBe(3);
  });
});

describe('for people', () => {
  test('a [default] with keys is what programs find first', async () => {
    at.home.write('.aws/credentials', `${keysSection('default', alice)}${keysSection('work', alice)}`);
    const { said } = await on.serve(['work']);
    expect(said.slice(1)).toEqual([
      `Programs read ${at.home.credentials}, and take what [default] has there before they ask a server`,
    ]);
  });

  test('keys in ~/.boto are what boto3 finds first', async () => {
    const file = at.home.write(
      '.boto',
      '[Credentials]\naws_access_key_id = AKIA\naws_secret_access_key = x\n',
    );
    const other = at.home.write('boto', readFileSync(file));
    for (const [found, env] of [
      [file, {}],
      [other, { BOTO_CONFIG: other }],
    ] as const) {
      const { said } = await on.serve(['work'], { env });
      expect(said.slice(1)).toEqual([
        `boto3 and the AWS CLI read ${found}, and take keys there before they ask a server`,
      ]);
    }
  });

  test('an address that others reach, and that SDKs do not take', async (context) => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
    if (address === undefined) return missing('a network interface besides loopback', context);
    const { said, ask } = await on.serve(['work', '--bind', address]);
    expect(said.slice(1)).toEqual([
      `Whatever reaches ${address} can ask: the token is all that protects it, and SDKs refuse plain HTTP there (they take loopback, 169.254.170.2, 169.254.170.23, fd00:ec2::23)`,
    ]);
    expect((await ask()).status).toBe(200);
  });

  test('no secret is said, with --debug either', async () => {
    const { said, stdout, ask } = await on.serve(['work', '--debug']);
    const { body } = await ask();
    const { token } = variablesIn(stdout);
    const secrets = [token, body.SecretAccessKey, body.Token, ...secretsIn(at.home.path)];
    expect(secrets.filter((secret) => secret && said.join('\n').includes(secret))).toEqual([]);
    expect(said.join('\n')).toContain('debug: ');
  });
});

test('the cache may be read-only', async () => {
  const { ask } = await on.serve(['work']);
  chmodSync(at.home.cache, 0o500);
  expect((await ask()).status).toBe(200);
  chmodSync(at.home.cache, 0o700);
});
