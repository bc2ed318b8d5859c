import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alice, keysOf, roles } from '../../tools/local-sts/sample.ts';
import { files, stage, timeless } from '../support/stage.ts';

/** What awsmfa says when it hands out a session that another tool would not have got. */
const at = stage({ roles });

describe('a credential_process with # or ; behind a blank', () => {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = keysOf(alice);
  const answer = JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey });
  const cut =
    'is cut at a # or ; behind a blank: awsmfa and the SDK for JavaScript read a comment there, the AWS CLI and boto3 give it to the program';
  const mend = 'Put a comment on a line of its own, and a command that needs the character into a script.';
  const config = (end: string) => {
    const tool = at.home.write('bin/tool', `#!/bin/sh\ntest "$*" = "one two" && echo '${answer}'\n`);
    chmodSync(tool, 0o755);
    at.home.write(
      '.aws/config',
      `[profile tool]\nmfa_serial =\ncredential_process = ${tool} one two${end}\n`,
    );
  };

  test.for([' #three', ' ; three', '\t# "'])(
    '%j: said where the program runs, and by doctor',
    async (end) => {
      config(end);
      const first = await at.run(['process', 'tool', '--quiet']);
      expect(first).toMatchObject({
        exit: 0,
        stderr: [`credential_process of profile "tool" ${cut}. ${mend}`],
      });
      // The program does not run for a session in the cache.
      expect((await at.run(['process', 'tool'])).stderr).toEqual([]);
      const { stdout } = await at.run(['doctor', '--json'], { env: { AWS_PROFILE: 'tool' } });
      expect(stdout.replaceAll(at.home.path, '~')).toContain(`~/.aws/config:3: credential_process ${cut}`);
    },
  );

  test.for(['', '  '])('%j: nothing is said', async (end) => {
    config(end);
    expect((await at.run(['process', 'tool', '--quiet'])).stderr).toEqual([]);
  });

  test('mfa_process is not cut, and nothing is said', async () => {
    const tool = at.home.write('bin/code', `#!/bin/sh\ntest "$1" = "#3" && echo ${at.code()}\n`);
    chmodSync(tool, 0o755);
    at.home.write('.aws/config', `${files.config}mfa_process = ${tool} #3\n`);
    expect(await at.run(['process', 'work', '--quiet'])).toMatchObject({ exit: 0, stderr: [] });
  });
});

describe('AWS_PROFILE and AWS_DEFAULT_PROFILE that differ', () => {
  const env = { AWS_PROFILE: 'work', AWS_DEFAULT_PROFILE: 'play' };
  const said =
    'AWS_PROFILE is work, which is used here; the AWS CLI and boto3 read AWS_DEFAULT_PROFILE, play: unset it';

  test.for([['env'], ['use', '--shell', 'bash'], ['exec', '--', 'true'], ['login'], ['write'], ['process']])(
    '%j says which one it goes by',
    async (argv) => {
      await at.runWithCode(['login', 'work']);
      const { stderr } = await at.run(argv, { env });
      expect(timeless(stderr)[0]).toBe(said);
    },
  );

  test('nothing is said where a profile is named, or where both are the same', async () => {
    await at.runWithCode(['login', 'work']);
    expect((await at.run(['env', 'work'], { env })).stderr).toEqual([]);
    expect((await at.run(['env'], { env: { ...env, AWS_DEFAULT_PROFILE: 'work' } })).stderr).toEqual([]);
  });
});
