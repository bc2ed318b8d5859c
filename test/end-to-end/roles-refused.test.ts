import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/world.ts';
import { errorAnswer } from '../../tools/local-sts/dispatch.ts';
import { expiredToken, invalidClientToken, overChainingLimit } from '../../tools/local-sts/refusals.ts';
import { alice, bob, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { forgetCodes } from '../support/codes.ts';
import { type Home, keysSection, makeHome } from '../support/home.ts';
import { fakeTerminal, type Run, run, type Setting } from '../support/world.ts';

const [key = { id: '', secret: '' }] = alice.accessKeys;
const mfa = 'mfa_serial = arn:aws:iam::123456789012:mfa/alice';
const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const section = (name: string, ...lines: readonly string[]) => [`[profile ${name}]`, ...lines, ''].join('\n');
const hop = (name: string, role: string, source: string, ...lines: readonly string[]) =>
  section(name, `role_arn = ${arn(role)}`, `source_profile = ${source}`, ...lines);

const roles = [
  { arn: arn('open') },
  { arn: arn('long'), maxSessionDuration: 7200 },
  { arn: arn('careful'), trust: { requireMfa: true } },
  { arn: arn('partner'), trust: { externalId: 'ours' } },
];

let sts: LocalSts;
let home: Home;
let before = 0;
beforeAll(async () => {
  sts = await startLocalSts({ users, roles });
});
afterAll(() => sts.close());
beforeEach(() => {
  sts.clearFaults();
  Object.assign(sts, { clockOffsetMs: 0, sessionSeconds: undefined });
  before = sts.requests.length;
  const credentials = keysSection('work', alice) + keysSection('plain', alice) + keysSection('bob', bob);
  home = makeHome({ credentials });
});

const calls = () => sts.requests.slice(before);
const said = () =>
  calls().map(({ action, params, status }) =>
    [action, params.TokenCode && 'MFA', status].filter(Boolean).join(' '),
  );
const configure = (...sections: readonly string[]) =>
  home.write('.aws/config', [section('work', mfa), ...sections].join(''));

function bare(argv: readonly string[], { env, ...setting }: Setting = {}): Promise<Run> {
  return run(argv, { home, ...setting, env: { AWS_ENDPOINT_URL_STS: sts.url, ...env } });
}

function coded(argv: readonly string[], setting: Setting = {}): Promise<Run> {
  forgetCodes(sts, home.path);
  return bare(argv, { ...setting, env: { AWSMFA_TOKEN_CODE: sts.nextCode('alice'), ...setting.env } });
}

/** Does what each refusal says to do, then again what was refused, until it works. */
async function follow(argv: readonly string[], env: Environment = {}): Promise<void> {
  const todo = [argv];
  for (let runs = 0, next = todo.at(-1); next && runs < 8; runs++, next = todo.at(-1)) {
    const { exit, stderr } = await coded(next, { env });
    const [, mend] = /awsmfa (login .*)$/.exec(stderr.at(-1) ?? '') ?? [];
    expect(exit === 0 || mend, [...next, ...stderr].join('\n')).toBeTruthy();
    if (exit === 0) todo.pop();
    else if (mend) todo.push(mend.split(' '));
  }
  expect(todo).toEqual([]);
}

describe('MFA on AssumeRole itself', () => {
  const longer =
    'x: a role for more than an hour cannot come from the MFA session, it needs a code of its own';
  const noSession = 'x: --no-session, so the code goes to AssumeRole itself';

  test.for<readonly [string, readonly string[], string, string]>([
    ['duration_seconds = 7200', [], longer, '7200'],
    ['', ['--duration', '2h'], longer, '7200'],
    ['', ['--no-session'], noSession, '3600'],
  ])('%s %j', async ([line, argv, why, seconds]) => {
    configure(hop('x', 'long', 'work', line));
    const { exit, stderr } = await coded(['login', 'x', ...argv]);
    expect([exit, stderr.length, stderr[0]]).toEqual([0, 2, why]);
    expect(said()).toEqual(['AssumeRole MFA 200']);
    const [{ accessKeyId, params } = {}] = calls();
    expect([accessKeyId, params?.DurationSeconds]).toEqual([key.id, seconds]);
    expect((await bare(['login', 'x', ...argv])).stderr).toHaveLength(1);
    expect(calls()).toHaveLength(1);
  });
});

describe('a call that fails by itself', () => {
  test.for(['throttling', 'internal', 'unavailable', 'reset', 'lost-answer'] as const)(
    '%s: tried again without a code, never with one',
    async (fault) => {
      configure(hop('x', 'open', 'work'), hop('bare', 'open', 'plain'));
      const strike = () => sts.fault(fault, { action: 'AssumeRole' });
      strike();
      expect(await coded(['login', 'x'])).toMatchObject({ exit: 0 });
      strike();
      expect(await bare(['login', 'bare'], { terminal: fakeTerminal('\r') })).toMatchObject({ exit: 0 });
      expect(calls()).toHaveLength(5);
      strike();
      // Without --refresh the sessions in the cache serve, and nothing is sent.
      expect(await coded(['login', 'x', '--no-session', '--refresh'])).toMatchObject({ exit: 6 });
      sts.fault(fault);
      expect(await coded(['login', 'work', '--refresh'])).toMatchObject({ exit: 6 });
      expect(calls().map(({ action, params }) => [action, params.TokenCode !== undefined])).toEqual([
        ['GetSessionToken', true],
        ...Array.from({ length: 4 }, () => ['AssumeRole', false]),
        ['AssumeRole', true],
        ['GetSessionToken', true],
      ]);
    },
  );
});

describe('what STS refuses', () => {
  const denied = (profile: string, role: string) =>
    `awsmfa: Profile "${profile}" is not allowed to assume ${arn(role)}: AWS does not say why`;
  const look = '  Check the name of the role, and which principals its trust policy allows';
  const noMfa = `${look}: it may require MFA (no mfa_serial is in use) or an external_id (none is set).`;
  const noId = `${look}: it may require an external_id (none is set).`;
  const wrongId = `${look}: it may require another external_id.`;
  const first = hop('first', 'open', 'work');
  const forbidden = `awsmfa: Profile "x" is not allowed to assume ${arn('open')}: an identity-based policy denies it explicitly`;
  const overMaximum =
    'awsmfa: The role of profile "x" does not allow 2h: its maximum session duration is less';

  test.for<readonly [string, string, string, ...(readonly string[])]>([
    ['trust without MFA', denied('x', 'careful'), noMfa, hop('x', 'careful', 'plain')],
    [
      'trust, MFA lost in a chain',
      denied('x', 'careful'),
      'require MFA',
      hop('x', 'careful', 'first'),
      first,
    ],
    ['no external ID', denied('x', 'partner'), noId, hop('x', 'partner', 'work')],
    ['another one', denied('x', 'partner'), wrongId, hop('x', 'partner', 'work', 'external_id = theirs')],
    ['no such role', denied('x', 'gone'), noId, hop('x', 'gone', 'work')],
    [
      'the same in a chain',
      denied('y', 'gone'),
      look,
      hop('x', 'open', 'y'),
      hop('y', 'gone', 'first'),
      first,
    ],
    ['an explicit deny', forbidden, noMfa, hop('x', 'open', 'bob')],
    ['too long', overMaximum, 'Ask for less', hop('x', 'open', 'work', 'duration_seconds = 7200')],
  ])('%s', async ([, message, hint, ...sections]) => {
    configure(...sections);
    const device = /plain|bob/.test(sections.join()) ? { terminal: fakeTerminal('\r') } : {};
    const { exit, stderr } = await coded(['login', 'x'], device);
    const whole = [message, `${message} (on the way to "x")`];
    expect([exit, stderr.at(-1)]).toEqual([5, expect.stringContaining(hint)]);
    expect(whole).toContain(stderr.at(-2));
  });

  test('more than an hour for a role of a session', async () => {
    configure(hop('x', 'open', 'work'));
    sts.fault({ answer: errorAnswer(overChainingLimit) }, { action: 'AssumeRole' });
    const message = expect.stringMatching(
      /^awsmfa: Profile "x" is assumed from another session, and lives an hour/,
    );
    expect(await coded(['login', 'x'])).toMatchObject({ exit: 5, stderr: [message, expect.any(String)] });
  });

  const exported = { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret };

  test.for<readonly [string, string]>([
    ['device on the source', 'source_profile = work'],
    ['device on the role', `source_profile = plain\n${mfa}`],
    ['keys in NAME-long-term', mfa],
    ['keys in the environment', `credential_source = Environment\n${mfa}`],
  ])('an MFA session that has expired, %s: the mend it names mends it', async ([, lines]) => {
    const role = (name: string) =>
      section(name, `role_arn = ${arn('open')}`, `external_id = of-${name}`, lines);
    configure(role('x'), role('y'));
    const names = ['work', 'plain', 'x-long-term', 'y-long-term'];
    home.write('.aws/credentials', names.map((name) => keysSection(name, alice)).join(''));
    sts.sessionSeconds = 600;
    expect(await coded(['login', 'x'], { env: exported })).toMatchObject({ exit: 0 });
    Object.assign(sts, { clockOffsetMs: 11 * 60_000, sessionSeconds: undefined });
    const { exit, stderr } = await bare(['login', 'y'], { env: exported });
    const message = 'awsmfa: The credentials that profile "y" comes from have expired';
    expect([exit, stderr[0]]).toEqual([5, message]);
    await follow(['login', 'y'], exported);
  });

  test('a chain that has expired hop by hop: each message names a mend, and they mend it', async () => {
    configure(hop('first', 'open', 'work'), hop('mid', 'open', 'first'), hop('x', 'long', 'mid'));
    sts.sessionSeconds = 600;
    expect(await coded(['login', 'mid'])).toMatchObject({ exit: 0 });
    Object.assign(sts, { clockOffsetMs: 11 * 60_000, sessionSeconds: undefined });
    await follow(['login', 'x']);
  });

  test('temporary keys in a file that have expired: they are not ours to renew', async () => {
    configure(hop('x', 'open', 'temp', mfa));
    const keys = keysSection('temp', alice).replace('AKIA', 'ASIA');
    home.write('.aws/credentials', `${keys}aws_session_token = not-ours\n`);
    sts.fault({ answer: errorAnswer(expiredToken) });
    // The code goes to AssumeRole: no session comes from temporary keys.
    const { exit, stderr } = await coded(['login', 'x']);
    expect([exit, said(), stderr]).toEqual([
      5,
      ['AssumeRole MFA 403'],
      [
        'x: the keys of temp are temporary, and no MFA session comes from them: the code goes to AssumeRole itself',
        'awsmfa: The credentials that profile "x" comes from have expired',
        '  They are temporary keys: get new ones where those came from.',
      ],
    ]);
  });

  test('an MFA session that STS no longer knows: renew it, not the access key', async () => {
    configure(hop('x', 'open', 'work'));
    await coded(['login', 'work']);
    sts.fault({ answer: errorAnswer(invalidClientToken) }, { action: 'AssumeRole' });
    const { exit, stderr } = await bare(['login', 'x']);
    expect([exit, stderr[1]]).toEqual([5, expect.stringContaining('awsmfa login x --refresh')]);
  });
});

describe('what is refused before anything is sent', () => {
  const y = hop('y', 'open', 'work');
  const circle = [hop('x', 'open', 'y'), hop('y', 'open', 'z'), hop('z', 'open', 'x')];
  const noArn = (name: string) => section(name, 'role_arn = admin', 'source_profile = work');
  const lasting = (name: string, value: string, source = 'work') =>
    hop(name, 'open', source, `duration_seconds = ${value}`);
  const x = hop('x', 'open', 'y');

  test.for<readonly [string, ...(readonly string[])]>([
    ['The source profiles go round in a circle: x → x', hop('x', 'open', 'x')],
    ['The source profiles go round in a circle: x → y → z → x', ...circle],
    ['Profile "x" has source_profile "wrok", and there is no such profile', hop('x', 'open', 'wrok')],
    ['Profile "y" has source_profile "wrok", and there is no such profile', x, hop('y', 'open', 'wrok')],
    ['role_arn of profile "x": "admin" is not valid', noArn('x')],
    ['role_arn of profile "y": "admin" is not valid', x, noArn('y')],
    ['duration_seconds of profile "x": "abc" is no duration', lasting('x', 'abc')],
    ['duration_seconds of profile "y": "abc" is no duration', x, lasting('y', 'abc')],
    ['duration_seconds of profile "x": 899 seconds is too short: AWS issues', lasting('x', '899')],
    ['duration_seconds of profile "x": 43201 seconds is too long: AWS issues', lasting('x', '43201')],
    ['profile "x": 3601 seconds is too long: a role assumed from another', lasting('x', '3601', 'y'), y],
  ])('%s', async ([message, ...sections]) => {
    configure(...sections);
    const { exit, stderr } = await coded(['login', 'x']);
    expect([exit, stderr.length, calls().length], stderr.join('\n')).toEqual([3, 2, 0]);
    expect(stderr[0]).toContain(message);
  });
});
