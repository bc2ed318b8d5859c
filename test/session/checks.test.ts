import { describe, expect, test } from 'vitest';
import { roles } from '../../tools/local-sts/sample.ts';
import { files, stage } from '../support/stage.ts';

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

  test.for([
    ['--duration', '2h'],
    ['--sts-region', 'eu-west-1'],
    ['--token-code', '123456'],
    ['--serial-number', 'GAHT12345678'],
  ] as const)('%s for credentials that come from elsewhere', async ([option, value]) => {
    at.home.write('.aws/config', '[profile in]\nlogin_session = arn\n');
    const { exit, stderr } = await at.run(['login', 'in', option, value]);
    expect([exit, stderr[0]]).toEqual([2, expect.stringContaining(`${option} can have no effect`)]);
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
