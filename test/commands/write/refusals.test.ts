import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alice, roles } from '../../../tools/local-sts/sample.ts';
import { keysSection, plainly, sectionOf, sessionText, unprivileged } from '../../support/home.ts';
import { files, stage } from '../../support/stage.ts';
import { fakeTerminal } from '../../support/world.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';

const credentials = () => readFileSync(at.home.credentials, 'utf8');
const credentialsAre = (text: string) => at.home.write('.aws/credentials', text);
const configIs = (text: string) => at.home.write('.aws/config', text);

describe('is never overwritten', () => {
  const refused = async (argv: readonly string[], code: string) => {
    const before = credentials();
    const { exit, stdout, stderr } = await at.runWithCode([...argv, '--json']);
    expect({ exit, stdout, code: JSON.parse(stderr.at(-1) ?? '{}').error?.code }).toEqual({
      exit: 3,
      stdout: '',
      code,
    });
    expect(credentials()).toBe(before);
    expect(at.calls()).toEqual([]);
  };
  const id = 'aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n';
  const secret = 'aws_secret_access_key = someone-elses-secret\n';
  const token = 'aws_session_token = someone-elses-token\n';

  test.for([
    ['long-term keys', id + secret],
    ['a key without its secret', id],
    ['a secret without its key', secret],
    ['keys that aws configure put over a session', id + secret + token],
    ['long-term keys that a later key hides', `${id}${secret}${sessionText()}`],
    ['long-term keys that a later section hides', `${id}${secret}[mine]\n${sessionText()}`],
    ['keys of another service', `aws_access_key_id = minio\n${secret}`],
  ])('%s, not with --overwrite either', async ([, section]) => {
    credentialsAre(`${keysSection('work', alice)}[mine]\n${section}`);
    await refused(['write', 'work', '--to', 'mine'], 'long-term-keys');
    await refused(['write', 'work', '--to', 'mine', '--overwrite'], 'long-term-keys');
  });

  test('the section of the profile itself', () =>
    refused(['write', 'work', '--to', 'work'], 'long-term-keys'));

  test('long-term keys in the config file, which the session would hide', async () => {
    configIs(`${files.config}${keysSection('profile mine', alice)}`);
    await refused(['write', 'work', '--to', 'mine', '--overwrite'], 'long-term-keys');
  });

  test.for([
    ['a session of somebody else', `aws_access_key_id = ASIAFOREIGN\n${secret}${token}`],
    ['half a session', 'aws_session_token = someone-elses-token\n'],
    ['a program', 'credential_process = /bin/true\n'],
  ])('%s, without --overwrite', async ([, section]) => {
    credentialsAre(`${keysSection('work', alice)}[theirs]\n${section}`);
    await refused(['write', 'work', '--to', 'theirs'], 'foreign-section');
    expect((await at.runWithCode(['write', 'work', '--to', 'theirs', '--overwrite'])).exit).toBe(0);
    expect(sectionOf(credentials(), 'theirs').assumed_role).toBe('False');
  });

  test.for([
    ['role_arn', `role_arn = ${open}\nsource_profile = work\n`],
    ['sso', 'sso_session = x\nsso_account_id = 1\nsso_role_name = x\n'],
    ['web identity', `role_arn = ${open}\nweb_identity_token_file = /x\n`],
  ])('what tools would read instead of the section: %s', async ([, section]) => {
    configIs(`${files.config}[profile work-mfa]\n${section}`);
    await refused(['write', 'work'], 'section-unread');
  });

  test.for(['a]b', 'DEFAULT', 'a\nb', 'a\rb'])('under a name that cannot be one: %j', async (name) => {
    await refused(['write', 'work', '--to', name], 'cannot-edit');
  });

  test('a file with keys above the first section', async () => {
    credentialsAre(`aws_access_key_id = x\n${files.credentials}`);
    await refused(['write', 'work'], 'malformed-file');
  });
});

describe('a file that is odd', () => {
  const work = keysSection('work', alice);

  test('has its twins made one, and the rest as it was', async () => {
    const rest = '[other]\r\nkey = \u0000 value\n\n  # indented\n[empty]\n';
    credentialsAre(`${work}[work-mfa]\n${sessionText()}${rest}[work-mfa]\n${sessionText()}`);
    expect((await at.runWithCode(['write', 'work'])).exit).toBe(0);
    expect(plainly(credentials())).toBe(
      `${work}${rest}[work-mfa]\n${plainly(sessionText())}aws_account_id = 123456789012\n`,
    );
  });

  test('of 5 MB with a line of 1 MB', async () => {
    const lines = `[big]\nlong = ${'x'.repeat(1 << 20)}\n${'# a comment of some length\n'.repeat(150_000)}`;
    credentialsAre(`${work}${lines}`);
    expect((await at.runWithCode(['write', 'work'])).exit).toBe(0);
    expect(credentials().startsWith(`${work}${lines}`)).toBe(true);
  });

  test.for(['directory', 'fifo'])('is no file but a %s', async (kind) => {
    configIs(files.config + work.replace('[work]', ''));
    rmSync(at.home.credentials);
    if (kind === 'directory') mkdirSync(at.home.credentials);
    else execFileSync('mkfifo', [at.home.credentials]);
    expect(await at.runWithCode(['write', 'work'])).toMatchObject({ exit: 3, stdout: '' });
    expect(at.calls()).toEqual([]);
  });
});

describe('when it cannot be written', () => {
  test('no code is asked for: a directory that is read-only', async () => {
    const directory = join(at.home.path, 'locked');
    mkdirSync(directory);
    const file = join(directory, 'credentials');
    writeFileSync(file, keysSection('work', alice));
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: at.home.config };
    await unprivileged(at.home, async () => {
      chmodSync(directory, 0o500);
      const { exit, stderr } = await at.runWithCode(['write', 'work'], { env });
      expect({ exit, stderr }).toEqual({
        exit: 3,
        stderr: [
          `awsmfa: Cannot write ${file}: no permission to make files in its directory`,
          '  Nothing was changed; correct that, or name another file in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE.',
        ],
      });
      chmodSync(directory, 0o700);
    });
    expect(at.calls()).toEqual([]);
  });

  test.for([
    ['the session is in the cache, and the error says so', true],
    ['and the cache cannot be written either: then it does not say so', false],
  ] as const)('%s', async ([, isKept]) => {
    const directory = join(at.home.path, 'locked');
    mkdirSync(directory);
    const file = join(directory, 'credentials');
    writeFileSync(file, keysSection('work', alice));
    const env = {
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_CONFIG_FILE: at.home.config,
      AWSMFA_CACHE_DIR: isKept ? undefined : at.home.config,
    };
    const terminal = fakeTerminal(`${at.code()}\r`);
    let opened = 0;
    const breaking = {
      ...terminal,
      open: () => {
        // The first time it is only looked whether there is one.
        if (++opened === 2) rmSync(directory, { recursive: true });
        if (opened === 2) writeFileSync(directory, '');
        return terminal.open();
      },
    };
    const { exit, stderr } = await at.run(['write', 'work'], { env, terminal: breaking });
    expect({ exit, message: stderr.at(-2) }).toEqual({
      exit: 3,
      message: expect.stringMatching(/^awsmfa: Cannot (write|read) /),
    });
    const isSaid = stderr
      .at(-1)
      ?.endsWith('The session is kept in the cache: the next run asks for no code.');
    expect(isSaid).toBe(isKept);
    rmSync(directory);
    mkdirSync(directory);
    writeFileSync(file, keysSection('work', alice));
    expect((await at.run(['write', 'work'], { env })).exit).toBe(isKept ? 0 : 4);
  });

  test('that is known before the code is asked for, where it can be', async () => {
    const file = join(at.home.path, 'link');
    symlinkSync(join(at.home.path, 'nowhere/credentials'), file);
    configIs(files.config + keysSection('profile work', alice).replace('[profile work]\n', ''));
    const env = { AWS_SHARED_CREDENTIALS_FILE: file };
    expect(await at.runWithCode(['write', 'work'], { env })).toMatchObject({ exit: 3 });
    expect(at.calls()).toEqual([]);
  });
});
