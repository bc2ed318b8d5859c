import { describe, expect, test } from 'vitest';
import { settle } from '../../src/cli/settle.ts';
import { loadSharedFiles } from '../../src/config/files.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { keyOf } from '../../src/session/plan.ts';
import { planOf } from '../../src/session/planning.ts';
import { alice, roles } from '../../tools/local-sts/sample.ts';
import { heldCall } from '../support/calls.ts';
import { forgetCodes } from '../support/codes.ts';
import { keysSection } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';
const long = 'arn:aws:iam::123456789012:role/team/ops';

const regions = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'eu-west-1'],
  ...['eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1', 'eu-south-1', 'ap-east-1', 'ap-south-1'],
  ...['ap-northeast-1', 'ap-southeast-2', 'me-central-1'],
];

const calls = () => at.calls().map(({ action }) => action);

describe('a session serves in every region', () => {
  test('a loop over 17 regions costs one code, by variable and by option', async () => {
    expect(await at.runWithCode(['login', 'work'])).toMatchObject({ exit: 0 });
    for (const region of regions) {
      for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
        expect(await at.run(['process', 'work'], { env: { [name]: region } })).toMatchObject({ exit: 0 });
      }
      for (const option of ['--region', '--sts-region']) {
        expect(await at.run(['env', 'work', option, region])).toMatchObject({ exit: 0 });
      }
    }
    expect(calls()).toEqual(['GetSessionToken']);
  });

  test('and a region that the profile gets later changes nothing', async () => {
    await at.runWithCode(['login', 'work']);
    at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nregion = ap-south-1\n`);
    const { exit, stdout } = await at.run(['env', 'work']);
    expect({ exit, calls: calls() }).toEqual({ exit: 0, calls: ['GetSessionToken'] });
    expect(stdout).toContain("AWS_REGION='ap-south-1'");
  });

  test('ten processes over five roles of mixed regions cost one code', async () => {
    const sections = ['eu-west-1', 'us-east-1', undefined, 'ap-south-1', undefined].map(
      (region, index) =>
        `[profile r${index}]\nrole_arn = ${open}\nrole_session_name = r${index}\nsource_profile = work\n${region ? `region = ${region}\n` : ''}`,
    );
    at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\n${sections.join('')}`);
    await at.runWithCode(['login', 'work']);
    for (let index = 0; index < 10; index++) {
      const env = index % 2 ? { AWS_REGION: 'sa-east-1' } : { AWS_DEFAULT_REGION: 'eu-north-1' };
      expect(await at.run(['process', `r${index % 5}`], { env })).toMatchObject({ exit: 0 });
    }
    expect(calls().filter((action) => action === 'GetSessionToken')).toHaveLength(1);
    expect(calls().filter((action) => action === 'AssumeRole')).toHaveLength(5);
  });
});

describe('a session serves every request for no longer a life than its own', () => {
  test('36 hours serve a plain request, 12 hours serve 4, and not 36', async () => {
    await at.runWithCode(['login', 'work', '--duration', '36h']);
    expect(await at.run(['env', 'work'])).toMatchObject({ exit: 0 });
    expect(await at.run(['env', 'work', '--duration', '12h'])).toMatchObject({ exit: 0 });
    await at.run(['logout', 'work']);
    await at.runWithCode(['login', 'work']);
    expect(await at.run(['env', 'work', '--duration', '4h'])).toMatchObject({ exit: 0 });
    expect(await at.run(['env', 'work'], { env: { AWSMFA_DURATION: '36h' } })).toMatchObject({ exit: 0 });
    expect(await at.run(['env', 'work', '--duration', '36h'])).toMatchObject({ exit: 4 });
    expect(calls()).toEqual(['GetSessionToken', 'GetSessionToken']);
  });

  test('also the next morning', async () => {
    await at.runWithCode(['login', 'work', '--duration', '36h']);
    const now = () => Date.now() + 24 * 3_600_000;
    expect(await at.run(['env', 'work'], { now })).toMatchObject({ exit: 0 });
    expect(await at.run(['env', 'work', '--duration', '12h'], { now })).toMatchObject({ exit: 0 });
  });

  test('a role too: that of 2 hours, with a code of its own, serves a plain request', async () => {
    at.home.write(
      '.aws/config',
      `[profile work]\nmfa_serial = ${aliceSerial}\n[profile r]\nrole_arn = ${long}\nsource_profile = work\n`,
    );
    const first = await at.runWithCode(['process', 'r', '--duration', '2h']);
    expect(first.exit).toBe(0);
    expect((await at.run(['process', 'r'])).stdout).toBe(first.stdout);
    expect(calls()).toEqual(['AssumeRole']);
  });
});

describe('--no-session', () => {
  const role = () =>
    at.home.write(
      '.aws/config',
      `[profile work]\nmfa_serial = ${aliceSerial}\n[profile r]\nrole_arn = ${open}\nsource_profile = work\n`,
    );

  test('takes no role that came from the MFA session; its own role serves every request', async () => {
    role();
    await at.runWithCode(['login', 'r']);
    expect(await at.run(['process', 'r', '--no-session'])).toMatchObject({ exit: 4 });
    forgetCodes(at.sts, at.home.path);
    const own = await at.runWithCode(['process', 'r', '--no-session']);
    expect([own.exit, own.stderr]).toEqual([0, ['r: --no-session, so the code goes to AssumeRole itself']]);
    expect(calls()).toEqual(['GetSessionToken', 'AssumeRole', 'AssumeRole']);
    expect(at.calls().at(-1)?.params.SerialNumber).toBe(aliceSerial);
    expect((await at.run(['process', 'r', '--no-session'])).stdout).toBe(own.stdout);
    expect((await at.run(['process', 'r'])).stdout).toBe(own.stdout);
  });

  test('nor one that another process is getting from the MFA session', async () => {
    role();
    await at.runWithCode(['login', 'work']);
    forgetCodes(at.sts, at.home.path);
    const { came, answer } = heldCall(at.sts);
    const plain = at.runWithCode(['process', 'r']);
    await came;
    const own = await at.runWithCode(['process', 'r', '--no-session'], { heard: answer });
    expect([(await plain).exit, own.exit, own.stderr[0]]).toEqual([
      0,
      0,
      expect.stringMatching(/^Waiting for awsmfa process /),
    ]);
    expect(own.stdout).not.toBe((await plain).stdout);
    expect(at.calls().at(-1)?.params.SerialNumber).toBe(aliceSerial);
  });
});

describe('a role that is skipped in a chain, as the AWS CLI skips it', () => {
  const skipped = `the role of its source base is skipped, because base has keys too, and they come first, as in the AWS CLI (${open}-base)`;
  const files = () =>
    at.home.write(
      '.aws/config',
      `[profile base]\nrole_arn = ${open}-base\nsource_profile = work\naws_access_key_id = ${alice.accessKeys[0]?.id}\naws_secret_access_key = ${alice.accessKeys[0]?.secret}\nmfa_serial = ${aliceSerial}\n[profile work]\nmfa_serial = ${aliceSerial}\n[profile top]\nrole_arn = ${open}\nsource_profile = base\n`,
    );

  test('is said before the code is asked for, and once', async () => {
    files();
    const { exit, stderr } = await at.runWithCode(['login', 'top']);
    expect([exit, stderr[0], stderr.length]).toEqual([0, `top: ${skipped}`, 2]);
    expect(at.calls().map(({ params }) => params.RoleArn)).toEqual([undefined, open]);
    expect((await at.run(['login', 'top'])).stderr).toHaveLength(1);
  });

  test('is a warning of doctor', async () => {
    files();
    const { stdout } = await at.run(['doctor'], { env: { AWS_PROFILE: 'top' } });
    expect(stdout.replace(/\s+/g, ' ')).toContain(`"top": ${skipped} If the role is meant`);
  });

  test('is not said of a profile that names no such source', async () => {
    files();
    at.home.write(
      '.aws/config',
      `[profile work]\nmfa_serial = ${aliceSerial}\n[profile top]\nrole_arn = ${open}\nsource_profile = work\n`,
    );
    expect((await at.runWithCode(['login', 'top'])).stderr).toHaveLength(1);
  });
});

test('temporary keys that name a device: the code goes to AssumeRole, and the line says why', async () => {
  const session = JSON.parse((await at.runWithCode(['process', 'work'])).stdout);
  at.home.write(
    '.aws/config',
    `[profile tmp]\naws_access_key_id = ${session.AccessKeyId}\naws_secret_access_key = ${session.SecretAccessKey}\naws_session_token = ${session.SessionToken}\n[profile r]\nrole_arn = ${open}\nsource_profile = tmp\nmfa_serial = ${aliceSerial}\n`,
  );
  forgetCodes(at.sts, at.home.path);
  const { exit, stderr } = await at.runWithCode(['process', 'r']);
  expect([exit, stderr]).toEqual([
    0,
    [
      'r: the keys of tmp are temporary, and no MFA session comes from them: the code goes to AssumeRole itself',
    ],
  ]);
});

describe('the partition is that of the profile', () => {
  const config = `[profile gov]
mfa_serial = arn:aws-us-gov:iam::123456789012:mfa/alice
region = us-gov-east-1
[profile gov-role]
role_arn = arn:aws-us-gov:iam::123456789012:role/open
source_profile = gov
[profile cn]
mfa_serial = arn:aws-cn:iam::123456789012:mfa/alice
[profile cn-role]
role_arn = arn:aws-cn:iam::123456789012:role/open
source_profile = cn
[profile old]
mfa_serial = ${aliceSerial}
sts_regional_endpoints = legacy
`;
  const plan = (name: string, env = {}) => {
    at.home.write('.aws/config', config);
    at.home.write(
      '.aws/credentials',
      ['gov', 'cn', 'old'].map((section) => keysSection(section, alice)).join('\n'),
    );
    const files = loadSharedFiles({ env, home: at.home.path });
    const profile = resolveProfile({ name, by: 'test' }, files, env);
    const serialNumber = (profile.kind === 'role' ? profile.source : profile).setting('mfa_serial')?.value;
    const step = planOf(profile, { request: settle('env', name, {}, env), env, files, serialNumber });
    if (step.step === 'provided') throw new Error('no keys');
    return step;
  };

  test('a role without a region is assumed where its source is, else in a region that its partition has', () => {
    expect(plan('gov-role').endpoint.region).toBe('us-gov-east-1');
    expect(plan('cn-role').endpoint.region).toBe('cn-north-1');
    expect(plan('cn').endpoint.region).toBe('cn-north-1');
  });

  test('a region of another one asks for no other session', () => {
    expect(keyOf(plan('gov', { AWS_REGION: 'us-east-1' }))).toBe(keyOf(plan('gov')));
    expect(keyOf(plan('gov'))).toContain('"aws-us-gov"');
  });

  test('the global endpoint has sessions of its own', () => {
    expect(keyOf(plan('old'))).not.toBe(keyOf(plan('old', { AWS_STS_REGIONAL_ENDPOINTS: 'regional' })));
  });

  test.for([
    ['gov', { AWS_REGION: 'us-east-1' }, /^awsmfa: AWS_REGION is us-east-1, in the partition aws, .*"gov"/],
    ['cn', { AWS_DEFAULT_REGION: 'eu-west-1' }, /^awsmfa: AWS_DEFAULT_REGION is eu-west-1/],
  ] as const)('%s with %o is named before a code is asked for', async ([name, env, message]) => {
    plan(name);
    const setting = { env: { ...env, AWS_ENDPOINT_URL_STS: '', AWSMFA_TOKEN_CODE: '123456' } };
    const { exit, stderr } = await at.run(['login', name], setting);
    expect({ exit, calls: at.calls() }).toEqual({ exit: 3, calls: [] });
    expect(stderr[0]).toMatch(message);
    expect(stderr[1]).toMatch(/^ {2}Unset AWS_(?:DEFAULT_)?REGION, or set it to a region of aws-/);
  });

  test('doctor names the variable too, and finds nothing wrong with the keys', async () => {
    plan('gov');
    const env = { AWS_PROFILE: 'gov', AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_STS: '' };
    const { exit, stdout } = await at.run(['doctor'], { env });
    expect(exit).toBe(1);
    expect(stdout).toMatch(
      /broken +sts +AWS_REGION is us-east-1, in the partition aws, and profile "gov" is in aws-us-gov/,
    );
    expect(stdout).toMatch(/Unset AWS_REGION, or set it to a region of aws-us-gov: us-gov-west-1/);
    expect(stdout).toMatch(/unknown +keys +\S+ of "gov": not asked about/);
    expect(at.calls()).toEqual([]);
  });
});
