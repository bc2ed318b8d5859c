import { afterEach, describe, expect, test, vi } from 'vitest';
import { sandbox } from '../support/sandbox.ts';
import { needs, run, shells } from '../support/shells.ts';

describe.each(shells)('running $name', (shell) => {
  const env = { PATH: '/usr/bin:/bin', CANARY: "a'b\\c\n$d" };

  test(
    'a script gets the environment given and no other, and its outcome comes back',
    needs(shell, async () => {
      const script = `${shell.assign('OTHER', "it's \\ $x")}\n/usr/bin/env -0\necho bad >&2\nexit 3`;
      const result = await run(shell, script, { env });
      expect(result).toMatchObject({ status: 3, signal: null, stderr: 'bad\n' });
      const names = result.stdout.split('\0').map((entry) => entry.split('=')[0]);
      expect(result.stdout.split('\0')).toEqual(
        expect.arrayContaining([`CANARY=${env.CANARY}`, "OTHER=it's \\ $x"]),
      );
      expect(names).not.toContain('VITEST');
    }),
  );

  test(
    'there is no terminal to ask on',
    needs(shell, async () => {
      const result = await run(shell, '/bin/sh -c ": </dev/tty" 2>/dev/null\n' + `exit ${shell.status}`, {
        env,
      });
      expect(result.status).not.toBe(0);
    }),
  );
});

describe('a program that is missing', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const body = vi.fn();
  const skip = vi.fn((message: string) => {
    throw new Error(message);
  });
  const tried = () => needs('no-such-program', body)({ skip } as never);

  test('is a failure in CI', async () => {
    vi.stubEnv('CI', '1');
    await expect(tried()).rejects.toThrow(/not installed, and CI is set/);
    expect(skip).not.toHaveBeenCalled();
  });

  test('is skipped elsewhere, and the message says so', async () => {
    vi.stubEnv('CI', '');
    await expect(tried()).rejects.toThrow('no-such-program is not installed');
    expect(skip).toHaveBeenCalledWith('no-such-program is not installed');
    expect(body).not.toHaveBeenCalled();
  });
});

test('the stub remembers each call to the letter', async () => {
  const [shell] = shells;
  if (!shell) throw new Error('no shells');
  const box = sandbox(shell);
  box.answer({ stdout: 'out', stderr: 'err', status: 9 });
  const result = await run(
    { ...shell, command: 'sh', args: [] },
    "A='x\ny=z' awsmfa call '' 'a\nb'; awsmfa; exit $?",
    box,
  );
  expect(result).toMatchObject({ status: 9, stdout: 'outout', stderr: 'errerr' });
  expect(box.calls().map(({ args }) => args)).toEqual([['call', '', 'a\nb'], []]);
  expect(box.calls().map(({ env }) => env.A)).toEqual(['x\ny=z', undefined]);
  box.remove();
});
