import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, sandbox } from '../support/sandbox.ts';
import { collect, integrated, needs } from '../support/shells.ts';

/** A session for `work` with so many seconds left. */
const session = (left: number) => ({
  AWS_ACCESS_KEY_ID: 'ASIA',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  AWSMFA_PROFILE: 'work',
  AWSMFA_EXPIRES_AT: String(Math.floor(Date.now() / 1000) + left),
});

describe.each(integrated)('bare awsmfa in $name', (shell) => {
  let box: Sandbox;
  beforeEach(() => {
    box = sandbox(shell);
    mkdirSync(join(box.home, '.aws/awsmfa'), { recursive: true, mode: 0o700 });
  });
  afterEach(() => box.remove());

  const calledFor = async (env: Record<string, string>, script = 'awsmfa') => {
    const before = box.calls().length;
    const result = await box.run(`${script}\necho "status ${shell.status}"`, env);
    expect(result).toEqual({ status: 0, signal: null, stdout: 'status 0\n', stderr: '' });
    return box.calls().length > before;
  };

  test(
    'with time left for the wanted profile starts nothing, and says nothing',
    needs(shell, async () => {
      expect(await calledFor(session(3600))).toBe(false);
      expect(await calledFor({ ...session(3600), AWS_PROFILE: 'work', AWS_DEFAULT_PROFILE: 'other' })).toBe(
        false,
      );
      expect(await calledFor({ ...session(3600), AWS_PROFILE: '', AWS_DEFAULT_PROFILE: 'work' })).toBe(false);
      expect(await calledFor({ ...session(330), AWS_PROFILE: 'work' })).toBe(false);
    }),
  );

  test(
    'starts nothing: the kernel sees no process',
    needs(
      'strace',
      needs(shell, async () => {
        const count = async (command: string) => {
          const [file, log] = [join(box.home, 'script'), join(box.home, 'strace')];
          writeFileSync(file, `source ${shell.quote(shell.integration)}\n${command}\n`);
          const args = ['-f', '-qq', '-e', 'trace=execve,fork,vfork,clone,clone3', '-o', log];
          const env = { ...box.env, ...session(3600), AWS_PROFILE: 'work' };
          const result = await collect('strace', [...args, shell.command, ...shell.args, file], { env });
          expect(result.status).toBe(0);
          const lines = readFileSync(log, 'utf8').split('\n');
          return lines.filter(
            (line) => /\b(execve|v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD'),
          ).length;
        };
        expect(await count('awsmfa')).toBe(await count(''));
      }),
    ),
  );

  test(
    'another profile, too little time, or anything missing: the core decides',
    needs(shell, async () => {
      const good = session(3600);
      expect(await calledFor({ ...good, AWS_PROFILE: 'other' })).toBe(true);
      expect(await calledFor({ ...good, AWS_PROFILE: 'WORK' })).toBe(true);
      expect(await calledFor({ ...good, AWS_PROFILE: 'w*' })).toBe(true);
      expect(await calledFor({ ...good, AWS_PROFILE: 'work', AWSMFA_PROFILE: 'w*' })).toBe(true);
      const insensitive = shell.name === 'bash' ? 'shopt -s nocasematch; awsmfa' : 'awsmfa';
      expect(await calledFor({ ...good, AWS_PROFILE: 'WORK' }, insensitive)).toBe(true);
      expect(await calledFor({ ...good, AWS_DEFAULT_PROFILE: 'other' })).toBe(true);
      expect(await calledFor(session(290))).toBe(true);
      expect(await calledFor(session(-5))).toBe(true);
      expect(await calledFor({ ...good, AWS_SECURITY_TOKEN: 'of another tool' })).toBe(true);
      for (const name of Object.keys(good)) expect(await calledFor({ ...good, [name]: '' }), name).toBe(true);
      expect(await calledFor({})).toBe(true);
    }),
  );

  test(
    'AWSMFA_MIN_TTL moves the limit',
    needs(shell, async () => {
      expect(await calledFor({ ...session(290), AWSMFA_MIN_TTL: '200' })).toBe(false);
      expect(await calledFor({ ...session(3500), AWSMFA_MIN_TTL: '3600' })).toBe(true);
      expect(await calledFor({ ...session(3500), AWSMFA_MIN_TTL: '003600' })).toBe(true);
      expect(await calledFor({ ...session(3500), AWSMFA_MIN_TTL: '0900' })).toBe(false);
      expect(await calledFor({ ...session(3500), AWSMFA_MIN_TTL: '' })).toBe(false);
      expect(await calledFor({ ...session(3500), AWSMFA_MIN_TTL: '5m' })).toBe(true);
    }),
  );

  test.for([
    'a[$(touch x)]',
    '$(touch x)',
    '`touch x`',
    '1e99',
    '0x7fffffffffff',
    '-1',
    ' 9999999999',
    '9999999999\n',
    '9'.repeat(16),
    '9'.repeat(40),
    '9999999999 ) or ( 1',
    'AWSMFA_EXPIRES_AT',
    '٣٣٣٣٣٣٣٣٣٣٣',
  ])('a hostile number is no number: %j', (value, context) =>
    needs(shell, async () => {
      expect(await calledFor({ ...session(3600), AWSMFA_EXPIRES_AT: value })).toBe(true);
      expect(await calledFor({ ...session(3600), AWSMFA_MIN_TTL: value })).toBe(true);
      expect(existsSync(join(box.home, 'x'))).toBe(false);
    })(context),
  );

  test(
    'the profile variables go, as after a switch, unless they are to be kept',
    needs(shell, async () => {
      const env = { ...session(3600), AWS_PROFILE: 'work', AWS_DEFAULT_PROFILE: 'work' };
      const left = async (keep: Record<string, string>) => {
        await calledFor({ ...env, ...keep }, 'awsmfa; awsmfa list');
        const { AWS_PROFILE, AWS_DEFAULT_PROFILE, AWS_SESSION_TOKEN } = box.calls().at(-1)?.env ?? {};
        return [AWS_PROFILE, AWS_DEFAULT_PROFILE, AWS_SESSION_TOKEN];
      };
      expect(await left({})).toEqual([undefined, undefined, 'token']);
      expect(await left({ AWSMFA_KEEP_PROFILE: '0' })).toEqual([undefined, undefined, 'token']);
      expect(await left({ AWSMFA_KEEP_PROFILE: '' })).toEqual([undefined, undefined, 'token']);
      expect(await left({ AWSMFA_KEEP_PROFILE: '1' })).toEqual(['work', 'work', 'token']);
      expect(box.calls()).toHaveLength(4);
    }),
  );

  test(
    'a profile with any name',
    needs(shell, async () => {
      for (const name of ['(', '!', '-n', 'a b', '*', '$(touch x)', "a'b", '=', '-a', 'é', '\\'])
        expect(await calledFor({ ...session(3600), AWS_PROFILE: name, AWSMFA_PROFILE: name }), name).toBe(
          false,
        );
      expect(existsSync(join(box.home, 'x'))).toBe(false);
    }),
  );

  test(
    'named, or with options, the core is asked in any case',
    needs(shell, async () => {
      expect(await calledFor(session(3600), 'awsmfa use work')).toBe(true);
      expect(await calledFor(session(3600), 'awsmfa --refresh')).toBe(true);
    }),
  );
});

test(
  'the clock of fish writes nothing, and is right',
  needs('fish', async () => {
    const fish = integrated.filter(({ name }) => name === 'fish');
    for (const shell of fish) {
      const box = sandbox(shell);
      const measure = '_awsmfa_measure $AWSMFA_EXPIRES_AT; echo $_awsmfa_left';
      const result = await box.run(`${measure}; awsmfa; test -e ~/.aws; and echo written`, session(3600));
      expect(result).toMatchObject({ stderr: '', stdout: expect.stringMatching(/^\d+\n$/) });
      expect(Math.abs(Number(result.stdout) - 3600)).toBeLessThan(20);
      expect(box.calls()).toEqual([]);
      box.remove();
    }
  }),
);
