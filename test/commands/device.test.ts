import { lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { User } from '../../tools/local-sts/directory.ts';
import { alice, bob, carol, dave, erin } from '../../tools/local-sts/sample.ts';
import { limitsOfCalls } from '../support/calls.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, stage, timeless } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const at = stage();
afterEach(() => {
  vi.restoreAllMocks();
});

const carolSerial = 'arn:aws:iam::123456789012:mfa/carols-phone';
const bobSerial = 'arn:aws:iam::123456789012:mfa/bob';

/** `awsmfa login work` with the keys of this user, answers on a terminal, and a code that STS will take. */
async function login(
  user: User,
  answers: readonly string[] | undefined,
  { home = homeOf(user), argv = [] as readonly string[], serial = undefined as string | undefined } = {},
) {
  const terminal = answers && fakeTerminal(...answers);
  const device = serial ?? user.devices?.find(({ secret }) => secret)?.serial;
  const env = device === undefined ? {} : { AWSMFA_TOKEN_CODE: at.sts.nextCode(device) };
  const before = at.calls().length;
  const run = await at.run(['login', 'work', ...argv], { home, env, ...(terminal && { terminal }) });
  return {
    exit: run.exit,
    stderr: timeless(run.stderr),
    asked: unfolded(terminal?.shown() ?? ''),
    left: terminal?.left() ?? [],
    calls: at
      .calls()
      .slice(before)
      .map(({ action, params }) => params.SerialNumber ?? action),
    config: read(home.config),
    home,
  };
}

/** A terminal is 80 columns wide. */
function unfolded(drawn: string): string {
  return drawn.replaceAll('\n', '');
}

function homeOf(user: User, config?: string) {
  return makeHome({ credentials: keysSection('work', user), ...(config === undefined ? {} : { config }) });
}

function read(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false }) && readFileSync(path, 'utf8');
}

const done = ['work: new session, 12h left (until TIME)'];

describe('one device', () => {
  test('is used, and remembered as mfa_serial on yes', async () => {
    const { asked, home, ...rest } = await login(carol, ['\r']);
    expect(asked).toContain(
      `MFA device of work: ${carolSerial}. Remember it as mfa_serial in ~/.aws/config? (Y/n)`,
    );
    expect(rest).toEqual({
      exit: 0,
      stderr: done,
      left: [],
      calls: ['ListMFADevices', carolSerial],
      config: `[profile work]\nmfa_serial = ${carolSerial}\n`,
    });
    expect(await login(carol, [], { home, argv: ['--refresh'] })).toMatchObject({
      asked: '',
      calls: [carolSerial],
    });
  });

  test('is used on no as well, and not asked about again', async () => {
    const first = await login(carol, ['n\r']);
    expect(first).toMatchObject({ exit: 0, calls: ['ListMFADevices', carolSerial], config: undefined });
    const second = await login(carol, [], { home: first.home, argv: ['--refresh'] });
    expect(second).toMatchObject({ exit: 0, asked: '', calls: [carolSerial], config: undefined });
  });

  test.for([
    ['no terminal', undefined, []],
    ['--no-prompt', ['\r'], ['--no-prompt']],
    ['--quiet', ['\r'], ['--quiet']],
  ] as const)('with %s it is used without a question', async ([, answers, argv]) => {
    const { exit, asked, calls, config } = await login(carol, answers, { argv });
    expect({ exit, asked, calls, config }).toEqual({
      exit: 0,
      asked: '',
      calls: ['ListMFADevices', carolSerial],
      config: undefined,
    });
  });

  test('Ctrl-C at the question: 130, and nothing is sent or kept', async () => {
    const { exit, stderr, calls, config, home } = await login(carol, ['\u0003']);
    expect({ exit, stderr, calls, config, kept: home.cached('') }).toEqual({
      exit: 130,
      stderr: ['awsmfa: Cancelled'],
      calls: ['ListMFADevices'],
      config: undefined,
      kept: [],
    });
  });

  test('is not remembered before STS has taken it', async () => {
    at.sts.fault('internal', { action: 'GetSessionToken' });
    const { exit, config, home } = await login(carol, ['\r']);
    expect({ exit, config, kept: home.cached('device-') }).toEqual({ exit: 6, config: undefined, kept: [] });
  });

  test('of keys in the environment is used, and no profile is made for it', async () => {
    const [key] = carol.accessKeys;
    const terminal = fakeTerminal('\r');
    const home = makeHome();
    const env = {
      AWS_ACCESS_KEY_ID: key?.id,
      AWS_SECRET_ACCESS_KEY: key?.secret,
      AWSMFA_TOKEN_CODE: at.sts.nextCode('carol'),
    };
    const { exit } = await at.run(['login'], { home, env, terminal });
    expect({ exit, asked: terminal.shown(), config: read(home.config) }).toEqual({
      exit: 0,
      asked: '',
      config: undefined,
    });
  });
});

describe('several devices', () => {
  test('one is chosen from a list, and remembered on yes', async () => {
    const { exit, asked, calls, config } = await login(alice, ['\u001b[B\r', 'y\r'], {
      serial: 'GAHT12345678',
    });
    expect({ exit, calls, config }).toEqual({
      exit: 0,
      calls: ['ListMFADevices', 'GAHT12345678'],
      config: '[profile work]\nmfa_serial = GAHT12345678\n',
    });
    expect(asked).toContain('MFA device of work:');
    expect(asked).toContain(aliceSerial);
    expect(asked).not.toContain('u2f');
  });

  test('are named where nobody can choose: exit 4', async () => {
    expect(await login(alice, undefined)).toMatchObject({
      exit: 4,
      stderr: [
        'awsmfa: Profile "work" names no MFA device, its user has 2, and there is no terminal to ask on',
        `  In any terminal: awsmfa login work. Add mfa_serial to the profile, or give --serial-number: ${aliceSerial}, GAHT12345678.`,
      ],
      calls: ['ListMFADevices'],
    });
    expect(await login(alice, ['\r'], { argv: ['--no-prompt'] })).toMatchObject({
      exit: 4,
      asked: '',
      stderr: [
        'awsmfa: Profile "work" names no MFA device, its user has 2, and --no-prompt forbids asking',
        expect.any(String),
      ],
    });
  });

  test('Ctrl-C at the list: 130', async () => {
    expect(await login(alice, ['\u0003'])).toMatchObject({ exit: 130, calls: ['ListMFADevices'] });
  });
});

test('a certificate file that is not there stops the search: STS would need it too', async () => {
  const env = { AWSMFA_TOKEN_CODE: '123456', AWS_CA_BUNDLE: '/no/such.pem' };
  const { exit, stderr } = await at.run(['login', 'work'], { home: homeOf(alice), env });
  expect({ exit, error: stderr[0] }).toEqual({ exit: 3, error: expect.stringContaining('/no/such.pem') });
  expect(at.calls()).toEqual([]);
});

test('setup of a user who has only security keys writes nothing of a device', async () => {
  const argv = ['setup', '--profile', 'work', '--region', 'eu-west-1', '--no-rc', '--yes'];
  const { exit, stderr } = await at.run(argv, { home: homeOf(dave) });
  expect({ exit, error: stderr.at(-2) }).toEqual({
    exit: 3,
    error: expect.stringMatching(/^awsmfa: The MFA devices of "work" are security keys or passkeys/),
  });
});

test('only devices that STS cannot use: they are named, and what to do', async () => {
  expect(await login(dave, ['\r'])).toMatchObject({
    exit: 3,
    asked: '',
    stderr: [
      'awsmfa: The MFA devices of "work" are security keys or passkeys, and STS takes codes only: arn:aws:iam::123456789012:u2f/user/dave/key-ABCDEFGHIJKLMNOP, arn:aws:iam::123456789012:u2f/user/dave/passkey-BCDEFGHIJKLMNOPQ',
      '  Register an authenticator app as one more device (IAM, Users, Security credentials), and try again. With a passkey alone sign in by browser: aws login',
    ],
  });
});

test('no device at all: a session without MFA, and it says so', async () => {
  const { exit, asked, stderr, calls, home } = await login(erin, ['\r']);
  expect({ exit, asked, stderr, calls }).toEqual({
    exit: 0,
    asked: '',
    stderr: [
      'work: this user has no MFA device, so the session has no MFA; how to register one: awsmfa setup --profile work',
      ...done,
    ],
    calls: ['ListMFADevices', 'GetSessionToken'],
  });
  expect(await login(erin, [], { home, argv: ['--refresh'] })).toMatchObject({ calls: ['GetSessionToken'] });
  await at.run(['logout', 'work'], { home });
  expect(await login(erin, [], { home })).toMatchObject({ calls: ['ListMFADevices', 'GetSessionToken'] });
});

describe('where IAM does not tell', () => {
  test('Enter takes the guess', async () => {
    const { asked, ...rest } = await login(bob, ['\r', '\r']);
    expect(asked).toContain(`MFA device of work (ARN, or none for a session without MFA): (${bobSerial})`);
    expect(asked).toContain('Remember it as mfa_serial in ~/.aws/config?');
    expect(rest).toMatchObject({
      exit: 0,
      left: [],
      calls: ['ListMFADevices', 'GetCallerIdentity', bobSerial],
      config: `[profile work]\nmfa_serial = ${bobSerial}\n`,
    });
  });

  test('another answer is as good, "none" is no MFA', async () => {
    const other = 'arn:aws:iam::123456789012:mfa/other';
    expect(await login(bob, [`${other}\r`, 'n\r'])).toMatchObject({
      exit: 5,
      calls: ['ListMFADevices', 'GetCallerIdentity', other, 'GetCallerIdentity'],
    });
    expect(await login(bob, ['none\r'])).toMatchObject({
      exit: 0,
      left: [],
      calls: ['ListMFADevices', 'GetCallerIdentity', 'GetSessionToken'],
      config: undefined,
    });
  });

  test('a slip is explained, and a user is asked about', async () => {
    const user = 'arn:aws:iam::123456789012:user/team/bob';
    const { exit, asked, calls } = await login(bob, [`nonsense\r${'\u007f'.repeat(8)}${user}\r`, '\r', '\r']);
    expect({ exit, calls }).toEqual({ exit: 0, calls: ['ListMFADevices', 'GetCallerIdentity', bobSerial] });
    expect(asked).toContain('"nonsense" is no serial number of an MFA device.');
    expect(asked).toContain(`${user} is a user. Use its device ${bobSerial} instead? (Y/n)`);
  });

  test('and there is nobody to ask: exit 4 with the guess', async () => {
    expect(await login(bob, undefined)).toMatchObject({
      exit: 4,
      stderr: [
        'awsmfa: Profile "work" names no MFA device, and there is no terminal to ask on',
        `  In any terminal: awsmfa login work. Add mfa_serial to the profile, or give --serial-number: most likely ${bobSerial}.`,
      ],
    });
  });

  test('keys that AWS does not take are said to be wrong before anything is asked', async () => {
    const [key] = bob.accessKeys;
    const home = makeHome({
      credentials: `[work]\naws_access_key_id = ${key?.id}\naws_secret_access_key = another-secret\n`,
    });
    expect(await login(bob, ['\r'], { home })).toMatchObject({
      exit: 5,
      asked: '',
      stderr: [
        'awsmfa: The secret key of AKIA…MPLE (profile "work") does not match the one that AWS has',
        '  Copy the pair of keys again: awsmfa setup --profile work --overwrite',
      ],
    });
  });
});

test('a role without a device is assumed without one, and none is looked for', async () => {
  const config = '[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = work\n';
  await at.run(['login', 'ops'], { home: homeOf(carol, config), terminal: fakeTerminal('\r') });
  expect(at.calls().map(({ action }) => action)).toEqual(['AssumeRole']);
});

test('list and status ask nobody', async () => {
  const home = homeOf(carol);
  expect(await at.run(['list', '--json'], { home })).toMatchObject({ exit: 0 });
  expect(await at.run(['status'], { home, env: { AWSMFA_PROFILE: 'work' } })).toMatchObject({ exit: 0 });
  expect(at.calls()).toEqual([]);
});

describe('a user where a device belongs', () => {
  const user = 'arn:aws:iam::123456789012:user/carols-phone';
  const wrong = `# mine\n[profile work]\nmfa_serial = ${user}\nregion = eu-west-1\n`;

  test('its device is offered, and the file corrected on yes', async () => {
    const { exit, asked, calls, config } = await login(carol, ['\r', '\r'], { home: homeOf(carol, wrong) });
    expect({ exit, calls, config }).toEqual({
      exit: 0,
      calls: [carolSerial],
      config: wrong.replace(user, carolSerial),
    });
    expect(asked).toContain(`${user} is a user. Use its device ${carolSerial} instead? (Y/n)`);
  });

  test('nothing is written for an option', async () => {
    const result = await login(carol, ['\r'], { argv: ['--device', user] });
    expect(result).toMatchObject({ exit: 0, left: [], calls: [carolSerial], config: undefined });
  });

  test.for([
    ['on no', ['n\r'], []],
    ['without a terminal', undefined, []],
    ['with --no-prompt', ['\r'], ['--no-prompt']],
  ] as const)('%s it is refused, and nobody is called', async ([, answers, argv]) => {
    expect(await login(carol, answers, { home: homeOf(carol, wrong), argv })).toMatchObject({
      exit: 3,
      stderr: [
        `awsmfa: mfa_serial of profile "work": ${user} is a user, not an MFA device`,
        `  Its device is most likely ${carolSerial}`,
      ],
      calls: [],
      config: wrong,
    });
  });
});

describe('the config file', () => {
  const line = `mfa_serial = ${carolSerial}`;

  test.for([
    ['', `[profile work]\n${line}\n`],
    ['[profile work]\nregion = eu-west-1\n', `[profile work]\nregion = eu-west-1\n${line}\n`],
    [
      '# a\r\n[profile "work"]\r\nregion=eu-west-1 \r\n\r\n[profile next]\r\n',
      `# a\r\n[profile "work"]\r\nregion=eu-west-1 \r\n${line}\r\n\r\n[profile next]\r\n`,
    ],
    [
      '[profile work-long-term]\nregion = eu-west-1\n[default]\n',
      `[profile work-long-term]\nregion = eu-west-1\n${line}\n[default]\n`,
    ],
    ['[default]\nregion = eu-west-1', `[default]\nregion = eu-west-1\n\n[profile work]\n${line}`],
  ] as const)('%j becomes %j', async ([before, after]) => {
    expect(await login(carol, ['\r'], { home: homeOf(carol, before) })).toMatchObject({
      exit: 0,
      config: after,
    });
  });

  test('the keys of [NAME-long-term] are those of NAME', async () => {
    const home = makeHome({ credentials: keysSection('work-long-term', carol) });
    expect(await login(carol, ['\r'], { home })).toMatchObject({
      exit: 0,
      config: `[profile work]\n${line}\n`,
    });
    expect(await login(carol, [], { home, argv: ['--refresh'] })).toMatchObject({ calls: [carolSerial] });
  });

  test('behind a symbolic link is written, and the link stays', async () => {
    const home = makeHome({ credentials: keysSection('work', carol) });
    const target = home.write('dotfiles/config', '[default]\n');
    symlinkSync(target, home.config);
    await login(carol, ['\r'], { home });
    expect({ isLink: lstatSync(home.config).isSymbolicLink(), text: readFileSync(target, 'utf8') }).toEqual({
      isLink: true,
      text: `[default]\n\n[profile work]\n${line}\n`,
    });
  });

  test('that cannot be written costs a line, and not the session', async () => {
    const home = homeOf(carol);
    // A missing permission would not stop root. Nobody can make a file below a file.
    const config = `${home.credentials}/config`;
    const credentials = read(home.credentials);
    const env = { AWS_CONFIG_FILE: config, AWSMFA_TOKEN_CODE: at.sts.nextCode('carol') };
    const { exit, stderr } = await at.run(['login', 'work'], { home, env, terminal: fakeTerminal('\r') });
    expect({ exit, stderr: timeless(stderr), credentials: read(home.credentials) }).toEqual({
      exit: 0,
      stderr: [
        expect.stringMatching(/^mfa_serial could not be remembered\. Cannot write \/.*directory/),
        ...done,
      ],
      credentials,
    });
  });
});

test('an IAM that hangs has four seconds: people see that it is asked, and the guess is offered', async () => {
  at.sts.fault({ slow: 120_000 }, { times: 5, action: 'ListMFADevices' });
  const limits = limitsOfCalls(1);
  const terminal = fakeTerminal('\u0003');
  const setting = { home: homeOf(bob), terminal, stderrIsTerminal: true };
  const { exit, stderr } = await at.run(['login', 'work'], setting);
  expect([exit, stderr[0]]).toEqual([130, 'Asking AWS for the MFA device of work']);
  expect(terminal.shown()).toContain(bobSerial);
  expect(limits).toEqual([4000]);
});

describe('where no code can come from anywhere', () => {
  const ways =
    'In any terminal: awsmfa login work. Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.';

  test('the error names the device as well, which would be asked for next', async () => {
    const limits = limitsOfCalls(0);
    expect(await at.run(['login', 'work'], { home: homeOf(bob) })).toMatchObject({
      exit: 4,
      stderr: [
        'awsmfa: An MFA code is needed, and there is no terminal to ask on; profile "work" names no MFA device',
        `  ${ways} The device: mfa_serial in the profile, or --serial-number; most likely ${bobSerial}.`,
      ],
    });
    // IAM and STS share them.
    expect(limits).toEqual([500, expect.toSatisfy((left) => left < 500)]);
  });

  test.for([
    ['does not answer', { slow: 120_000 }],
    ['cuts the line', 'reset'],
  ] as const)('an AWS that %s is not waited for', async ([, fault]) => {
    at.sts.fault(fault, { times: 5 });
    const limits = limitsOfCalls(1);
    expect(await at.run(['login', 'work', '--no-prompt'], { home: homeOf(bob) })).toMatchObject({
      exit: 4,
      stderr: [
        'awsmfa: An MFA code is needed, and --no-prompt forbids asking; profile "work" names no MFA device, and AWS did not tell one in time',
        `  ${ways} The device: mfa_serial in the profile, or --serial-number; it looks like arn:aws:iam::ACCOUNT:mfa/NAME.`,
      ],
    });
    // With somebody to ask IAM has four seconds, and STS ten.
    expect(limits).toEqual([500, expect.toSatisfy((left) => left < 500)]);
  });

  test('a user without a device needs none', async () => {
    limitsOfCalls(0);
    expect(await at.run(['login', 'work', '--no-prompt'], { home: homeOf(erin) })).toMatchObject({ exit: 0 });
  });

  test('keys that AWS refuses are the news', async () => {
    limitsOfCalls(0);
    const credentials = keysSection('work', bob).replace(
      /secret_access_key = .*/,
      'secret_access_key = wrong',
    );
    const { exit } = await at.run(['login', 'work'], { home: makeHome({ credentials }) });
    expect(exit).toBe(5);
  });
});
