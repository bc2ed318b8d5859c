import { describe, expect, test } from 'vitest';
import { ask } from '../../tools/local-sts/sample.ts';
import { forgetCodes } from '../support/codes.ts';
import { stage } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const role = 'arn:aws:iam::123456789012:role/open';
const at = stage({ roles: [{ arn: role }] });

const only = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:ListMFADevices', Resource: '*' }],
});

function variables(stdout: string): Record<string, string> {
  return Object.fromEntries(
    [...stdout.matchAll(/export (\w+)='([^']*)'/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** The error code of a call to IAM with what a shell holds, undefined for success. */
async function iam(held: Record<string, string>, Action: string): Promise<string | undefined> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = held;
  const keys = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  };
  const params = { Action, Version: '2010-05-08', UserName: 'alice' };
  return (await ask(at.sts.url, params, keys, { service: 'iam' })).code;
}

const actions = () => at.calls().map(({ action }) => action);

describe('a scope', () => {
  test('narrows what env prints, and is kept apart from the whole session', async () => {
    const file = at.home.write('look.json', only);
    const whole = variables((await at.runWithCode(['env', 'work'])).stdout);
    const first = await at.run(['env', 'work', '--scope', file]);
    expect(first.exit).toBe(0);
    const held = variables(first.stdout);
    expect(held.AWSMFA_SCOPE).toBe(file);
    expect(whole.AWSMFA_SCOPE).toBeUndefined();
    expect([await iam(held, 'ListMFADevices'), await iam(held, 'ListAccessKeys')]).toEqual([
      undefined,
      'AccessDenied',
    ]);
    expect(await iam(whole, 'ListAccessKeys')).toBeUndefined();
    // From the cache, each.
    const calls = at.calls().length;
    expect((await at.run(['env', 'work', '--scope', file])).stdout).toBe(first.stdout);
    expect(variables((await at.run(['env', 'work'])).stdout)).toEqual(whole);
    expect(at.calls()).toHaveLength(calls);
    expect(actions().filter((action) => action === 'GetScopedCredentials')).toHaveLength(1);
  });

  test('read-only, a role, and --policy without a role', async () => {
    const options = ['--role-arn', role, '--scope', 'read-only'];
    expect((await at.runWithCode(['process', 'work', ...options])).exit).toBe(0);
    expect(actions()).toEqual(['GetSessionToken', 'AssumeRole', 'GetScopedCredentials']);
    const file = at.home.write('look.json', only);
    const held = variables((await at.run(['env', 'work', '--policy', file])).stdout);
    expect(await iam(held, 'ListAccessKeys')).toBe('AccessDenied');
  });

  test('lasts as long as it is asked to, and not longer than the session', async () => {
    await at.runWithCode(['login', 'work', '--duration', '30m']);
    const short = variables(
      (await at.run(['env', 'work', '--scope', 'read-only', '--duration', '15m'])).stdout,
    );
    expect(Number(short.AWSMFA_EXPIRES_AT) - Date.now() / 1000).toBeLessThanOrEqual(900);
    const long = await at.run(['env', 'work', '--scope', 'read-only', '--duration', '1h']);
    expect(long).toMatchObject({ exit: 2, stdout: 'false\n' });
    expect(long.stderr[0]).toContain('left, and a scope cannot outlive it; 1h was asked for');
  });

  test('nothing is given out when STS does not narrow', async () => {
    await at.runWithCode(['login', 'work']);
    const body =
      '<ErrorResponse><Error><Code>InvalidAction</Code><Message>Could not find operation</Message></Error></ErrorResponse>';
    at.sts.fault({ answer: { status: 400, body } }, { action: 'GetScopedCredentials' });
    expect(await at.run(['env', 'work', '--scope', 'read-only'])).toMatchObject({
      exit: 5,
      stdout: 'false\n',
    });
    at.sts.fault('reset', { action: 'GetScopedCredentials', times: 5 });
    expect(await at.run(['env', 'work', '--scope', 'read-only'])).toMatchObject({
      exit: 6,
      stdout: 'false\n',
    });
  });

  test.each([
    ['the session itself', 'ASIASAMESAMESAMESAME', '<ScopedPoliciesCount>1</ScopedPoliciesCount>'],
    ['of other credentials, and says of no policy', 'ASIAOTHEROTHEROTHERO', ''],
  ])('an answer that is %s is not given out', async (_, accessKeyId, count) => {
    at.sts.hostileCredentials = { accessKeyId: 'ASIASAMESAMESAMESAME' };
    await at.runWithCode(['login', 'work']);
    const credentials = `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>canary/s</SecretAccessKey><SessionToken>canary/t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
    const body = `<GetScopedCredentialsResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetScopedCredentialsResult><Credentials>${credentials}</Credentials>${count}</GetScopedCredentialsResult></GetScopedCredentialsResponse>`;
    const headers = { 'content-type': 'text/xml' };
    at.sts.fault({ answer: { status: 200, headers, body } }, { action: 'GetScopedCredentials' });
    const { exit, stdout, stderr } = await at.run(['env', 'work', '--scope', 'read-only']);
    expect({ exit, stdout, error: stderr[0] }).toEqual({
      exit: 5,
      stdout: 'false\n',
      error: expect.stringContaining('with credentials that are not narrowed'),
    });
  });

  test('of a session that AWS has ended early is one of a new session', async () => {
    await at.runWithCode(['login', 'work']);
    const body =
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>';
    at.sts.fault({ answer: { status: 403, body } }, { action: 'GetScopedCredentials' });
    forgetCodes(at.sts, at.home.path);
    const { exit, stdout } = await at.runWithCode(['env', 'work', '--scope', 'read-only']);
    expect({ exit, scope: variables(stdout).AWSMFA_SCOPE }).toEqual({ exit: 0, scope: 'read-only' });
    const both = ['GetSessionToken', 'GetScopedCredentials'];
    expect(actions()).toEqual([...both, ...both]);
  });

  test('a policy that is none, and no code is asked for', async () => {
    const file = at.home.write('look.json', '{"Statement":');
    expect(await at.run(['env', 'work', '--scope', file])).toMatchObject({ exit: 2, stdout: 'false\n' });
    expect(at.calls()).toEqual([]);
  });
});

describe('inside a scope', () => {
  const inside = { env: { AWSMFA_SCOPE: 'read-only' } };

  test('nothing wider comes from the cache', async () => {
    await at.runWithCode(['login', 'work']);
    for (const argv of [
      ['env', 'work'],
      ['process', 'work'],
      ['write', 'work'],
      ['env', 'work', '--scope', './x.json'],
    ]) {
      at.home.write('x.json', only);
      const { exit, stderr } = await at.run(argv, inside);
      expect([argv, exit]).toEqual([argv, argv.includes('./x.json') ? 2 : 5]);
      if (exit !== 5) continue;
      expect(stderr.join('\n')).toContain('narrowed to read-only, and awsmfa gives out no others');
      expect(stderr.join('\n')).toContain('On a terminal, awsmfa exec --scope none work asks whether');
    }
    expect(await at.run(['env', 'work', '--scope', 'read-only'], inside)).toMatchObject({ exit: 0 });
  });

  test('--scope none needs a terminal and a y', async () => {
    await at.runWithCode(['login', 'work']);
    const none = ['env', 'work', '--scope', 'none'];
    expect(await at.run(none, inside)).toMatchObject({ exit: 4 });
    expect(await at.run(none, { ...inside, terminal: fakeTerminal('\r') })).toMatchObject({ exit: 5 });
    const { exit, stdout } = await at.run(none, { ...inside, terminal: fakeTerminal('y\r') });
    expect(exit).toBe(0);
    expect(stdout).toContain('unset AWSMFA_SCOPE');
  });

  test('status says it, and takes the narrowed keys for those of awsmfa', async () => {
    await at.runWithCode(['login', 'work']);
    const { stdout } = await at.run(['env', 'work', '--scope', 'read-only', '--region', 'eu-west-1']);
    const shown = await at.run(['status'], { env: variables(stdout) });
    expect(shown.stdout).toMatch(/^profile +work\n[^!]*scope +read-only\n[^!]*$/);
  });

  test('clear takes the scope out with the session, but not out of the command of an exec', async () => {
    const held = { ...inside.env, AWSMFA_PROFILE: 'work', AWS_SESSION_TOKEN: 'x' };
    const removed = async (env: Record<string, string>) =>
      (await at.run(['clear', '--shell', 'sh'], { env })).stdout.match(/AWSMFA_\w+|AWS_SESSION_TOKEN/g);
    expect(await removed(held)).toEqual([
      'AWS_SESSION_TOKEN',
      'AWSMFA_PROFILE',
      'AWSMFA_EXPIRES_AT',
      'AWSMFA_SCOPE',
      'AWSMFA_RESTORE',
    ]);
    expect(await removed({ ...held, AWSMFA_EXEC: 'work' })).not.toContain('AWSMFA_SCOPE');
  });

  test('a scope whose policy has changed since is refused, also after clear', async () => {
    const file = at.home.write('look.json', only);
    const argv = ['env', 'work', '--shell', 'sh', '--scope', file];
    const { AWSMFA_RESTORE } = variables((await at.runWithCode(argv)).stdout);
    const held = { AWSMFA_SCOPE: file, ...(AWSMFA_RESTORE && { AWSMFA_RESTORE }) };
    const ofExec = { ...held, AWSMFA_EXEC: 'work' };
    const cleared = variables((await at.run(['clear', '--shell', 'sh'], { env: ofExec })).stdout);
    const after = { AWSMFA_EXEC: 'work', AWSMFA_SCOPE: file, ...cleared };
    expect([(await at.run(argv, { env: held })).exit, (await at.run(argv, { env: after })).exit]).toEqual([
      0, 0,
    ]);
    at.home.write('look.json', only.replace('iam:ListMFADevices', '*'));
    for (const env of [held, after]) {
      const { exit, stderr } = await at.run(argv, { env });
      expect({ exit, line: stderr[0] }).toEqual({
        exit: 5,
        line: `awsmfa: The policy of ${file} has changed since it narrowed the credentials here`,
      });
    }
  });
});

describe('console', () => {
  const setting = () => ({ env: { AWS_ENDPOINT_URL_SIGNIN: at.sts.url } });

  test('prints an address that signs in as the role, and says it nowhere else', async () => {
    const argv = [
      'console',
      'work',
      '--role-arn',
      role,
      '--print',
      '--service',
      's3',
      '--region',
      'eu-west-1',
    ];
    const { exit, stdout, stderr } = await at.runWithCode([...argv, '--debug'], setting());
    expect(exit).toBe(0);
    const answer = await fetch(stdout.trim(), { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(
      'https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1',
    );
    expect(stderr.join()).not.toContain('SigninToken');
  });

  test('a profile without a role, and one whose session cannot sign in', async () => {
    const { exit, stderr } = await at.run(['console', 'play', '--print'], setting());
    expect(exit).toBe(0);
    expect(stderr[0]).toContain('without a role, the console is opened by GetFederationToken');
    expect(actions()).toEqual(['GetFederationToken', 'getSigninToken']);
  });

  test('an argument that is none', async () => {
    expect(await at.run(['console', 'work', '--service', 's3/../x'], setting())).toMatchObject({ exit: 2 });
    expect(at.calls()).toEqual([]);
  });
});
