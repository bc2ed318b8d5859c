import { describe, expect, test } from 'vitest';
import { commandNames } from '../../src/cli/commands.ts';
import { run } from '../support/world.ts';

describe('wrong usage: status 2, and a sentence', () => {
  const lines: readonly (readonly string[])[] = [
    ['nonsense'],
    ['work'],
    ['env', 'a', 'b'],
    ['clear', 'work'],
    ['--nonsense'],
    ['env', '--nonsense=x'],
    ['env', '-x'],
    ['login', '--shell', 'bash'],
    ['env', '--all'],
    ['env', '--profile'],
    ['env', '--profile', '--quiet'],
    ['env', '--profile.x=y'],
    ['env', '--refresh=maybe'],
    ['env', '--shell', 'nosuch'],
    ['env', '--format', 'nosuch'],
    ['env', '--shell', 'bash', '--format', 'env'],
    ['env', '--', 'a', 'b'],
    ['env', '--scope', 'a b'],
    ['--to', 'x'],
    ['keys', 'store', 'a', 'b'],
    ['completion'],
    ['completion', 'tcsh'],
    ['exec', '--bind', '127.0.0.1', 'work', '--', 'true'],
    ['exec', '--serve', '--keep-profile', 'work', '--', 'true'],
    ['a\u001b[2Jb\n'],
    ['env', '--a\u001b[2Jb'],
  ];
  test.for(lines.map((argv) => [argv.join(' '), argv] as const))('awsmfa %s', async ([, argv]) => {
    const { exit, stdout, stderr } = await run(argv);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: argv[0] === 'env' ? 'false\n' : '' });
    expect(stderr.join('\n')).toMatchSnapshot();
  });

  test.for(['--profile=', '--profile'])('%s with nothing after it names no other profile', async (option) => {
    const argv = ['logout', ...(option.endsWith('=') ? [option] : [option, ''])];
    const { exit } = await run(argv, { env: { AWS_PROFILE: 'nobody' } });
    expect(exit).toBe(2);
  });

  test('as JSON: one object on stderr', async () => {
    const { exit, stderr } = await run(['env', '--json', '--nonsense']);
    expect({ exit, lines: stderr.length, ...JSON.parse(stderr[0] ?? '') }).toEqual({
      exit: 2,
      lines: 1,
      error: {
        code: 'usage',
        message: expect.stringContaining('nonsense'),
        hint: 'See: awsmfa env --help',
      },
    });
  });
});

describe('help', () => {
  test('of everything goes to stdout', async () => {
    const { exit, stdout, stderr } = await run(['--help']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: [] });
    expect(stdout).toMatchSnapshot();
    expect((await run(['-h'])).stdout).toBe(stdout);
  });

  test.for(commandNames)('of %s: to stdout, which may be a pager', async (command) => {
    const { exit, stdout, stderr } = await run([command, '--help']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: [] });
    expect(stdout).toMatchSnapshot();
    expect(await run(['help', command])).toEqual({ exit: 0, stdout, stderr });
  });

  test('by a command too, and the version', async () => {
    expect(await run(['help'])).toEqual(await run(['--help']));
    expect(await run(['version'])).toEqual(await run(['--version']));
    const { exit, stderr } = await run(['help', 'lsit']);
    expect({ exit, stderr }).toEqual({
      exit: 2,
      stderr: ['awsmfa: There is no command "lsit"; did you mean list?', '  See: awsmfa --help'],
    });
  });

  test('of aws-mfa has its name and its options', async () => {
    const { stdout } = await run(['write', '--aws-mfa', '--help']);
    expect(stdout).toMatch(/^Usage: aws-mfa \[options\]/);
    expect((await run(['write', '--aws-mfa', '--bogus'])).stderr[1]).toBe('  See: aws-mfa --help');
    for (const option of [
      '--device ARN',
      '--token CODE',
      '--assume-role ARN',
      '--force',
      '--long-term-suffix',
    ]) {
      expect(stdout).toContain(option);
    }
    expect(stdout).not.toMatch(/--(?:no-session|policy|all)\b/);
  });

  test('asked for by the integration goes to stderr', async () => {
    for (const argv of [
      ['--shell', 'zsh', '--help'],
      ['use', '--shell', 'zsh', '-h', 'a', 'b', 'c'],
    ]) {
      expect(await run(argv)).toMatchObject({
        exit: 0,
        stdout: '',
        stderr: [expect.stringContaining('Usage:')],
      });
    }
  });

  test('fits into 100 columns', async () => {
    for (const argv of [['--help'], ...commandNames.map((name) => [name, '--help'])]) {
      const { stdout, stderr } = await run(argv);
      const wide = [...stdout.split('\n'), ...stderr.join('\n').split('\n')].filter(
        (line) => line.length > 100,
      );
      expect(wide).toEqual([]);
    }
  });
});

test('the version', async () => {
  expect(await run(['--version'])).toEqual({ exit: 0, stdout: '1.2.3\n', stderr: [] });
  expect(await run(['use', '--version', '--shell', 'zsh'])).toEqual({
    exit: 0,
    stdout: '',
    stderr: ['1.2.3'],
  });
});

describe('an error belongs to the command of its command line', () => {
  test('and not to a profile that is called like a command', async () => {
    const { exit, stdout, stderr } = await run(['--profile', 'process', 'env']);
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: 'false\n' });
    expect(stderr).toEqual([
      expect.stringMatching(/^awsmfa: No profile "process" \(from --profile\)/),
      expect.stringMatching(/^ {2}/),
    ]);
  });

  test.for<readonly [string, ...string[]]>([
    ['process', '--nonsense'],
    ['process', '--profile', 'env', '--duration'],
  ])('%s: one line for process', async (argv) => {
    const { exit, stdout, stderr } = await run(argv);
    expect({ exit, stdout, lines: stderr.length }).toEqual({ exit: 2, stdout: '', lines: 1 });
  });

  test('and the options behind a wrong one count', async () => {
    const { exit, stdout, stderr } = await run(['use', '--nonsense', 'work', '--shell', 'fish', '--json']);
    expect({ exit, stdout, lines: stderr.length }).toEqual({ exit: 2, stdout: 'false\n', lines: 1 });
    expect(JSON.parse(stderr[0] ?? '')).toMatchObject({ error: { code: 'usage' } });
  });
});
