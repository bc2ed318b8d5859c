import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scopeOf } from '../../src/cli/scope.ts';
import { UserError } from '../../src/errors.ts';
import { makeHome } from '../support/home.ts';

const policy = '{"Version":"2012-10-17","Statement":[]}';

function scope(word: string, files: Record<string, string> = {}, mode = 0o600) {
  const home = makeHome();
  for (const [name, text] of Object.entries(files)) chmodSync(home.write(name, text), mode);
  return scopeOf(word, '--scope', { home: home.path, cwd: home.path });
}

function errorOf(...args: Parameters<typeof scope>): string {
  try {
    scope(...args);
  } catch (error) {
    if (error instanceof UserError) return `${error.exit} ${error.message}`;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('read-only', () => {
  const shipped = scope('read-only');
  const { Statement } = JSON.parse(shipped.policy);
  const actions: readonly string[] = Statement.flatMap(({ Action }: { Action: string[] }) => Action);

  test('has room in what STS takes', () => {
    expect(shipped.policy.length).toBeLessThan(2048);
    expect(actions.length).toBeGreaterThan(90);
  });

  test('allows nothing but looking', () => {
    const looking =
      /:(Describe|List|Get|BatchGet|View|Filter|Query$|Scan$|LookupEvents$|StartQuery$)[A-Za-z]*\*?$/;
    expect(actions.filter((action) => !looking.test(action))).toEqual([]);
    expect(Statement.every(({ Effect }: { Effect: string }) => Effect === 'Allow')).toBe(true);
  });

  test.each([
    'secretsmanager:GetSecretValue',
    'ssm:GetParameter',
    'kms:Decrypt',
    'redshift:GetClusterCredentials',
    'glue:GetConnection',
    'ec2:GetPasswordData',
    's3:GetDataAccess',
    'sso:GetRoleCredentials',
    'sts:GetFederationToken',
    'sts:AssumeRole',
    'ecr:GetAuthorizationToken',
    'codeartifact:GetAuthorizationToken',
    'apigateway:GET',
  ])('does not hand out secrets: %s', (action) => {
    const allowed = actions.filter((pattern) =>
      new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action),
    );
    expect(allowed).toEqual([]);
  });

  test('is what the page says', () => {
    const page = readFileSync(new URL('../../docs/scopes.md', import.meta.url), 'utf8');
    const services = [...new Set(actions.map((action) => action.replace(/:.*/, '')))];
    const listed = /covers these services: ([^.]+)\./.exec(page.replaceAll('\n', ' '))?.[1] ?? '';
    expect(listed.replaceAll('`', '').split(', ')).toEqual(services);
  });
});

test('a scope of the user, and a file', () => {
  const spaced = JSON.stringify(JSON.parse(policy), undefined, 2);
  expect(scope('deploy', { '.aws/awsmfa/scopes/deploy.json': spaced })).toEqual({ name: 'deploy', policy });
  expect(scope('./my.json', { 'my.json': spaced })).toMatchObject({ policy });
  expect(scope('my.json', { 'my.json': policy }).name).toMatch(/^\/.*\/my\.json$/);
});

test('a name that ships cannot be taken', () => {
  const given = scope('read-only', { '.aws/awsmfa/scopes/read-only.json': policy });
  expect(given.policy).toContain('ec2:Describe*');
});

test.each([
  ['no such name', 'readonly', {}, '2 --scope: there is no scope "readonly"'],
  ['a name that leads elsewhere', '..', {}, '2 --scope: there is no scope ".."'],
  ['no such file', './x.json', {}, '2 --scope ./x.json cannot be read'],
  ['no JSON', './x.json', { 'x.json': 'Allow: *' }, '2 --scope ./x.json is not JSON'],
  ['no policy', './x.json', { 'x.json': '{}' }, '2 --scope ./x.json has no Statement'],
  ['an array', './x.json', { 'x.json': '[]' }, '2 --scope ./x.json has no Statement'],
  [
    'too long',
    './x.json',
    { 'x.json': JSON.stringify({ Statement: ['x'.repeat(2048)] }) },
    '2 --scope ./x.json has 2066 characters without blanks, and AWS takes at most 2048',
  ],
  [
    'a character that AWS does not take',
    './x.json',
    { 'x.json': '{"Statement":[{"Sid":"€"}]}' },
    '2 --scope ./x.json has a character that AWS takes in no policy',
  ],
])('%s', (_name, word, files, message) => {
  expect(errorOf(word, files as Record<string, string>)).toBe(message);
});

test.each([0o666, 0o664])(
  'a scope that others can write to (%o) is not used, and the error says why',
  (mode) => {
    expect(errorOf('deploy', { '.aws/awsmfa/scopes/deploy.json': policy }, mode)).toBe(
      '2 --scope deploy: others can write to ~/.aws/awsmfa/scopes/deploy.json',
    );
  },
);
