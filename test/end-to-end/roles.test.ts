import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alice, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { forgetCodes } from '../support/codes.ts';
import { programFile } from '../support/desk.ts';
import { type Home, keysSection, makeHome } from '../support/home.ts';
import { collect } from '../support/shells.ts';
import { type Run, run, type Setting } from '../support/world.ts';

const mfa = 'mfa_serial = arn:aws:iam::123456789012:mfa/alice';
const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const [key = { id: '', secret: '' }] = alice.accessKeys;

/** Forty of them in four regions, for people with MFA only. */
const forty = Array.from({ length: 40 }, (_, index) => `team-${index}`);
const regionOf = (index: number) => ['eu-west-1', 'us-west-2', 'ap-south-1', 'sa-east-1'][index % 4];

const roles = [
  ...forty.map((name) => ({ arn: arn(name), trust: { requireMfa: true } })),
  { arn: arn('open'), maxSessionDuration: 43_200 },
  { arn: arn('base'), trust: { requireMfa: true }, maxSessionDuration: 7200 },
  { arn: arn('mid'), trust: { principals: [arn('base')] } },
  { arn: arn('top'), trust: { principals: [arn('mid')] } },
];

const section = (name: string, ...lines: readonly string[]) => [`[profile ${name}]`, ...lines, ''].join('\n');
const hop = (name: string, source: string, ...lines: readonly string[]) =>
  section(name, `role_arn = ${arn(name)}`, `source_profile = ${source}`, ...lines);

const config = [
  section('work', mfa),
  hop('base', 'work', 'region = eu-west-1'),
  hop('mid', 'base', 'external_id = of-mid', 'region = us-west-2'),
  hop('top', 'mid'),
  hop('open', 'work'),
].join('');
const fortyProfiles = forty.map((name, index) => hop(name, 'work', `region = ${regionOf(index)}`));

let sts: LocalSts;
let home: Home;
let before = 0;
beforeAll(async () => {
  sts = await startLocalSts({ users, roles });
});
afterAll(() => sts.close());
beforeEach(() => {
  sts.clearFaults();
  sts.forgetSpentCodes();
  before = sts.requests.length;
  home = makeHome({ config: config + fortyProfiles.join(''), credentials: keysSection('work', alice) });
});

const calls = () => sts.requests.slice(before);
/** Who was asked for what, in order: `MFA` where a code went with it. */
const said = () =>
  calls().map(({ action, params }) =>
    [action, params.RoleArn?.replace(/^.*\//, ''), params.TokenCode && 'MFA'].filter(Boolean).join(' '),
  );

function bare(argv: readonly string[], { env, ...setting }: Setting = {}): Promise<Run> {
  return run(argv, { home, ...setting, env: { AWS_ENDPOINT_URL_STS: sts.url, ...env } });
}

function coded(argv: readonly string[], { env, ...setting }: Setting = {}): Promise<Run> {
  forgetCodes(sts, home.path);
  return bare(argv, { ...setting, env: { AWSMFA_TOKEN_CODE: sts.nextCode('alice'), ...env } });
}

describe('forty roles of one source', () => {
  test('one code, forty sessions, and for fifty minutes nothing more', { timeout: 60_000 }, async () => {
    expect(await coded(['login', 'team-0'])).toMatchObject({ exit: 0 });
    for (const name of forty.slice(1)) expect(await bare(['login', name])).toMatchObject({ exit: 0 });
    expect(said()).toEqual(['GetSessionToken MFA', ...forty.map((name) => `AssumeRole ${name}`)]);
    expect(calls().map(({ region }) => region)).toEqual(['us-east-1', ...forty.map((_, at) => regionOf(at))]);
    expect(home.cached()).toHaveLength(41);

    const keys = new Set<string | undefined>();
    const later = { now: () => Date.now() + 54 * 60_000 };
    for (const name of forty) {
      const { exit, stdout } = await bare(['env', name, '--shell', 'sh'], later);
      keys.add(exit === 0 ? /AWS_ACCESS_KEY_ID='(\w+)'/.exec(stdout)?.[1] : undefined);
    }
    expect([keys.size, keys.has(undefined), calls().length]).toEqual([40, false, 41]);
    await bare(['login', 'team-7'], { now: () => Date.now() + 56 * 60_000 });
    expect(said().slice(41)).toEqual(['AssumeRole team-7']);
  });

  test('ten at once with nothing cached: one code, ten sessions', { timeout: 60_000 }, async () => {
    const code = { AWSMFA_TOKEN_CODE: sts.nextCode('alice') };
    const env = { HOME: home.path, SHELL: '/bin/sh', AWS_ENDPOINT_URL_STS: sts.url, ...code };
    sts.fault({ slow: 500 }, { action: 'GetSessionToken' });
    const argv = (name: string) => [programFile, 'env', name, '--shell', 'sh'];
    const start = (name: string) => collect(process.execPath, argv(name), { env, cwd: home.path });
    const results = await Promise.all(forty.slice(0, 10).map(start));
    expect(results.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual(Array(10).fill(0));
    expect(said()[0]).toBe('GetSessionToken MFA');
    expect(said().slice(1).sort()).toEqual(forty.slice(0, 10).map((name) => `AssumeRole ${name}`));
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(10);
  });
});

describe('chains', () => {
  test('of two and three hops, each hop with the session of the one below', async () => {
    expect(await coded(['login', 'top'])).toMatchObject({ exit: 0 });
    expect(said()).toEqual(['GetSessionToken MFA', 'AssumeRole base', 'AssumeRole mid', 'AssumeRole top']);
    const issued = sts.sessions().slice(-4);
    const below = [key.id, ...issued.slice(0, 3).map(({ accessKeyId }) => accessKeyId)];
    expect(calls().map(({ accessKeyId }) => accessKeyId)).toEqual(below);
    expect(calls().map(({ region }) => region)).toEqual(['us-east-1', 'eu-west-1', 'us-west-2', 'us-west-2']);
    for (const name of ['mid', 'base']) expect(await bare(['login', name])).toMatchObject({ exit: 0 });
    expect(calls()).toHaveLength(4);
  });

  test('what an option says is about the last hop, what a profile says about its own', async () => {
    await coded(['login', 'top', '--external-id', 'of-top', '--duration', '20m']);
    const shown = calls().map(({ params }) => `${params.DurationSeconds} ${params.ExternalId ?? ''}`);
    expect(shown).toEqual(['43200 ', '3600 ', '3600 of-mid', '1200 of-top']);
  });
});

describe('what shapes a role session', () => {
  const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const tags = { 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': 'b' };
  const tags2 = { 'Tags.member.2.Key': 'c', 'Tags.member.2.Value': 'd e' };

  const policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
  test.for<readonly [string, readonly string[], Record<string, string>]>([
    ['external_id = Our:Id/1', ['--external-id', 'Our:Id/1'], { ExternalId: 'Our:Id/1' }],
    ['role_session_name = ada@home', ['--role-session-name', 'ada@home'], { RoleSessionName: 'ada@home' }],
    ['duration_seconds = 1800', ['--duration', '30m'], { DurationSeconds: '1800' }],
    ['source_identity = ada', ['--source-identity', 'ada'], { SourceIdentity: 'ada' }],
    ['session_tags = a=b, c=d e', ['--tag', 'a=b', '--tag', 'c=d e'], { ...tags, ...tags2 }],
    [
      'session_tags = a=b\ntransitive_session_tags = a',
      ['--tag', 'a=b', '--transitive-tag', 'a'],
      { ...tags, 'TransitiveTagKeys.member.1': 'a' },
    ],
    [`policy = ${policy}`, ['--policy', 'FILE'], { Policy: policy }],
    [`policy_arns = ${readOnly}`, ['--policy-arn', readOnly], { 'PolicyArns.member.1.arn': readOnly }],
  ])('%s, and the option: the same session, and no other', async ([line, words, expected]) => {
    const file = home.write('policy.json', `${policy.replaceAll(':', ': ')}\n`);
    const argv = ['login', 'open', ...words.map((word) => (word === 'FILE' ? file : word))];
    const lines = [`role_arn = ${arn('open')}`, 'source_profile = work', ...line.split('\n')];
    home.write('.aws/config', config + section('x', ...lines));
    expect(await coded(['login', 'x'])).toMatchObject({ exit: 0 });
    expect(await bare(argv)).toMatchObject({ exit: 0 });
    expect(said()).toEqual(['GetSessionToken MFA', 'AssumeRole open']);
    await bare([...argv, '--refresh']);
    await bare(['login', 'open']);
    const always = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: arn('open') };
    const ourName = expect.stringMatching(/^awsmfa-\d+$/);
    const plain = { ...always, RoleSessionName: ourName, DurationSeconds: '3600' };
    const asked = { ...plain, ...expected };
    // Without --duration any session of the role serves, whatever life it was issued for.
    const last = 'DurationSeconds' in expected ? [] : [plain];
    expect(calls().map(({ params }) => params)).toEqual([expect.anything(), asked, asked, ...last]);
  });

  test.for([
    ['--external-id', 'one', 'two'],
    ['--tag', 'a=b', 'a=c'],
    ['--source-identity', 'ada', 'bob'],
    ['--role-session-name', 'ada', 'bob'],
  ])('two of %s never share a session', async ([option = '', one = '', two = '']) => {
    await coded(['login', 'open', option, one]);
    for (const value of [two, one, two]) await bare(['login', 'open', option, value]);
    expect(said()).toEqual(['GetSessionToken MFA', 'AssumeRole open', 'AssumeRole open']);
  });

  test.for<readonly [string, Record<string, string>, readonly string[]]>([
    ['awsmfa exported is not for the next profile', { AWSMFA_PROFILE: 'base' }, ['us-east-1', 'us-west-2']],
    ['the user exported is for every profile', {}, ['eu-west-1', 'eu-west-1']],
  ])('the region that %s', async ([, held, expected]) => {
    const env = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1', ...held };
    await coded(['login', 'mid'], { env });
    expect([calls()[0]?.region, calls()[2]?.region]).toEqual(expected);
  });
});

describe('where the credentials come from', () => {
  const open = `role_arn = ${arn('open')}`;
  const exported = { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret };
  const viaSession = ['GetSessionToken MFA', 'AssumeRole open'];

  const toOpen = ['--role-arn', arn('open')];
  const viaBase = ['GetSessionToken MFA', 'AssumeRole base', 'AssumeRole open'];

  test.for<readonly [string, readonly string[], readonly string[], readonly string[]]>([
    ['[NAME-long-term]', [open, mfa], ['x'], viaSession],
    ['[SOURCE-long-term]', [open, mfa, 'source_profile = old'], ['x'], viaSession],
    ['the environment', [open, mfa, 'credential_source = Environment'], ['x'], viaSession],
    ['the device on the source', [open, 'source_profile = work'], ['x'], viaSession],
    ['--role-arn on keys', [], ['work', ...toOpen], viaSession],
    ['--role-arn on a role: another one of the same source', [], ['base', ...toOpen], viaSession],
    ['--role-arn on a chain: the last hop', [], ['mid', ...toOpen], viaBase],
  ])('%s', async ([, lines, argv, expected]) => {
    home.write('.aws/config', config + section('x', ...lines));
    const names = ['work', 'x-long-term', 'old-long-term'];
    home.write('.aws/credentials', names.map((name) => keysSection(name, alice)).join(''));
    const { exit, stderr } = await coded(['login', ...argv], { env: exported });
    expect([exit, said()], stderr.join('\n')).toEqual([0, expected]);
    expect(calls()[0]?.accessKeyId).toBe(key.id);
  });

  test('one MFA session for a device on the role, on the source, and on both', async () => {
    const three = [hop('team-0', 'plain', mfa), hop('team-1', 'work'), hop('team-2', 'work', mfa)];
    home.write('.aws/config', config + three.join(''));
    home.write('.aws/credentials', keysSection('work', alice) + keysSection('plain', alice));
    await coded(['login', 'team-0']);
    for (const name of ['team-1', 'team-2']) await bare(['login', name]);
    expect(said()).toEqual(['GetSessionToken MFA', ...forty.slice(0, 3).map((name) => `AssumeRole ${name}`)]);
  });

  test('another device is another MFA session; another region is not', async () => {
    await coded(['login', 'base']);
    const other: Setting = { env: { AWSMFA_TOKEN_CODE: sts.nextCode('GAHT12345678') } };
    await bare(['login', 'base', '--serial-number', 'GAHT12345678'], other);
    expect(await bare(['login', 'base', '--sts-region', 'eu-north-1'])).toMatchObject({ exit: 0 });
    expect(said()).toEqual(Array(2).fill(['GetSessionToken MFA', 'AssumeRole base']).flat());
  });
});
