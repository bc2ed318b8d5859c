import { describe, expect, test } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import { judge, pythonWithBotocore } from '../../support/botocore.ts';
import { missing } from '../../support/shells.ts';
import { timeless } from '../../support/stage.ts';
import { ann, block, credentialsOf, dan, eve, keyOf, serialOf, setupStage, shortOf, tom } from './stage.ts';

const at = setupStage();

const code = (user: User) => at.sts.nextCode(serialOf(user));
const exported = (user: User) => ({
  AWS_ACCESS_KEY_ID: keyOf(user).id,
  AWS_SECRET_ACCESS_KEY: keyOf(user).secret,
});

describe('every answer is an option', () => {
  test('keys from a file', async () => {
    const argv = ['--profile', 'work', '--csv', at.csv(ann), '--region', 'eu-west-1', '--yes'];
    const { exit, stdout, stderr } = await at.run([...argv, '--token-code', code(ann)]);
    expect({ exit, stdout, said: timeless(stderr) }).toEqual({
      exit: 0,
      stdout: '',
      said: [
        `The access key ${shortOf(ann)} belongs to ann in account 123456789012`,
        'MFA device: arn:aws:iam::123456789012:mfa/ann',
        'Wrote the access key to [work] in ~/.aws/credentials',
        'Wrote region and mfa_serial of profile "work" to ~/.aws/config',
        'work: new session, 12h left (until TIME)',
        '~/keys.csv still has the secret in it: delete it if you no longer need it',
        'Wrote the shell integration to ~/.zshrc',
        "Open a new terminal, or run: source '/opt/awsmfa/shell/awsmfa.zsh'",
        'Then: awsmfa use work',
      ],
    });
    expect(at.read('.aws/config')).toBe(
      `[profile work]\nregion = eu-west-1\nmfa_serial = ${serialOf(ann)}\n`,
    );
    expect([at.read('.aws/credentials'), at.read('.zshrc')]).toEqual([credentialsOf('work', ann), block]);
  });

  test('keys and code from the environment, the device named, the rc file left alone', async () => {
    const env = { ...exported(dan), AWSMFA_TOKEN_CODE: code(dan), AWS_REGION: 'eu-west-3' };
    const argv = ['--serial-number', serialOf(dan), '--no-rc', '--no-prompt', '--quiet'];
    expect(await at.run(argv, { env })).toEqual({ exit: 0, stdout: '', stderr: [] });
    expect(at.read('.aws/config')).toBe(`[default]\nregion = eu-west-3\nmfa_serial = ${serialOf(dan)}\n`);
    expect([at.read('.aws/credentials'), at.read('.zshrc')]).toEqual([
      credentialsOf('default', dan),
      undefined,
    ]);
  });

  test('the guess for the device, with --yes', async () => {
    const env = { ...exported(eve), AWSMFA_TOKEN_CODE: code(eve) };
    expect(await at.run(['--yes'], { env })).toMatchObject({ exit: 0 });
    expect(at.read('.aws/config')).toBe(`[default]\nmfa_serial = ${serialOf(eve)}\n`);
  });

  test('another shell, and another rc file', async () => {
    const env = { ...exported(ann), AWSMFA_TOKEN_CODE: code(ann) };
    const argv = ['--yes', '--shell', 'fish', '--rc-file', `${at.home.path}/dots/my.fish`];
    expect(await at.run(argv, { env })).toMatchObject({ exit: 0 });
    const file = "'/opt/awsmfa/shell/awsmfa.fish'";
    expect(at.read('dots/my.fish')).toBe(
      `# >>> awsmfa >>>\ntest ! -f ${file}; or source ${file}\n# <<< awsmfa <<<\n`,
    );
  });

  test('in a shell that has no integration the way without one is said', async () => {
    const env = { ...exported(ann), AWSMFA_TOKEN_CODE: code(ann) };
    const { exit, stderr } = await at.run([], { env, ancestors: ['dash'] });
    expect({ exit, last: stderr.at(-1) }).toEqual({ exit: 0, last: 'Next: eval "$(awsmfa env default)"' });
  });
});

test('an rc file alone does not say for which shell', async () => {
  const { exit, stderr } = await at.run(['--yes', '--rc-file', '/tmp/x'], { ancestors: ['dash'] });
  expect({ exit, stderr }).toEqual({
    exit: 2,
    stderr: [
      'awsmfa: --rc-file: no shell with an integration runs awsmfa, so for which one is it?',
      '  Name it with --shell.',
    ],
  });
});

describe('an answer that is missing: status 4, its option, and nothing written', () => {
  const missing = async (argv: readonly string[], env = {}) => {
    const { exit, stderr } = await at.run(argv, { env });
    expect(at.read('.zshrc')).toBeUndefined();
    expect(at.read('.aws/config')).toBeUndefined();
    return { exit, said: stderr.slice(-2) };
  };

  test('keys', async () => {
    expect(await missing(['--yes'])).toEqual({
      exit: 4,
      said: [
        'awsmfa: An access key is needed, and there is no terminal to ask on',
        '  Give it with --csv FILE, or with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.',
      ],
    });
    expect(at.calls()).toEqual([]);
  });

  test('rc file', async () => {
    expect(await missing(['--no-prompt'], exported(ann))).toEqual({
      exit: 4,
      said: [
        'awsmfa: ~/.zshrc does not load the shell integration yet, and --no-prompt forbids asking',
        '  Add it with --yes, or leave the file alone with --no-rc.',
      ],
    });
    expect(at.read('.aws/credentials')).toBeUndefined();
  });

  test('device, where IAM does not tell', async () => {
    expect(await missing(['--no-rc'], exported(eve))).toEqual({
      exit: 4,
      said: [
        `awsmfa: AWS does not tell the MFA device of these keys; most likely it is ${serialOf(eve)}, and there is no terminal to ask on`,
        '  Give it with --serial-number ARN, or take the guess with --yes.',
      ],
    });
    expect(at.read('.aws/credentials')).toBeUndefined();
  });

  test('device, where there are several', async () => {
    expect(await missing(['--yes'], exported(tom))).toEqual({
      exit: 4,
      said: [
        'awsmfa: There are 2 MFA devices: arn:aws:iam::123456789012:mfa/old, arn:aws:iam::123456789012:mfa/new, and there is no terminal to ask on',
        '  Give it with --serial-number ARN.',
      ],
    });
    expect(at.read('.aws/credentials')).toBeUndefined();
  });

  test('code', async () => {
    const { exit, said } = await missing(['--yes'], exported(ann));
    expect({ exit, first: said[0] }).toEqual({
      exit: 4,
      first: expect.stringContaining('An MFA code is needed'),
    });
    expect(at.read('.aws/credentials')).toBeUndefined();
  });

  test('which of several profiles', async () => {
    at.home.write('.aws/credentials', `${credentialsOf('a', ann)}${credentialsOf('b', dan)}`);
    expect(await missing(['--no-rc'])).toEqual({
      exit: 4,
      said: [
        'awsmfa: There are 2 profiles with access keys (a, b), and there is no terminal to ask on',
        '  Name one: --profile NAME',
      ],
    });
  });

  test('a name for keys beside those of another', async () => {
    at.home.write('.aws/credentials', `${credentialsOf('default', dan)}${credentialsOf('ann', dan)}`);
    expect(await missing(['--no-rc', '--csv', at.csv(ann)])).toEqual({
      exit: 4,
      said: [
        'awsmfa: The profile of the new access key needs a name, and there is no terminal to ask on',
        '  Give it with --profile NAME.',
      ],
    });
  });
});

describe('wrong options', () => {
  test.for([
    [['--shell', 'dash'], 2, '--shell: there is no integration for "dash"'],
    [['--region', 'eu west'], 2, '--region: "eu west" is no region'],
    [
      ['--profile', 'a]b'],
      3,
      '--profile: "a]b" cannot be the name of a profile: it has ] or a line break, or is DEFAULT',
    ],
    [
      ['--profile', 'a\nb'],
      3,
      '--profile: "a?b" cannot be the name of a profile: it has ] or a line break, or is DEFAULT',
    ],
    [
      ['--profile', 'DEFAULT'],
      3,
      '--profile: "DEFAULT" cannot be the name of a profile: it has ] or a line break, or is DEFAULT',
    ],
    [['--profile', ' x '], 3, '--profile: " x " would not be read back as the same name'],
    [
      ['--serial-number', 'arn:aws:iam::123456789012:user/ann'],
      3,
      '--serial-number: arn:aws:iam::123456789012:user/ann is a user, not an MFA device',
    ],
  ] as const)('%j', async ([argv, exit, message]) => {
    const env = { ...exported(ann), AWSMFA_TOKEN_CODE: '123456' };
    const result = await at.run([...argv, ...(argv[0] === '--shell' ? [] : ['--no-rc'])], { env });
    expect({ exit: result.exit, message: result.stderr.at(-2) }).toEqual({
      exit,
      message: `awsmfa: ${message}`,
    });
    expect(at.read('.aws/credentials')).toBeUndefined();
  });

  test('a file that is none', async () => {
    const { exit, stderr } = await at.run(['--csv', '/nowhere/keys.csv', '--no-rc']);
    expect({ exit, first: stderr[0] }).toEqual({
      exit: 3,
      first: 'awsmfa: Cannot read /nowhere/keys.csv: there is no such file',
    });
  });

  test('a code that AWS refuses: what was written is said, and can be gone on from', async () => {
    const env = { ...exported(ann), AWSMFA_TOKEN_CODE: '000000' };
    const { exit, stderr } = await at.run(['--no-rc'], { env });
    expect({ exit, wrote: stderr.filter((line) => line.startsWith('Wrote')) }).toEqual({
      exit: 5,
      wrote: [
        'Wrote the access key to [default] in ~/.aws/credentials',
        'Wrote mfa_serial of profile "default" to ~/.aws/config',
      ],
    });
    at.sts.forgetSpentCodes();
    expect(await at.run(['--yes'], { env: { AWSMFA_TOKEN_CODE: code(ann) } })).toMatchObject({ exit: 0 });
  });
});

test.for(['my "own" profile', "o'neill", 'a b', 'ключ', 'x.y'])(
  'a profile may be called %j, and the AWS CLI finds it',
  async (name, context) => {
    const env = { ...exported(ann), AWSMFA_TOKEN_CODE: code(ann) };
    const argv = ['--profile', name, '--region', 'eu-west-1', '--no-rc', '--credential-process'];
    const { exit, stderr } = await at.run(argv, { env });
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    // Everything is found again: no question, no call, nothing written.
    const state = at.state();
    const again = ['--profile', name, '--no-rc', '--credential-process', '--no-prompt'];
    expect(await at.run(again)).toMatchObject({ exit: 0 });
    expect(at.state()).toEqual(state);

    const python = pythonWithBotocore() ?? missing('python3 with botocore', context);
    const { config, credentials } = at.home;
    const [judgement] = judge(python, [{ config, credentials }]);
    const word = /^[\w.]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
    expect(judgement?.merged).toEqual({
      [name]: {
        aws_access_key_id: keyOf(ann).id,
        aws_secret_access_key: keyOf(ann).secret,
        region: 'eu-west-1',
        mfa_serial: serialOf(ann),
      },
      [`${name}-mfa`]: { credential_process: `awsmfa process --profile ${word}`, region: 'eu-west-1' },
    });
  },
);
