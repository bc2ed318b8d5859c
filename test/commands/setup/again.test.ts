import { describe, expect, test } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import { passStage } from '../../support/key-stores.ts';
import { needs } from '../../support/shells.ts';
import { fakeTerminal } from '../../support/world.ts';
import { ann, block, credentialsOf, dan, keyOf, serialOf, setupStage, shortOf, tom } from './stage.ts';

const at = setupStage();

const enter = '\r';
const down = '\u001b[B';
const code = (user: User) => at.sts.nextCode(serialOf(user));
const keys = (user: User) => [`${keyOf(user).id}\r`, `${keyOf(user).secret}\r`];
const exported = (user: User) => ({
  AWS_ACCESS_KEY_ID: keyOf(user).id,
  AWS_SECRET_ACCESS_KEY: keyOf(user).secret,
});

const config = `[profile work]\nregion=eu-west-1 \nmfa_serial = ${serialOf(ann)}\n`;

describe('what is there already', () => {
  test('is left alone, and nobody is asked or called', async () => {
    const argv = ['--profile', 'work', '--csv', at.csv(ann), '--region', 'eu-west-1', '--yes'];
    expect(await at.run([...argv, '--token-code', code(ann)])).toMatchObject({ exit: 0 });
    const [state, calls] = [at.state(), at.calls().length];
    const { exit, stderr } = await at.run(['--profile', 'work'], { terminal: fakeTerminal() });
    expect({ exit, said: [stderr[0]?.replace(/, .*/, ''), ...stderr.slice(1)] }).toEqual({
      exit: 0,
      said: [
        'work: session',
        '~/.zshrc loads the shell integration already',
        'All of it was there already: nothing is changed',
        "Open a new terminal, or run: source '/opt/awsmfa/shell/awsmfa.zsh'",
        'Then: awsmfa use work',
      ],
    });
    expect([at.state(), at.calls().length]).toEqual([state, calls]);

    // Without the name one question, which Enter answers.
    const terminal = fakeTerminal(enter);
    expect(await at.run([], { terminal })).toMatchObject({ exit: 0 });
    expect(terminal.shown()).toContain(`profile work (${shortOf(ann)})`);
    expect([at.state(), at.calls().length]).toEqual([state, calls]);
  });

  test('is completed: device and region of a profile that has only keys', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', '# mine\n[profile work] # it\noutput = json\n');
    const terminal = fakeTerminal(enter, 'eu-west-2\r', `${code(ann)}\r`, enter);
    expect(await at.run([], { terminal })).toMatchObject({ exit: 0 });
    expect(at.read('.aws/config')).toBe(
      `# mine\n[profile work] # it\noutput = json\nregion = eu-west-2\nmfa_serial = ${serialOf(ann)}\n`,
    );
    expect(at.read('.aws/credentials')).toBe(credentialsOf('work', ann));
  });

  test('aws-mfa: the keys of [NAME-long-term] are those of NAME', async () => {
    const credentials = `${credentialsOf('work-long-term', ann)}aws_mfa_device = ${serialOf(ann)}\n\n${credentialsOf('work', tom).replace('AKIA', 'ASIA')}aws_session_token = canary-session-token\n`;
    at.home.write('.aws/credentials', credentials);
    const terminal = fakeTerminal(enter, 'none\r', `${code(ann)}\r`);
    expect(await at.run(['--no-rc'], { terminal })).toMatchObject({ exit: 0 });
    expect(terminal.shown()).toContain(`profile work (${shortOf(ann)})`);
    expect(terminal.shown()).not.toContain('profile work-long-term');
    expect([at.read('.aws/credentials'), at.read('.aws/config')]).toEqual([credentials, undefined]);
  });

  test.for([
    ['work', ''],
    ['aws-mfa’s work', '-long-term'],
  ] as const)('other keys go over those of %s with --overwrite, as the refusals say', async ([, suffix]) => {
    at.home.write(
      '.aws/credentials',
      `# mine\n${credentialsOf(`work${suffix}`, dan).replace('canary', 'another')}`,
    );
    const refused = await at.run(['--profile', 'work', '--no-rc'], { terminal: fakeTerminal() });
    expect({ exit: refused.exit, hint: refused.stderr.at(-1) }).toEqual({
      exit: 5,
      hint: '  Copy the pair of keys again: awsmfa setup --profile work --overwrite',
    });
    const terminal = fakeTerminal(...keys(ann), 'none\r', `${code(ann)}\r`);
    const { exit } = await at.run(['--profile', 'work', '--overwrite', '--no-rc'], { terminal });
    expect({ exit, left: terminal.left(), credentials: at.read('.aws/credentials') }).toEqual({
      exit: 0,
      left: [],
      credentials: `# mine\n${credentialsOf(`work${suffix}`, ann)}`,
    });
  });

  test('a region is added without a question but for the code, as it is said where one is missing', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    const first = fakeTerminal('none\r', `${code(ann)}\r`);
    const { stderr } = await at.run(['--profile', 'work', '--no-rc'], { terminal: first });
    expect(stderr).toContain('No region yet; to set one: awsmfa setup --profile work --region eu-west-1');
    const argv = ['--profile', 'work', '--region', 'eu-west-1', '--no-rc'];
    expect(await at.run(argv, { terminal: fakeTerminal(`${code(ann)}\r`) })).toMatchObject({ exit: 0 });
    expect(at.read('.aws/config')).toContain('region = eu-west-1\n');
  });

  test('a device that is none: IAM knows better, and it is corrected where it stands', async () => {
    at.home.write(
      '.aws/credentials',
      `${credentialsOf('work', ann)}mfa_serial = arn:aws:iam::123456789012:user/ann\n`,
    );
    const argv = ['--profile', 'work', '--no-rc', '--token-code', code(ann)];
    const { exit, stderr } = await at.run(argv);
    expect({ exit, first: stderr[0] }).toEqual({
      exit: 0,
      first: 'mfa_serial of profile "work": arn:aws:iam::123456789012:user/ann is a user, not an MFA device',
    });
    expect(at.read('.aws/credentials')).toBe(`${credentialsOf('work', ann)}mfa_serial = ${serialOf(ann)}\n`);
    expect(at.read('.aws/config')).toBeUndefined();
  });

  test('the keys of a profile, typed again, are that profile', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', config);
    const terminal = fakeTerminal(`${down}${enter}`, ...keys(ann), `${code(ann)}\r`);
    expect(await at.run(['--no-rc'], { terminal })).toMatchObject({ exit: 0 });
    expect([at.read('.aws/credentials'), at.read('.aws/config')]).toEqual([
      credentialsOf('work', ann),
      config,
    ]);
  });
});

test(
  'no to the key store: the secret stays in the file, and how to store it is said',
  needs('pass', async () => {
    const store = passStage();
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', config);
    const { HOME: _, ...env } = store.env;
    const terminal = fakeTerminal(enter, `${code(ann)}\r`, 'n\r');
    const { exit, stderr } = await at.run(['--no-rc'], { terminal, env });
    store.remove();
    expect({ exit, said: stderr }).toEqual({
      exit: 0,
      said: expect.arrayContaining(['To do it later: awsmfa keys store work']),
    });
    expect(at.read('.aws/credentials')).toBe(credentialsOf('work', ann));
  }),
);

test('no to other keys for a profile that is named ends it, and nothing is written', async () => {
  at.home.write('.aws/credentials', credentialsOf('work', ann));
  const argv = ['--profile', 'work', '--csv', at.csv(tom), '--no-rc'];
  const { exit, stderr } = await at.run(argv, { terminal: fakeTerminal('n\r') });
  expect({ exit, error: stderr.at(-2) }).toEqual({
    exit: 130,
    error: 'awsmfa: Cancelled: nothing was written',
  });
  expect(at.read('.aws/credentials')).toBe(credentialsOf('work', ann));
});

test('a secret that was wrong is corrected in its profile', async () => {
  const wrong = credentialsOf('work', ann).replace('canary+ann', 'canary+bad');
  at.home.write('.aws/credentials', `${credentialsOf('other', dan)}${wrong}`);
  at.home.write('.aws/config', config);
  const terminal = fakeTerminal(`${down}${down}${enter}`, ...keys(ann), enter, `${code(ann)}\r`);
  expect(await at.run(['--no-rc'], { terminal })).toMatchObject({ exit: 0 });
  expect(terminal.shown()).toContain('Name of its profile: (work)');
  expect(at.read('.aws/credentials')).toBe(`${credentialsOf('other', dan)}${credentialsOf('work', ann)}`);
  expect(at.read('.aws/config')).toBe(config);
});

test('who has keys is asked for the device and the region', async () => {
  at.home.write('.aws/credentials', credentialsOf('work', tom));
  const terminal = fakeTerminal(enter, enter, 'eu-west-3\r', `${code(tom)}\r`, enter);
  expect(await at.run([], { terminal })).toMatchObject({ exit: 0 });
  expect(at.read('.aws/config')).toBe(
    '[profile work]\nregion = eu-west-3\nmfa_serial = arn:aws:iam::123456789012:mfa/old\n',
  );
});

describe('a second user', () => {
  test('is proposed by his name, and asked for', async () => {
    at.home.write('.aws/credentials', credentialsOf('default', ann));
    const terminal = fakeTerminal(
      `${down}${enter}`,
      ...keys(dan),
      enter,
      `${serialOf(dan)}\r`,
      `${code(dan)}\r`,
    );
    expect(await at.run(['--no-rc'], { terminal })).toMatchObject({ exit: 0 });
    expect(terminal.shown()).toContain('Name of its profile: (dan)');
    expect(at.read('.aws/credentials')).toBe(
      `${credentialsOf('default', ann)}\n${credentialsOf('dan', dan)}`,
    );
  });

  test('does not take the place of the first without a yes', async () => {
    at.home.write('.aws/credentials', credentialsOf('default', ann));
    const terminal = fakeTerminal(`${down}${enter}`, ...keys(dan), 'default\r', enter, 'other\r', '\u0003');
    expect(await at.run(['--no-rc'], { terminal })).toMatchObject({ exit: 130 });
    expect(terminal.shown()).toContain(
      `Profile "default" has another access key, ${shortOf(ann)}. Replace it? (y/N)`,
    );
    expect(at.read('.aws/credentials')).toBe(credentialsOf('default', ann));
  });

  test('does with a yes, and no token of a session stays behind', async () => {
    at.home.write(
      '.aws/credentials',
      `${credentialsOf('default', ann).replace('AKIA', 'ASIA')}aws_session_token = canary-token\n`,
    );
    const terminal = fakeTerminal(
      ...keys(tom),
      'default\r',
      'y\r',
      enter,
      `${at.sts.nextCode(serialOf(tom))}\r`,
    );
    expect(await at.run(['--no-rc'], { terminal })).toMatchObject({ exit: 0 });
    expect(at.read('.aws/credentials')).toBe(credentialsOf('default', tom));
  });

  test('in place of the first, unattended: with --overwrite', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', config);
    const argv = ['--profile', 'work', '--csv', at.csv(dan), '--no-rc'];
    const refused = await at.run(argv);
    expect({
      exit: refused.exit,
      said: refused.stderr.slice(-2),
      credentials: at.read('.aws/credentials'),
    }).toEqual({
      exit: 4,
      said: [
        `awsmfa: Profile "work" has another access key, ${shortOf(ann)}, and there is no terminal to ask on`,
        '  Replace it with --overwrite, or name another profile with --profile.',
      ],
      credentials: credentialsOf('work', ann),
    });
    const device = ['--serial-number', serialOf(dan), '--token-code', code(dan)];
    expect(await at.run([...argv, '--overwrite', ...device])).toMatchObject({ exit: 0 });
    expect(at.read('.aws/credentials')).toBe(credentialsOf('work', dan));
    expect(at.read('.aws/config')).toBe(config.replace(serialOf(ann), serialOf(dan)));
  });

  test('keys of a new user do not take over the device of the old one', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', dan));
    at.home.write('.aws/config', config.replace(serialOf(ann), serialOf(dan)));
    const argv = ['--profile', 'work', '--csv', at.csv(ann), '--no-rc', '--overwrite'];
    expect(await at.run([...argv, '--token-code', code(ann)])).toMatchObject({ exit: 0 });
    expect(at.read('.aws/config')).toBe(config);
  });

  test('keys in the environment beside those of the profile that is named: neither is guessed', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    const { exit, stderr } = await at.run(['--profile', 'work', '--no-rc'], { env: exported(dan) });
    expect({ exit, stderr }).toEqual({
      exit: 3,
      stderr: [
        `awsmfa: Profile "work" has the access key ${shortOf(ann)}, and the environment another one, ${shortOf(dan)}`,
        '  Unset AWS_ACCESS_KEY_ID to set up the profile as it is, or replace its keys with --overwrite.',
      ],
    });
  });
});

describe('a name that is taken by a profile of another kind', () => {
  test.for([
    [
      'role',
      'role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = work',
      'role); its access key is that of "work"',
    ],
    ['process', 'credential_process = /bin/true', 'process)'],
  ] as const)('%s', async ([, lines, what]) => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', `[profile it]\n${lines}\n`);
    const state = at.state();
    const { exit, stderr } = await at.run([
      '--profile',
      'it',
      '--csv',
      at.csv(dan),
      '--no-rc',
      '--overwrite',
    ]);
    expect({ exit, said: stderr.at(-2) }).toEqual({
      exit: 3,
      said: `awsmfa: --profile: "it" is a profile of another kind (${what}`,
    });
    expect(at.state()).toEqual(state);
  });
});

describe('--credential-process', () => {
  test('says which variables of this shell come before the new profile', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_SESSION_TOKEN: 't',
      AWS_DEFAULT_PROFILE: 'x',
      AWSMFA_TOKEN_CODE: code(ann),
    };
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', config);
    const { exit, stderr } = await at.run(['--profile', 'work', '--no-rc', '--credential-process'], { env });
    expect([exit, stderr]).toEqual([
      0,
      expect.arrayContaining([
        'Programs use it with AWS_PROFILE=work-mfa; in this shell AWS_ACCESS_KEY_ID, AWS_DEFAULT_PROFILE come before it: unset them',
      ]),
    ]);
  });
  const run = (argv: readonly string[] = []) =>
    at.run(['--profile', 'work', '--no-rc', '--credential-process', ...argv], {
      env: { AWSMFA_TOKEN_CODE: code(ann) },
    });

  test('adds the profile that serves every SDK, once', async () => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write('.aws/config', config);
    expect(await run()).toMatchObject({ exit: 0 });
    const after = `${config}\n[profile work-mfa]\ncredential_process = awsmfa process --profile work\nregion = eu-west-1\n`;
    expect(at.read('.aws/config')).toBe(after);
    expect((await run()).stderr).toContain('All of it was there already: nothing is changed');
    expect(at.read('.aws/config')).toBe(after);
  });

  test.for([
    ['.aws/credentials', `${credentialsOf('work', ann)}${credentialsOf('work-mfa', dan)}`],
    ['.aws/config', '[profile work-mfa]\ncredential_process = other\n'],
    ['.aws/config', '[profile work-mfa]\nrole_arn = x\n'],
  ] as const)('does not touch one of this name that is something else: %s', async ([file, text]) => {
    at.home.write('.aws/credentials', credentialsOf('work', ann));
    at.home.write(file, text);
    const state = at.state();
    const { exit, stderr } = await run();
    expect({ exit, said: stderr.at(-2) }).toEqual({
      exit: 3,
      said: 'awsmfa: --credential-process: there is a profile "work-mfa" already, and it gets its credentials otherwise',
    });
    expect(at.state()).toEqual(state);
  });
});

test('a name that no command can hold is said before anything is written', async () => {
  const argv = ['--profile', 'a #b', '--csv', at.csv(ann), '--no-rc', '--credential-process'];
  const { exit, stderr } = await at.run([...argv, '--token-code', code(ann)]);
  expect({ exit, said: stderr.at(-2), credentials: at.read('.aws/credentials') }).toEqual({
    exit: 3,
    said: `awsmfa: The value of credential_process has a part that would be a comment (${at.home.config})`,
    credentials: undefined,
  });
});

test('a file that cannot be read ends it before anything is asked', async () => {
  at.home.write('.aws/config', 'no header\n');
  const terminal = fakeTerminal();
  expect(await at.run([], { terminal })).toMatchObject({ exit: 3 });
  expect(terminal.shown()).toBe('');
});

test('a block that is already there is no reason to ask', async () => {
  at.home.write('.zshrc', block);
  const env = { ...exported(ann), AWSMFA_TOKEN_CODE: code(ann) };
  expect(await at.run(['--no-prompt'], { env })).toMatchObject({ exit: 0 });
  expect(at.read('.zshrc')).toBe(block);
});
