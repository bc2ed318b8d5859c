import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ada, admin, desk, serialOf } from '../support/desk.ts';

const role = 'arn:aws:iam::111122223333:role/open';
const home = desk({
  users: [ada, { ...admin, denied: ['sts:GetFederationToken'] }],
  roles: [{ arn: role }],
});
const path = (name: string) => join(home.home, name);
const read = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');

beforeEach(async () => {
  home.config(`[profile work]
region = eu-central-1
mfa_serial = ${serialOf(ada)}
[profile open]
region = eu-central-1
role_arn = ${role}
source_profile = work
[profile prod]
region = us-west-2
mfa_serial = ${serialOf(admin)}
`);
  await home.login('work');
});

/** An `xdg-open` that takes one address, and a browser that follows it two times, when awsmfa may be gone. */
function opener(body = `'${process.execPath}' '${path('browser.mjs')}' "$1" &`): void {
  mkdirSync(path('bin'), { recursive: true });
  writeFileSync(
    path('browser.mjs'),
    `import { appendFileSync } from 'node:fs';
for (let time = 1; time <= 2; time++) {
  const said = await fetch(process.argv[2], { redirect: 'manual' }).then(
    (answer) => \`\${answer.status} \${answer.headers.get('location')} \${answer.headers.get('referrer-policy')}\`,
    () => 'gone',
  );
  appendFileSync('${path('browser')}', \`\${said}\\n\`);
}
`,
  );
  writeFileSync(
    path('bin/xdg-open'),
    `#!/bin/sh
printf '<%s>' "$@" >>'${path('argv')}'
[ $# = 1 ] || exit 1
case $1 in -*) exit 1 ;; esac
${body}
`,
  );
  chmodSync(path('bin/xdg-open'), 0o755);
}

const console = (...words: string[]) =>
  home.awsmfa(['console', ...words], {
    AWS_ENDPOINT_URL_SIGNIN: home.sts.url,
    PATH: `${path('bin')}:${home.env.PATH}`,
  });

describe('the browser', () => {
  test('is opened by the opener of the system, with an address that is no secret, and signs in once', async () => {
    opener();
    const { status, stdout, stderr } = await console('open', '--service', 's3');
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: '' });
    expect(stderr).toMatch(/open: the console is open in the browser, signed in for (1h|59m)/);
    expect(read('argv')).toMatch(/^<http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}>$/);
    await expect.poll(() => read('browser').split('\n')).toHaveLength(3);
    const [first = '', second] = read('browser').split('\n');
    const [, location = '', policy] = first.split(' ');
    expect(policy).toBe('no-referrer');
    expect(second).toMatch(/^(gone|404 )/);
    const answer = await fetch(location, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(
      'https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1',
    );
    expect(stderr).not.toContain('SigninToken');
  });

  test('is not there: the error says how to get the address', async () => {
    const { status, stderr } = await home.awsmfa(['console', 'open'], {
      AWS_ENDPOINT_URL_SIGNIN: home.sts.url,
      PATH: home.env.PATH?.split(':')[0] ?? '',
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/no xdg-open that could open a browser\n {2}.*Add --print/),
    });
  });

  test('cannot be opened: the opener fails', async () => {
    opener('exit 3');
    const { status, stderr } = await console('open');
    expect({ status, stderr }).toMatchObject({ status: 1 });
    expect(stderr).toContain('add --print');
  });
});

test('--print: the address is on stdout alone, in --debug too', async () => {
  const { status, stdout, stderr } = await console('open', '--print', '--debug');
  expect(status).toBe(0);
  const answer = await fetch(stdout.trim(), { redirect: 'manual' });
  expect(answer.status).toBe(302);
  const token = new URL(stdout).searchParams.get('SigninToken') ?? 'none';
  expect(stderr).not.toContain(token);
});

describe('a profile without a role', () => {
  test('signs in by GetFederationToken, for as long as it is asked to', async () => {
    const { status, stderr } = await console('work', '--print', '--duration', '15m');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain('without a role, the console is opened by GetFederationToken: without MFA');
    const [call] = home.sts.requests.filter(({ action }) => action === 'GetFederationToken');
    expect(call?.params).toMatchObject({ DurationSeconds: '900', Name: 'awsmfa-work' });
  });

  test('whose policy does not allow that: it is said, with what works', async () => {
    const { status, stdout, stderr } = await console('prod', '--print');
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toContain(
      'The user of profile "prod" may not call GetFederationToken, and has no other way into the console',
    );
    expect(stderr).toContain('a session of MFA alone cannot sign in');
  });

  test.each(['5m', '48h'])('a duration that AWS does not take: %s', async (duration) => {
    const { status, stderr } = await console('work', '--print', '--duration', duration);
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(home.sts.count('GetFederationToken')).toBe(0);
  });
});
