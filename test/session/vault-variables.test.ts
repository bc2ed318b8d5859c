import { describe, expect, test } from 'vitest';
import { alice, bob, roles } from '../../tools/local-sts/sample.ts';
import { keysSection } from '../support/home.ts';
import { files, stage } from '../support/stage.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';
const config = `${files.config}
[profile admin]
role_arn = ${open}
source_profile = work
duration_seconds = 1800
role_session_name = of-the-file
[profile bare]
role_arn = ${open}
source_profile = bare
mfa_serial =
`;

/** Runs `process` and has the parameters of the calls, by the name of the action. */
async function asked(argv: readonly string[], env: Record<string, string>) {
  at.home.write('.aws/config', config);
  const { exit, stderr } = await at.runWithCode(['process', ...argv], { env });
  expect([exit, stderr]).toEqual([0, []]);
  return Object.fromEntries(at.calls().map(({ params }) => [params.Action, params]));
}

describe("aws-vault's variables", () => {
  test('rank between option and file, and times are cut to what AWS allows', async () => {
    const calls = await asked(['admin'], {
      AWS_ROLE_SESSION_NAME: 'of-the-variable',
      AWS_SESSION_TAGS: 'team=core, cost=1',
      AWS_TRANSITIVE_TAGS: 'team',
      AWS_SOURCE_IDENTITY: 'ada',
      AWS_ASSUME_ROLE_TTL: '8h30m',
      AWS_CHAINED_SESSION_TOKEN_TTL: '100h',
      AWS_SESSION_TOKEN_TTL: '1h',
    });
    expect(calls.GetSessionToken?.DurationSeconds).toBe('129600');
    expect(calls.AssumeRole).toMatchObject({
      RoleSessionName: 'of-the-variable',
      SourceIdentity: 'ada',
      DurationSeconds: '3600',
      'Tags.member.1.Key': 'team',
      'Tags.member.2.Value': '1',
      'TransitiveTagKeys.member.1': 'team',
    });
  });

  test('an option comes first, and a role without MFA lives as long as it says', async () => {
    const credentials = `${files.credentials}\n${keysSection('bare', alice)}`;
    at.home.write('.aws/credentials', credentials);
    const env = { AWS_ROLE_SESSION_NAME: 'no', AWS_ASSUME_ROLE_TTL: '45m' };
    const calls = await asked(['bare', '--role-session-name', 'yes'], env);
    expect(calls.AssumeRole).toMatchObject({ RoleSessionName: 'yes', DurationSeconds: '2700' });
  });

  test('longer than the maximum of a role, which only IAM knows: an hour, and a word about it', async () => {
    const credentials = `${files.credentials}\n${keysSection('bare', alice)}`;
    at.home.write('.aws/credentials', credentials);
    at.home.write('.aws/config', config);
    const ask = (argv: readonly string[], env = {}) => at.run(['process', ...argv], { env });
    const { exit, stderr } = await ask(['bare'], { AWS_ASSUME_ROLE_TTL: '8h30m' });
    expect([exit, stderr]).toEqual([
      0,
      ['bare: the role does not allow the time that AWS_ASSUME_ROLE_TTL asks for; it gets 1h'],
    ]);
    expect(at.calls().map(({ params }) => params.DurationSeconds)).toEqual(['30600', '3600']);
    // It is kept as one of an hour, and an option is about this role: refused.
    expect(await ask(['bare', '--duration', '8h'])).toMatchObject({ exit: 5 });
  });

  test('a session that is used itself, and nothing of a role for a profile without one', async () => {
    const calls = await asked(['work'], { AWS_SESSION_TOKEN_TTL: '1.5h', AWS_SOURCE_IDENTITY: 'ada' });
    expect(calls.GetSessionToken?.DurationSeconds).toBe('5400');
  });

  test('a time that is none is an error that names the variable', async () => {
    const { exit, stderr } = await at.run(['process', 'work'], { env: { AWS_ASSUME_ROLE_TTL: '3600' } });
    expect([exit, stderr[0]]).toEqual([
      2,
      expect.stringContaining('AWS_ASSUME_ROLE_TTL: "3600" is no duration'),
    ]);
  });
});

describe('a session token beside a long-term key', () => {
  test('is left over: the line to delete is named, by doctor too', async () => {
    at.home.write(
      '.aws/credentials',
      `${keysSection('work', alice).trimEnd()}\naws_session_token = canary\n`,
    );
    const { exit, stderr } = await at.run(['env', 'work']);
    expect([exit, stderr.join('\n').replaceAll(at.home.path, '~')]).toEqual([
      3,
      'awsmfa: ~/.aws/credentials:4: [work] a long-term access key (AKIA…) stands beside a session token, which is left over\n  Delete the line of the token: ~/.aws/credentials:4',
    ]);
    const { stdout } = await at.run(['doctor', '--json'], { env: { AWS_PROFILE: 'work' } });
    expect(stdout).not.toContain('unknown');
  });

  test('in the environment too', async () => {
    const [key] = alice.accessKeys;
    const env = {
      AWS_ACCESS_KEY_ID: key?.id,
      AWS_SECRET_ACCESS_KEY: key?.secret,
      AWS_SESSION_TOKEN: 'canary-token',
    };
    for (const more of ['', `\n${keysSection('default', bob)}`]) {
      // [default] is somebody else: nobody who exported that key means it.
      at.home.write('.aws/credentials', files.credentials + more);
      const { exit, stderr } = await at.run(['env'], { env });
      expect([exit, stderr]).toEqual([
        3,
        [
          'awsmfa: environment: a long-term access key (AKIA…) stands beside a session token, which is left over',
          '  Unset the token: unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN',
        ],
      ]);
    }
    expect(await at.runWithCode(['env', 'work'], { env })).toMatchObject({ exit: 0 });
    const { stdout } = await at.run(['status', '--json'], { env });
    expect(stdout).toContain('leftover-token');
  });
});
