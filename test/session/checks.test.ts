import { describe, expect, test } from 'vitest';
import { alice, roles } from '../../tools/local-sts/sample.ts';
import { aliceSerial, files, stage } from '../support/stage.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';

describe('what was typed and can have no effect is refused, and nothing is sent', () => {
  const policy = () => at.home.write('p.json', '{"Statement":[]}');
  const cases: readonly (readonly [option: string, value: () => readonly string[]])[] = [
    ['--policy-arn', () => ['arn:aws:iam::aws:policy/ReadOnlyAccess']],
    ['--tag', () => ['A=1']],
    ['--transitive-tag', () => ['A']],
    ['--source-identity', () => ['ada']],
    ['--external-id', () => ['e-1']],
    ['--role-session-name', () => ['ada']],
    ['--no-session', () => []],
  ];

  test.for(cases)('%s on a profile without a role', async ([option, value]) => {
    for (const command of ['env', 'exec', 'process', 'login', 'write']) {
      const rest = command === 'exec' ? ['--', 'sh', '-c', 'exit 9'] : [];
      const { exit, stderr } = await at.runWithCode([command, 'work', option, ...value(), ...rest]);
      expect({ command, exit, calls: at.calls().length }).toEqual({ command, exit: 2, calls: 0 });
      expect(stderr[0]).toContain(`${option} can have no effect: profile "work" has no role`);
    }
  });

  test('also when a session is cached', async () => {
    await at.runWithCode(['login', 'work']);
    expect(await at.run(['env', 'work', '--external-id', 'x1'])).toMatchObject({
      exit: 2,
      stdout: 'false\n',
    });
  });

  test('and what has an effect is not', async () => {
    const argv = ['process', 'work', '--role-arn', open, '--policy', policy(), '--role-session-name', 'ada'];
    expect(await at.runWithCode(argv)).toMatchObject({ exit: 0 });
    expect(at.calls().at(-1)?.params).toMatchObject({ RoleSessionName: 'ada', Policy: '{"Statement":[]}' });
  });

  test('a code or --no-session for a user without a device', async () => {
    at.home.write('.aws/config', `${files.config}[profile r]\nrole_arn = ${open}\nsource_profile = play\n`);
    const code = await at.run(['login', 'r', '--token-code', '123456']);
    expect([code.exit, code.stderr[0]]).toEqual([2, expect.stringContaining('"r" uses no MFA device')]);
    expect(await at.run(['login', 'r', '--no-session'])).toMatchObject({ exit: 2 });
    const variable = await at.run(['login', 'r'], { env: { AWSMFA_TOKEN_CODE: '123456' } });
    expect(variable.exit).not.toBe(2);
  });

  test('a code on stdin for a user without a device', async () => {
    at.home.write('.aws/config', '[profile play]\nmfa_serial =\n');
    const { exit, stderr } = await at.run(['login', 'play', '--token-code', '-'], { stdin: '123456\n' });
    expect([exit, stderr[0]]).toEqual([2, expect.stringContaining('--token-code can have no effect')]);
  });

  test.for([
    ['--duration', '2h'],
    ['--sts-region', 'eu-west-1'],
    ['--region', 'eu-west-1'],
    ['--token-code', '123456'],
    ['--token-code', '-'],
    ['--serial-number', 'GAHT12345678'],
    ['--no-mfa'],
    ['--external-id', 'e-1'],
  ])('%s for credentials that come from elsewhere', async (words) => {
    at.home.write('.aws/config', '[profile in]\nlogin_session = arn\n');
    const { exit, stderr } = await at.run(['login', 'in', ...words]);
    expect([exit, stderr[0]]).toEqual([
      2,
      expect.stringMatching(`${words[0]} can have no effect: profile "in" gets credentials from elsewhere`),
    ]);
  });

  test('but a region, where it is exported, and where STS takes a web identity', async () => {
    const web = `role_arn = ${open}\nweb_identity_token_file = ${at.home.write('token', 'token')}\n`;
    at.home.write('.aws/config', `[profile in]\nlogin_session = arn\n[profile web]\n${web}`);
    const region = ['--region', 'eu-west-1'];
    expect(await at.run(['env', 'in', ...region])).toMatchObject({ exit: 5 });
    expect(await at.run(['process', 'web', ...region])).toMatchObject({ exit: 5 });
    expect(await at.run(['process', 'web', '--sts-region', 'eu-west-1'])).toMatchObject({ exit: 5 });
  });

  describe('for temporary credentials of a program', () => {
    const program = (expiration: string) => {
      const keys = { AccessKeyId: 'ASIA0', SecretAccessKey: 's', SessionToken: 't', Expiration: expiration };
      const json = at.home.write('keys.json', JSON.stringify({ Version: 1, ...keys }));
      at.home.write(
        '.aws/config',
        `[profile p]\ncredential_process = cat ${json}\nmfa_serial = GAHT12345678\n[profile r]\nrole_arn = ${open}\nsource_profile = p\n`,
      );
    };

    test.for([
      ['p', '--duration', '10h'],
      ['p', '--sts-region', 'eu-west-1'],
      ['p', '--token-code', '123456'],
      ['p', '--serial-number', 'GAHT12345678'],
      ['r', '--token-code', '123456'],
    ])('%s %s', async ([profile = '', ...words]) => {
      program('2099-01-01T00:00:00Z');
      const { exit, stderr } = await at.run(['login', profile, ...words]);
      expect([exit, stderr[0], at.calls()]).toEqual([
        2,
        expect.stringMatching(`${words[0]} can have no effect: profile ".*" gets temporary credentials`),
        [],
      ]);
    });

    test('also when they are cached: the life that they were issued for is not known', async () => {
      program(new Date(Date.now() + 3_000_000).toISOString());
      expect(await at.run(['login', 'p'])).toMatchObject({ exit: 0 });
      expect(await at.run(['login', 'p', '--duration', '10h'])).toMatchObject({ exit: 2 });
    });
  });

  test('of long-term keys of a program the session lives as long as it was asked for, and is cached', async () => {
    const [{ id, secret }] = alice.accessKeys as [{ id: string; secret: string }];
    const json = at.home.write(
      'keys.json',
      JSON.stringify({ Version: 1, AccessKeyId: id, SecretAccessKey: secret }),
    );
    at.home.write(
      '.aws/config',
      `[profile p]\ncredential_process = cat ${json}\nmfa_serial = ${aliceSerial}\n`,
    );
    const argv = ['login', 'p', '--duration', '10h'];
    expect(await at.runWithCode(argv)).toMatchObject({ exit: 0 });
    expect(await at.run([...argv, '--no-prompt'])).toMatchObject({ exit: 0 });
  });

  test.for([
    ['--no-session'],
    ['--external-id', 'e-1'],
    ['--policy-arn', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
    ['--token-code', '123456'],
    ['--serial-number', 'GAHT12345678'],
  ])('%s for the console of a profile without a role', async (words) => {
    const { exit, stderr } = await at.run(['console', 'work', '--print', ...words]);
    expect([exit, stderr, at.calls()]).toEqual([
      2,
      [
        expect.stringContaining(`${words[0]} can have no effect: profile "work" has no role`),
        expect.anything(),
      ],
      [],
    ]);
  });

  test.for([
    'logout work --all',
    'logout --all --profile work',
    'keys store work --token-code 123456',
    'keys store work --to-file',
    'keys store --all --profile work',
    'keys remove work --region eu-west-1',
    'keys rotate work --store pass',
    'keys rotate work --yes',
    'write work --remove --duration 1h',
    'write work --remove --role-arn arn:aws:iam::123456789012:role/open',
    'write --setup --remove',
    'write --setup --token-code 123456',
    'write work --to a --short-term-suffix b',
    'setup --remove --csv keys.csv',
    'setup --no-rc --rc-file .bashrc',
    'env work --format ini --keep-profile',
    'env work --format process --keep-profile',
    'use - --profile work --shell zsh',
  ])('a word for another part of the command: %s', async (line) => {
    const { exit, stderr } = await at.run(line.split(' '));
    expect([exit, stderr[0], at.calls()]).toEqual([2, expect.stringContaining('--'), []]);
  });

  test('but the name of a section and a yes, where they are taken out again', async () => {
    const section = ['write', 'work', '--remove', '--to', 'work-file', '--no-prompt'];
    expect(await at.run(section)).toMatchObject({ exit: 0 });
    expect(await at.run(['setup', '--remove', '--yes'])).toMatchObject({ exit: 0 });
  });

  test('aws-mfa names its sessions with a role and without', async () => {
    at.home.write('.aws/credentials', files.credentials.replaceAll('[work]', '[work-long-term]'));
    const argv = ['write', '--aws-mfa', '--profile=work', '--role-session-name=ada', '--device'];
    const code = at.code();
    const serial = 'arn:aws:iam::123456789012:mfa/alice';
    expect(await at.run([...argv, serial, '--token-code', code])).toMatchObject({ exit: 0 });
  });
});

test('a role whose source is a session already: the code goes with AssumeRole, as botocore sends it', async () => {
  const { stdout } = await at.runWithCode(['env', 'work', '--format', 'json']);
  const env = JSON.parse(stdout);
  at.home.write(
    '.aws/config',
    `${files.config}[profile r]\nrole_arn = ${open}\ncredential_source = Environment\nmfa_serial = GAHT12345678\n`,
  );
  const setting = { env: { ...env, AWSMFA_PROFILE: '', AWS_PROFILE: '' } };
  expect(await at.run(['login', 'r', '--no-prompt'], setting)).toMatchObject({ exit: 4 });
  await at.run(['login', 'r', '--token-code', '123456'], setting);
  expect(at.calls().at(-1)).toMatchObject({
    action: 'AssumeRole',
    params: { SerialNumber: 'GAHT12345678', TokenCode: expect.anything() },
  });
});
