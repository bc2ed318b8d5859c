import { expect, test } from 'vitest';
import { alice } from '../../tools/local-sts/sample.ts';
import { keysSection } from '../support/home.ts';
import { files, stage } from '../support/stage.ts';

const at = stage({ roles: [{ arn: 'arn:aws:iam::123456789012:role/open' }] });

const role = 'role_arn = arn:aws:iam::123456789012:role/open';
const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

/** The status and the error, and that nothing was sent and no code spent. */
async function refusalOf(argv: readonly string[], config = ''): Promise<string> {
  at.home.write('.aws/config', `${files.config}[profile admin]\n${role}\nsource_profile = work\n${config}`);
  const { exit, stderr } = await at.runWithCode(argv);
  expect(at.calls()).toEqual([]);
  return [exit, ...stderr].join('\n').replaceAll(at.home.path, '~').replaceAll('awsmfa: ', '');
}

// The limits are those of the API reference of AssumeRole.
test.each([
  [['--role-session-name', 'x'], '--role-session-name: "x" is not valid', 'AWS takes 2 to 64 letters'],
  [['--external-id', 'a b'], '--external-id: "a b" is not valid', 'AWS takes 2 to 1224 letters'],
  [['--source-identity', 'aws:x'], '"aws:x" is not valid', 'It must not begin with aws:.'],
  [['--tag', 'team'], '--tag: "team" is not valid', 'A session tag is KEY=VALUE'],
  [['--tag', '=x'], '--tag: "=x" is not valid', 'A session tag is KEY=VALUE'],
  [['--tag', `a=${'x'.repeat(257)}`], '--tag: "a=xxx', 'at most 256 characters'],
  [Array.from({ length: 51 }, (_, i) => `--tag=k${i}=v`), '"51 tags" is not valid', 'AWS takes at most 50.'],
  [['--tag', 'Team=a', '--tag', 'team=b'], '--tag: "team" is not valid', 'A tag key may be there once'],
  [['--tag', 'a=b', '--transitive-tag', 'c'], '--transitive-tag: "c"', 'It names no session tag.'],
  [['--policy', 'none.json'], '--policy none.json cannot be read: there is no such file', 'Name a file'],
  [['--policy', '/'], '--policy / cannot be read: EISDIR', 'Name a file with an IAM policy in JSON.'],
  [['--policy-arn', 'x'], '--policy-arn: "x" is not valid', 'A policy ARN looks like'],
  [Array.from({ length: 11 }, () => `--policy-arn=${arn}`), '"11 ARNs"', 'AWS takes at most 10.'],
])('%j is refused before a code is spent', async (options, error, hint) => {
  const refusal = await refusalOf(['env', 'admin', ...options]);
  expect(refusal).toMatch(/^2\n/);
  expect(refusal).toContain(error);
  expect(refusal).toContain(hint);
});

test.each([
  ['no JSON', '{', '2\n--policy FILE is not JSON'],
  ['no Statement', '{}', '2\n--policy FILE has no Statement'],
  ['too long', JSON.stringify({ Statement: 'x'.repeat(2048) }), 'AWS takes at most 2048'],
])('a policy of a role with %s', async (_, text, error) => {
  at.home.write('policy.json', text);
  const file = `${at.home.path}/policy.json`;
  const refusal = await refusalOf(['env', 'admin', '--policy', file]);
  expect(refusal.replaceAll('~/policy.json', 'FILE')).toContain(error);
});

// The same in a file is an error of the configuration.
test.each([
  ['policy = {', 'policy', 'is not JSON'],
  ['session_tags = a', 'session_tags', '"a" is not valid'],
  ['credential_source = Environment', 'admin', 'source_profile'],
])('%s in the profile', async (line, setting, error) => {
  const refusal = await refusalOf(['env', 'admin'], line);
  expect(refusal).toMatch(/^3\n/);
  expect(refusal).toContain(setting);
  expect(refusal).toContain(error);
});

test('a credential_source that AWS does not have', async () => {
  const refusal = await refusalOf(['env', 'odd'], `[profile odd]\n${role}\ncredential_source = Nowhere\n`);
  expect(refusal).toMatch(/^3\n.*credential_source.*Nowhere/s);
});

test('--policy and --scope of a profile without a role mean the same', async () => {
  at.home.write('policy.json', '{"Statement":[]}');
  const file = `${at.home.path}/policy.json`;
  expect(await refusalOf(['env', 'work', '--policy', file, '--scope', 'read-only'])).toBe(
    '2\n--policy and --scope mean the same for a profile without a role\n  Leave out one.',
  );
});

test('an included profile may have its keys in the section of aws-mfa', async () => {
  at.home.write('.aws/credentials', keysSection('b-long-term', alice));
  at.home.write(
    '.aws/config',
    `[profile b]\nregion = eu-west-1\n[profile c]\ninclude_profile = b\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n`,
  );
  expect(await at.runWithCode(['login', 'c'])).toMatchObject({ exit: 0 });
});

test('policy ARNs, of the option or of the profile, go to STS', async () => {
  const other = 'arn:aws:iam::123456789012:policy/mine';
  const profile = `[profile admin]\n${role}\nsource_profile = work\npolicy_arns = ${other}, ${arn}\n`;
  at.home.write('.aws/config', `${files.config}${profile}`);
  expect(await at.runWithCode(['login', 'admin'])).toMatchObject({ exit: 0 });
  expect(at.calls().at(-1)?.params).toMatchObject({
    'PolicyArns.member.1.arn': other,
    'PolicyArns.member.2.arn': arn,
  });
  expect(await at.run(['login', 'admin', '--policy-arn', arn])).toMatchObject({ exit: 0 });
  const { params } = at.calls().at(-1) ?? {};
  expect([params?.['PolicyArns.member.1.arn'], params?.['PolicyArns.member.2.arn']]).toEqual([
    arn,
    undefined,
  ]);
});
