import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runs } from '../support/matrix.ts';
import { code, type Sandbox, sandbox } from '../support/sandbox.ts';
import { integrated, needs, run } from '../support/shells.ts';
import { hosts } from './hosts.ts';

describe.each(integrated)('hostile $name', (shell) => {
  let box: Sandbox;
  beforeEach(() => {
    box = sandbox(shell);
  });
  afterEach(() => box.remove());
  const { habits, report } = hosts[shell.name] ?? { habits: {}, report: '' };

  /** Calls the function in a shell with these habits, and tells whether it left the shell's state alone. */
  async function live(names: readonly string[], args: readonly string[], env: Record<string, string>) {
    const seen = box.calls().length;
    const fish = shell.name === 'fish';
    const [bare, builtin, begin, end] = fish
      ? ['', 'builtin', 'begin;', 'end']
      : ['\\', '\\builtin', '{', '}'];
    const snapshot = (file: string) => `${begin} ${report}; ${end} >'${file}' 2>'/dev/null'`;
    for (const file of ['before', 'after', 'list']) rmSync(join(box.home, file), { force: true });
    const script = [
      ...names.map((name) => habits[name] ?? ''),
      `${builtin} source ${shell.quote(shell.integration)}`,
      snapshot('before'),
      // Every word is quoted, or else an alias could take it.
      `${bare}awsmfa ${args.map(shell.quote).join(' ')}`,
      `${builtin} test "${shell.status}" = 0 && ${builtin} echo 'the status was 0'`,
      snapshot('after'),
      `/usr/bin/cmp 'before' 'after' || /usr/bin/diff 'before' 'after'`,
      `${bare}awsmfa 'list' >'list'`,
    ];
    const result = await run(shell, script.join('\n'), { env: { ...box.env, ...env }, cwd: box.home });
    const told = `${names.join(', ')}\n${result.stdout}${result.stderr}`;
    expect(result.stdout, told).toBe('the status was 0\n');
    expect(result.stderr, told).not.toMatch(
      /canary|created globally|not set|not a valid|unbound|parse error|syntax/i,
    );
    expect(existsSync(join(box.home, 'x')), told).toBe(false);
    return { calls: box.calls().slice(seen), told };
  }

  async function switches(names: readonly string[], secret: string, args: readonly string[]) {
    const set = {
      AWS_ACCESS_KEY_ID: 'ASIA',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_SESSION_TOKEN: `${secret}token`,
    };
    box.answer({ stdout: code(shell, set, ['AWS_PROFILE', 'AWS_SECURITY_TOKEN']) });
    const env = { AWS_SESSION_TOKEN: 'canary-stale', AWS_PROFILE: 'work' };
    const { calls, told } = await live(names, ['use', ...args], env);
    const [use, list] = calls;
    expect(
      calls.map((call) => call.args),
      told,
    ).toEqual([['use', '--shell', shell.name, ...args], ['list']]);
    expect(use?.env, told).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(list?.env, told).toMatchObject(set);
    expect(list?.env, told).not.toHaveProperty('AWS_PROFILE');
  }

  async function holds(names: readonly string[], secret: string, profile: string) {
    mkdirSync(join(box.home, '.aws/awsmfa'), { recursive: true });
    const session = { AWS_ACCESS_KEY_ID: 'ASIA', AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: secret };
    const held = { AWSMFA_PROFILE: profile, AWSMFA_EXPIRES_AT: '99999999999' };
    const { calls, told } = await live(names, [], { ...session, ...held, AWS_PROFILE: profile });
    expect(
      calls.map((call) => call.args),
      told,
    ).toEqual([['list']]);
    expect(calls[0]?.env, told).toMatchObject(session);
    expect(calls[0]?.env, told).not.toHaveProperty('AWS_PROFILE');
  }

  const secret = 'canary\'$(touch x)`touch x`\n\\"';
  test.for(Object.keys(habits))('%s', (name, context) =>
    needs(shell, async () => {
      await switches([name], secret, ['a b', '', '*']);
      await holds([name], secret, '$(touch x) *');
    })(context),
  );

  test(
    'any of them together, any secret, any arguments, any profile',
    needs(shell, async () => {
      const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.replaceAll('\0', ''));
      const word = text.filter((value) => !['-h', '--help', '--version'].includes(value));
      const names = fc.subarray(Object.keys(habits));
      const canary = text.map((value) => `canary${value}`);
      const times = { numRuns: runs(3, 40) };
      await fc.assert(fc.asyncProperty(names, canary, fc.array(word, { maxLength: 3 }), switches), times);
      const profile = text.filter((value) => value !== '');
      await fc.assert(fc.asyncProperty(names, canary, profile, holds), times);
    }),
    60_000,
  );
});
