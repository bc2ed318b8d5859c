import { describe, expect, test } from 'vitest';
import { stage, timeless } from '../support/stage.ts';

const at = stage();

describe('without the integration', () => {
  test.for([
    [
      'bash',
      "If this shell has none, run awsmfa setup, or add to ~/.bashrc: [ ! -f '/opt/awsmfa/shell/awsmfa.bash' ] || source '/opt/awsmfa/shell/awsmfa.bash'",
    ],
    [
      'zsh',
      "If this shell has none, run awsmfa setup, or add to ~/.zshrc: [ ! -f '/opt/awsmfa/shell/awsmfa.zsh' ] || source '/opt/awsmfa/shell/awsmfa.zsh'",
    ],
    [
      'fish',
      "If this shell has none, run awsmfa setup, or add to ~/.config/fish/config.fish: test ! -f '/opt/awsmfa/shell/awsmfa.fish'; or source '/opt/awsmfa/shell/awsmfa.fish'",
    ],
    ['dash', 'There is none for this shell. Use: eval "$(awsmfa env)"'],
    ['tcsh', 'There is none for this shell. Use: eval "`awsmfa env`"'],
    ['elvish', 'There is none for this shell. Use: eval (awsmfa env | slurp)'],
    ['xonsh', 'There is none for this shell. Use: execx($(awsmfa env))'],
  ] as const)('%s is told what to do, and nothing is done', async ([shell, hint]) => {
    for (const [argv, command] of [
      [[], 'use'],
      [['use', 'work'], 'use'],
      [['--profile', 'work'], 'use'],
      [['clear'], 'clear'],
    ] as const) {
      const env = { AWS_PROFILE: 'work' };
      expect(await at.runWithCode(argv, { ancestors: ['node', shell, 'tmux'], env })).toEqual({
        exit: 1,
        stdout: '',
        stderr: [
          `awsmfa: awsmfa ${command} changed nothing: it was not called through the shell function`,
          `  ${hint}`,
        ],
      });
    }
    expect(at.calls()).toEqual([]);
  });
});

test('a shell that awsmfa has no code for, and one that cannot be seen', async () => {
  const other = await at.run(['use', 'work'], { ancestors: ['osh'] });
  expect(other).toEqual({
    exit: 2,
    stdout: '',
    stderr: [
      'awsmfa: awsmfa does not write code for osh, the shell that runs it',
      '  Use awsmfa exec PROFILE -- COMMAND, or data: awsmfa env --format json',
    ],
  });
  // It is not known either what would make its eval fail.
  expect(await at.run(['env', 'work'], { platform: 'win32', ancestors: [] })).toEqual({
    exit: 2,
    stdout: '',
    stderr: [
      'awsmfa: awsmfa env: which shell runs it cannot be seen here',
      '  Name it: --shell cmd, --shell powershell, --shell bash.',
    ],
  });
});

describe('called by the integration', () => {
  test('it prints the code of env, and says what was done', async () => {
    const { exit, stdout, stderr } = await at.runWithCode(['use', 'work', '--shell', 'zsh']);
    expect({ exit, stderr: timeless(stderr) }).toEqual({
      exit: 0,
      stderr: ['work: new session, 12h left (until TIME)'],
    });
    expect((await at.run(['env', 'work', '--shell', 'zsh'])).stdout).toBe(stdout);
    const again = await at.run(['--shell', 'zsh', '--profile', 'work']);
    expect({ ...again, stderr: timeless(again.stderr) }).toEqual({
      exit: 0,
      stdout,
      stderr: ['work: session, 12h left (until TIME)'],
    });
    expect((await at.run(['use', 'work', '--shell', 'zsh', '--quiet'])).stderr).toEqual([]);
  });

  test('a shell that is none is wrong usage', async () => {
    for (const shell of ['nosuch', 'toString', '', 'a\u001bb']) {
      const { exit, stdout } = await at.run(['use', 'work', `--shell=${shell}`]);
      expect([exit, stdout]).toEqual([2, 'false\n']);
    }
  });
});

describe('clear', () => {
  test('prints what takes the session out, for this shell', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'ASIAX',
      AWS_SECRET_ACCESS_KEY: 'secret-x',
      AWS_SESSION_TOKEN: 'token-x',
      AWSMFA_PROFILE: 'work',
      AWSMFA_RESTORE: 'AWS_PROFILE=it%27s',
    };
    expect(await at.run(['clear', '--shell', 'sh'], { env })).toEqual({
      exit: 0,
      stdout:
        '\\unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWSMFA_PROFILE AWSMFA_EXPIRES_AT AWSMFA_RESTORE;\n' +
        `\\export AWS_PROFILE='it'\\''s';\n`,
      stderr: ['work: taken out of this shell'],
    });
  });

  test('has nothing to say to a shell that holds none', async () => {
    expect(await at.run(['clear', '--shell', 'bash'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: ['This shell holds no session'],
    });
  });

  test('works with a config that cannot be read', async () => {
    const env = { AWS_CONFIG_FILE: at.home.path, AWSMFA_PROFILE: 'a\u001b[2Jb' };
    const { exit, stdout, stderr } = await at.run(['clear', '--shell', 'bash', '--quiet'], { env });
    expect({ exit, unset: stdout.includes('AWSMFA_PROFILE'), stderr }).toEqual({
      exit: 0,
      unset: true,
      stderr: [],
    });
    expect((await at.run(['clear', '--shell', 'bash'], { env })).stderr).toEqual([
      'a?[2Jb: taken out of this shell',
    ]);
  });
});
