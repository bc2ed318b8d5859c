import { describe, expect, test } from 'vitest';
import { stage } from '../support/stage.ts';

const at = stage();

/** With a code that would be taken: what is refused here is refused before it is spent. */
const refused = async (argv: readonly string[], env: Record<string, string> = {}) => {
  const { exit, stdout, stderr } = await at.runWithCode(['exec', ...argv], {
    env: { AWSMFA_TOKEN_CODE: at.code(), PATH: '/usr/bin:/bin', ...env },
  });
  expect({ stdout, calls: at.calls() }).toEqual({ stdout: '', calls: [] });
  return { exit, stderr };
};

describe('before a code is asked for', () => {
  test('a command that is not there: 127', async () => {
    expect(await refused(['work', 'no-such-command', '-x'])).toEqual({
      exit: 127,
      stderr: [
        'awsmfa: "no-such-command": there is no such command on PATH',
        '  Aliases and functions of a shell are no programs: name the program itself, or run it by a shell.',
      ],
    });
    expect(await refused(['work', '--', './no/such/file'])).toMatchObject({
      exit: 127,
      stderr: [
        'awsmfa: "./no/such/file": there is no such file',
        expect.stringContaining('Correct the path'),
      ],
    });
    expect(await refused(['work', 'ls'], { PATH: '/no/such/directory::' })).toMatchObject({ exit: 127 });
    expect(await refused(['work', ''])).toMatchObject({ exit: 127 });
    expect((await refused(['work', 'a\u001b[2Jb'])).stderr[0]).toContain('"a?[2Jb"');
  });

  test('one that cannot be run: 126', async () => {
    at.home.write('bin/plain', '#!/bin/sh\n');
    const path = { PATH: `${at.home.path}/bin` };
    expect(await refused(['work', 'plain'], path)).toMatchObject({
      exit: 126,
      stderr: ['awsmfa: "plain" cannot be run: it is not executable', expect.anything()],
    });
    expect(await refused(['work'], { SHELL: at.home.path })).toMatchObject({ exit: 126 });
  });

  test('none at all, and a SHELL that is not there: 127, and who names it', async () => {
    expect(await refused(['work'], { SHELL: '/no/such/shell' })).toEqual({
      exit: 127,
      stderr: [
        'awsmfa: "/no/such/shell": there is no such file',
        '  That is what SHELL names. Correct it, or write the command behind the profile.',
      ],
    });
  });

  test('none at all, and no SHELL: 2', async () => {
    expect(await refused(['work'])).toEqual({
      exit: 2,
      stderr: [
        'awsmfa: exec has no command to run, and SHELL names no shell to start instead',
        '  Write the command behind the profile: awsmfa exec PROFILE -- COMMAND …',
      ],
    });
    expect(await refused(['work', '--'], { SHELL: '' })).toMatchObject({ exit: 2 });
  });

  test('a command in the place of the profile: 3, and how to write it', async () => {
    const { exit, stderr } = await refused(['ls', 'secret', '-l']);
    expect({ exit, hint: stderr[1] }).toEqual({
      exit: 3,
      hint: '  Your profiles: work, play. If it is the command, write: awsmfa exec -- ls …',
    });
    expect((await refused(['nobody', 'ls'])).stderr[1]).toBe('  Your profiles: work, play.');
    expect((await refused(['--profile', 'ls', 'ls'])).stderr[1]).toBe('  Your profiles: work, play.');
  });
});

test('an option of the command in front of its place: 2, and how to write it', async () => {
  expect(await refused(['terraform', '-chdir=x', 'plan'])).toEqual({
    exit: 2,
    stderr: [
      'awsmfa: There is no option -chdir',
      '  See: awsmfa exec --help; a command and its options go behind --: awsmfa exec PROFILE -- COMMAND …',
    ],
  });
});

test('no way to ask: 4 at once, and an error as JSON only where awsmfa is asked for it', async () => {
  expect(await at.run(['exec', 'work', 'true', '--json'])).toMatchObject({
    exit: 4,
    stderr: [expect.stringMatching(/^awsmfa: An MFA code is needed/), expect.anything()],
  });
  expect(await at.run(['exec', '--json', 'work', 'true'])).toMatchObject({
    exit: 4,
    stderr: [expect.stringMatching(/^{"error":/)],
  });
});
