import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ada, arnOf, desk, type Held } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import { needs, shells } from '../support/shells.ts';

const home = desk();

const nasty = `it's "$(touch x)" \`touch x\` \\' ; touch x # !! %s $PATH = ~ * {a,b} <(touch x) é`;
const [key] = ada.accessKeys;
const keys = `aws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
const noX = () => expect(readdirSync(home.home)).not.toContain('x');

describe.each(shells)('in $name', (shell) => {
  /** With the integration where there is one, else as everybody does it. */
  const applies = (args: string) =>
    shell.integration ? `awsmfa use ${args}` : `eval "$(awsmfa env ${args})"`;

  test(
    'what a hostile STS hands out is held as it is, and not run',
    needs(shell, async () => {
      home.sts.hostileCredentials = { secretAccessKey: nasty, sessionToken: `${nasty} token` };
      const line = applies(`work --token-code ${home.sts.nextCode('ada')}`);
      const { status, stdout, stderr } = await home.run(shell, `${line}\n${home.snap('held')}`);
      expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' });
      expect(home.held('held')).toMatchObject({
        AWS_SECRET_ACCESS_KEY: nasty,
        AWS_SESSION_TOKEN: `${nasty} token`,
      });
      noX();
    }),
  );

  test.for(some(['a\nb', 'a\u0007b', '\u001b[2J', ''], 4, shells.indexOf(shell)))(
    'a session token %j is no session token',
    (token, context) =>
      needs(shell, async () => {
        home.sts.hostileCredentials = { sessionToken: token };
        const line = applies(`work --token-code ${home.sts.nextCode('ada')}`);
        const { stdout, stderr } = await home.run(shell, `${line}\n${home.snap('held')}`);
        expect(stdout).toBe('');
        expect(stderr).toMatch(/^awsmfa: .*is not STS.*\n {2}.*\n$/);
        expect(home.held('held')).not.toHaveProperty('AWS_SESSION_TOKEN');
      })(context),
  );

  test.for(
    some(
      ['$(touch x)', "a b'c", '"; touch x; "', '!!', 'ünï', '-n', "'; touch x; '"],
      4,
      shells.indexOf(shell),
    ),
  )('a profile called %s', (name, context) =>
    needs(shell, async () => {
      const device = 'mfa_serial = arn:aws:iam::111122223333:mfa/ada';
      writeFileSync(join(home.home, '.aws/credentials'), `[${name}]\n${keys}${device}\n`);
      const line = applies(`--token-code ${home.sts.nextCode('ada')}`);
      const { status, stderr } = await home.run(
        shell,
        `${line}\n${home.snap('held')}\n${shell.integration ? 'awsmfa clear' : 'true'}\n${home.snap('clear')}`,
        { AWS_PROFILE: name },
      );
      expect(status, stderr).toBe(0);
      expect(home.held('held')).toMatchObject({ AWSMFA_PROFILE: name });
      expect(await home.whose(home.held('held'))).toMatchObject({ arn: arnOf(ada) });
      if (shell.integration) expect(home.held('clear').AWS_PROFILE).toBe(name);
      noX();
    })(context),
  );
});

describe('bad input', () => {
  const ask = (env: Held = {}) => home.awsmfa(['env', 'work', '--token-code', home.sts.nextCode('ada')], env);
  const aws = (name: string) => join(home.home, '.aws', name);
  const fails = { status: 3, stdout: 'false\n', stderr: expect.stringMatching(/^awsmfa: .*\n {2}.*\n$/) };

  test('a config that is a directory', async () => {
    rmSync(aws('config'));
    mkdirSync(aws('config'));
    const result = await ask();
    expect(result).toMatchObject(fails);
    expect(result.stderr).toContain(aws('config'));
  });

  test('a region that is none', async () => {
    for (const region of ['eu-west-1\ntouch x', '$(touch x)', 'evil.example.com/']) {
      expect(await ask({ AWS_REGION: region })).toMatchObject({ stdout: 'false\n', stderr: fails.stderr });
    }
    expect(home.sts.requests).toEqual([]);
  });

  test('a home without .aws', async () => {
    rmSync(join(home.home, '.aws'), { recursive: true });
    expect(await ask()).toMatchObject(fails);
  });

  test('no HOME', async () => {
    const { HOME: _, ...env } = home.env;
    const { status, stderr } = await home.awsmfa(['env', 'work', '--no-prompt'], { ...env, HOME: '' });
    expect(status).toBe(3);
    expect(stderr).not.toMatch(/\n\s+at |undefined/);
  });

  test.for(
    some(
      ['{', '\0\u0001\u0002', '{"version":1,"key":"x","session":{}}', '', '{"version":1}', '[]', 'null'],
      5,
      2,
    ),
  )('a cache file that says %j is replaced', async (content) => {
    expect((await ask()).status).toBe(0);
    const cache = aws('awsmfa');
    for (const file of readdirSync(cache)) writeFileSync(join(cache, file), content);
    expect(await ask()).toMatchObject({ status: 0, stderr: expect.stringContaining('new session') });
    expect(await home.awsmfa(['env', 'work', '--no-prompt'])).toMatchObject({ status: 0, stderr: '' });
    expect(home.sts.count('GetSessionToken')).toBe(2);
  });

  test('a cache that cannot be written: a session all the same, and a word about it', async () => {
    for (const spoil of [
      () => writeFileSync(aws('awsmfa'), 'a file'),
      () => symlinkSync('/proc/nowhere', aws('awsmfa')),
    ]) {
      rmSync(aws('awsmfa'), { recursive: true, force: true });
      spoil();
      const { status, stdout, stderr } = await ask();
      expect({ status, stderr }).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('could not be kept'),
      });
      expect(stdout).toContain('AWS_SESSION_TOKEN=');
    }
  });
});
