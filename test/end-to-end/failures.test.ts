import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { desk, yesterday } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import { integrated, needs, shells } from '../support/shells.ts';

const home = desk();

describe.each(shells)('`eval` in $name', (shell) => {
  test.for(
    some(
      [
        'awsmfa env nosuch',
        'awsmfa env work --no-prompt',
        'awsmfa env work --token-code 12',
        'awsmfa env --nonsense',
        'awsmfa env work --format env --duration 1s',
        'awsmfa env nosuch --json',
      ],
      5,
      shells.indexOf(shell),
    ),
  )('of `%s` fails, and changes nothing', (line, context) =>
    needs(shell, async () => {
      const evaluated = `eval "$(${line})"`;
      const script = `${home.snap('before')}\n${evaluated}\necho "status ${shell.status}"\n${home.snap('after')}`;
      const { stdout, stderr } = await home.run(shell, script, yesterday);
      expect(stdout).toBe('status 1\n');
      expect(stderr).not.toBe('');
      expect(home.held('after')).toEqual(home.held('before'));
    })(context),
  );

  test(
    'of a success puts the session there',
    needs(shell, async () => {
      const strict = shell.name === 'fish' ? '' : 'set -eu\n';
      const line = `awsmfa env work --token-code ${home.sts.nextCode('ada')}`;
      const { status, stderr } = await home.run(
        shell,
        `${strict}eval "$(${line})"\n${home.snap('held')}`,
        yesterday,
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: 'work: new session, 12h left\n' });
      expect(await home.whose(home.held('held'))).toMatchObject({ ok: true });
    }),
  );
});

// fish has no errexit.
describe.each(shells.filter(({ name }) => name !== 'fish'))('`set -e` in $name', (shell) => {
  test(
    'ends a script at an eval that fails',
    needs(shell, async () => {
      const { status, stdout } = await home.run(shell, `set -e\neval "$(awsmfa env nosuch)"\necho survived`);
      expect(stdout).toBe('');
      expect(status).not.toBe(0);
    }),
  );
});

describe.each(integrated)('the integration in $name', (shell) => {
  test.for(
    some(
      [
        ['awsmfa use work --duration 1s', 2],
        ['awsmfa use work prod', 2],
        ['awsmfa --nonsense', 2],
        ['awsmfa use nosuch', 3],
        ["awsmfa use '$(touch x)'", 3],
        ['awsmfa use work --no-prompt', 4],
        ['awsmfa use work', 4],
        ['awsmfa use work --token-code 000000', 5],
        ['awsmfa env nosuch', 3],
        ['awsmfa nonsense', 2],
      ] as const,
      3,
      integrated.indexOf(shell),
    ),
  )('keeps the status of `%s`: %i', ([line, status], context) =>
    needs(shell, async () => {
      const script = `${line}\necho "status ${shell.status}"\n${home.snap('after')}`;
      const { stdout, stderr } = await home.run(shell, script);
      expect(stdout.replace(/^false\n/, ''), stderr).toBe(`status ${status}\n`);
      expect(stderr).toMatch(/^awsmfa: .*\n {2}.*\n$/);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(Object.keys(home.held('after')).filter((name) => /^AWS/.test(name))).toEqual([
        'AWS_ENDPOINT_URL_STS',
        'AWS_ENDPOINT_URL_IAM',
      ]);
      expect(existsSync(join(home.home, 'x'))).toBe(false);
    })(context),
  );

  test(
    'says 6 when STS is not there, and drops what was stale',
    needs(shell, async () => {
      const script = `awsmfa use work --token-code 123456\necho "status ${shell.status}"\n${home.snap('after')}`;
      const { stdout, stderr } = await home.run(shell, script, {
        ...yesterday,
        AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9',
      });
      expect(stdout, stderr).toBe('status 6\n');
      expect(home.held('after')).not.toHaveProperty('AWS_SESSION_TOKEN');
    }),
  );

  test.for(
    some(
      [
        'awsmfa use --help',
        'awsmfa use -h',
        'awsmfa clear --help',
        'awsmfa use work --version',
        'awsmfa --help',
      ],
      3,
      integrated.indexOf(shell),
    ),
  )('`%s` shows help, and evaluates nothing', (line, context) =>
    needs(shell, async () => {
      const script = `${home.snap('before')}\n${line}\necho "status ${shell.status}"\n${home.snap('after')}`;
      const { stdout, stderr } = await home.run(shell, script, yesterday);
      expect(stdout).toMatch(/status 0\n$/);
      expect(stdout + stderr).toMatch(line.includes('version') ? /^\d+\.\d+\.\d+$/m : /^Usage: awsmfa/m);
      expect(home.held('after')).toEqual(home.held('before'));
    })(context),
  );
});
