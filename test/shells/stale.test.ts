import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { code, type Sandbox, sandbox } from '../support/sandbox.ts';
import { type IntegratedShell, integrated, needs, run } from '../support/shells.ts';

const longTerm = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'long' };
const rest = { AWS_CREDENTIAL_EXPIRATION: '2026-11-21T11:47:46Z', AWSMFA_EXPIRES_AT: '1795261666' };
const wanted = { AWS_PROFILE: 'next', AWSMFA_PROFILE: 'last', AWS_REGION: 'eu-west-1' };
const stale = { ...longTerm, AWS_SESSION_TOKEN: 'token', ...rest };

describe.each(integrated)('stale variables in $name', (shell) => {
  let box: Sandbox;
  beforeEach(() => {
    box = sandbox(shell);
  });
  afterEach(() => box.remove());

  /** The variables of ours that each call of the core saw. */
  const seen = () => box.calls().map(({ env }) => ours(env));

  test.for([
    ['a session token', stale],
    ['a security token', { ...longTerm, AWS_SECURITY_TOKEN: 'token', ...rest }],
    ['both', { ...stale, AWS_SECURITY_TOKEN: 'token' }],
    ['a token alone', { AWS_SESSION_TOKEN: 'token' }],
  ] as const)('%s: kept from the core, and still in the shell when it fails', ([, env], context) =>
    needs(shell, async () => {
      box.answer({ stdout: 'false\n', status: 5 });
      await box.run('awsmfa use next\nawsmfa list', { ...env, ...wanted });
      await box.run('awsmfa', { ...env, ...wanted });
      await box.run('awsmfa --refresh', { ...env, ...wanted });
      const when = Object.fromEntries(Object.entries(env).filter(([name]) => name in rest));
      const told = { ...when, ...wanted };
      expect(seen()).toEqual([told, { ...env, ...wanted }, told, told]);
    })(context),
  );

  test(
    'a token beside a long-term key is left over: the core sees both, and no kept answer is taken',
    needs(shell, async () => {
      const key = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'long' };
      const env = { ...key, AWS_SESSION_TOKEN: 'token', ...wanted };
      box.answer({ stdout: 'false\n', status: 3 });
      await box.run('awsmfa use next\nawsmfa use next', env);
      expect(seen()).toEqual([env, env]);
    }),
  );

  test(
    'the core says that they have expired: gone; its other words on failure change nothing',
    needs(shell, async () => {
      const left = async (stdout: string, status: number) => {
        box.answer({ stdout, status });
        await box.run('awsmfa use next\nawsmfa list', { ...stale, ...wanted });
        return seen().at(-1);
      };
      expect(await left('false expired\n', 5)).toEqual(wanted);
      expect(await left('false expired\n', 130)).toEqual(wanted);
      for (const other of ['false', 'false expired x', 'expired', '']) {
        expect(await left(other, 5), other).toEqual({ ...stale, ...wanted });
      }
      await box.run('awsmfa use next\nawsmfa list', { ...longTerm, ...wanted });
      box.answer({ stdout: 'false expired\n', status: 5 });
      await box.run('awsmfa use next\nawsmfa list', { ...longTerm, ...wanted });
      expect(seen().at(-1)).toEqual({ ...longTerm, ...wanted });
    }),
  );

  test(
    'without a token the keys are long-term ones, and stay',
    needs(shell, async () => {
      const env = { ...longTerm, AWS_SESSION_TOKEN: '', AWS_SECURITY_TOKEN: '' };
      await box.run('awsmfa use next\nawsmfa', env);
      expect(seen()).toEqual([env, env]);
    }),
  );

  test(
    '`clear` and all that passes through sees them',
    needs(shell, async () => {
      await box.run(
        'awsmfa clear\nawsmfa exec -- x\nawsmfa status\nawsmfa use --help\nawsmfa --version',
        stale,
      );
      expect(seen()).toEqual([stale, stale, stale, stale, stale]);
    }),
  );

  test(
    'without a core to run, all stays',
    needs(shell, async () => {
      rmSync(join(box.bin, 'awsmfa'));
      const result = await box.run('awsmfa use next\n/usr/bin/env', { ...stale, ...wanted });
      expect(result.stdout.split('\n')).toEqual(
        expect.arrayContaining(
          Object.entries({ ...stale, ...wanted }).map(([name, value]) => `${name}=${value}`),
        ),
      );
    }),
  );

  test(
    'a function that made them local: gone for the core, and the new ones get out',
    needs(shell, async () => {
      box.answer({ stdout: code(shell, { AWS_ACCESS_KEY_ID: 'ASIA' }, ['AWS_SECURITY_TOKEN']) });
      const script =
        shell.name === 'fish'
          ? 'function wrapped; set -lx AWS_SECURITY_TOKEN local; awsmfa use next; end\nwrapped\nawsmfa list >/dev/null'
          : 'wrapped() { local AWS_SECURITY_TOKEN=local; export AWS_SECURITY_TOKEN; awsmfa use next; }\nwrapped\nawsmfa list >/dev/null';
      await box.run(script);
      expect(seen()).toEqual([{}, { AWS_ACCESS_KEY_ID: 'ASIA' }]);
    }),
  );

  test(
    'a profile chosen for one call reaches the core',
    needs(shell, async () => {
      await box.run('AWS_PROFILE=once awsmfa\nawsmfa list', { ...stale, ...wanted });
      const told = { ...rest, ...wanted };
      expect(seen()).toEqual([
        { ...told, AWS_PROFILE: 'once' },
        { ...stale, ...wanted },
      ]);
    }),
  );
});

test(
  'fish: universal variables are hidden from the core, and stay what they are',
  needs('fish', async () => {
    const fish = integrated.find(({ name }) => name === 'fish') as IntegratedShell;
    const box = sandbox(fish);
    // With --no-config there are no universal variables at all.
    const shell = { ...fish, args: [] };
    const script = `source ${shell.quote(shell.integration)}
      set -Ux AWS_SESSION_TOKEN universal; set -Ux AWS_ACCESS_KEY_ID universal; set -gx AWS_SECRET_ACCESS_KEY global
      awsmfa use next; awsmfa list; echo $AWS_SESSION_TOKEN`;
    const result = await run(shell, script, box);
    const hidden = { AWS_SESSION_TOKEN: '', AWS_ACCESS_KEY_ID: '' };
    const universal = { AWS_SESSION_TOKEN: 'universal', AWS_ACCESS_KEY_ID: 'universal' };
    expect(box.calls().map(({ env }) => ours(env))).toEqual([
      hidden,
      { ...universal, AWS_SECRET_ACCESS_KEY: 'global' },
    ]);
    expect(result).toMatchObject({ stdout: 'universal\n', stderr: '' });
    box.remove();
  }),
);

test(
  'fish: a universal AWS_PROFILE, which no erasing in this shell hides, is left to the core',
  needs('fish', async () => {
    const fish = integrated.find(({ name }) => name === 'fish') as IntegratedShell;
    const box = sandbox(fish);
    const shell = { ...fish, args: [] };
    const script = `source ${shell.quote(shell.integration)}; set -Ux AWS_PROFILE work; awsmfa; set -gx AWS_PROFILE work; awsmfa`;
    const session = { ...stale, AWSMFA_PROFILE: 'work', AWSMFA_EXPIRES_AT: '99999999999' };
    expect(await run(shell, script, { env: { ...box.env, ...session }, cwd: box.home })).toMatchObject({
      stderr: '',
    });
    expect(box.calls().map(({ args }) => args[0])).toEqual(['use', 'use']);
    box.remove();
  }),
);

/** But for what the integration tells the core about itself. */
function ours({
  AWSMFA_INTEGRATION: _,
  AWSMFA_QUESTION: __,
  ...env
}: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AWS')));
}
