import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { desk, project } from '../support/desk.ts';
import { isTurn } from '../support/matrix.ts';
import { integrated, needs } from '../support/shells.ts';

const at = desk();
beforeAll(() => {}, 60_000);
beforeEach(() => {
  chmodSync(join(at.home, '.aws/credentials'), 0o600);
});

interface Check {
  readonly check: string;
  readonly state: string;
  readonly message: string;
  readonly hint: string | null;
}

function integrationIn(stdout: string): Check | undefined {
  return (JSON.parse(stdout) as { checks: Check[] }).checks.find(({ check }) => check === 'integration');
}

describe.each(integrated)('doctor in $name', (shell) => {
  const env = () => ({
    AWS_PROFILE: 'work',
    AWS_ENDPOINT_URL_IAM: at.sts.url,
    AWSMFA_MFA_PROCESS: '/bin/true',
  });
  const version = /AWSMFA_INTEGRATION\W+\w+:([^:]+):/.exec(readFileSync(shell.integration, 'utf8'))?.[1];

  test(
    'the integration is loaded, and the exit status gets through',
    needs(shell, async () => {
      const well = await at.run(shell, 'awsmfa doctor --json', env());
      expect([well.status, integrationIn(well.stdout)]).toEqual([
        0,
        {
          check: 'integration',
          state: 'ok',
          message: `loaded in this ${shell.name}, version ${version}`,
          hint: null,
        },
      ]);
      const ill = await at.run(shell, 'awsmfa doctor --json', { ...env(), AWS_PROFILE: 'wrok' });
      expect([ill.status, JSON.parse(ill.stdout).ok]).toEqual([1, false]);
    }),
  );

  test(
    'the program past the function: not loaded, as far as it can tell, with the line for the rc file',
    needs(shell, async () => {
      const { stdout } = await at.run(shell, 'command awsmfa doctor --json', env());
      expect(integrationIn(stdout)).toEqual({
        check: 'integration',
        state: 'warning',
        message: `not loaded in this ${shell.name}: awsmfa use and awsmfa clear cannot change it`,
        hint: expect.stringContaining(`source '${project}/shell/awsmfa.${shell.name}'`),
      });
    }),
  );

  test(
    'an old copy in a plugin directory',
    needs(shell, async () => {
      const copy = join(at.home, `plugins/awsmfa.${shell.name}`);
      mkdirSync(join(at.home, 'plugins'));
      const old = readFileSync(shell.integration, 'utf8').replace(`:${version}:`, ':0.0.1:');
      writeFileSync(copy, old);
      const { stdout } = await at.run(shell, `source '${copy}'\nawsmfa doctor --json`, env());
      expect(integrationIn(stdout)).toEqual({
        check: 'integration',
        state: 'warning',
        message: `${shell.name} has the integration of version 0.0.1, from ${copy}; this is ${version}`,
        hint: `Load this version's own file in its place: source '${project}/shell/awsmfa.${shell.name}'`,
      });
    }),
  );

  if (isTurn(0, integrated.indexOf(shell)))
    test(
      'after `use` it is as well as before, and the report has no secret',
      needs(shell, async () => {
        const code = at.sts.nextCode('ada');
        const { status, stdout } = await at.run(
          shell,
          `awsmfa use work --token-code ${code}\n${at.snap('held')}\nawsmfa doctor`,
          { ...env(), AWS_PROFILE: '' },
        );
        expect([status, stdout.match(/^(?!ok ).*/gm)]).toEqual([0, ['', 'All is well.', '']]);
        const held = at.held('held');
        for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
          expect(held[name]?.length).toBeGreaterThan(10);
          expect(stdout).not.toContain(held[name]);
        }
      }),
    );
});
