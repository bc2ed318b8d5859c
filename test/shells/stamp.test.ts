import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project } from '../support/desk.ts';
import { sandbox } from '../support/sandbox.ts';
import { integrated, needs } from '../support/shells.ts';

const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));

describe.each(integrated)('what $name tells the program about the integration', (shell) => {
  const told = `${shell.name}:${version}:${shell.integration}`;

  test('the version is that of the package', () => {
    const script = readFileSync(shell.integration, 'utf8');
    // In AWSMFA_INTEGRATION and in AWSMFA_QUESTION, as `scripts/version.js` finds them.
    const stamps = script.match(/(?:zsh|bash|fish):\d+\.\d+\.\d+:/g);
    expect(stamps).toEqual(Array(2).fill(`${shell.name}:${version}:`));
  });

  test(
    'every call of the program is told which integration is loaded, and from which file',
    needs(shell, async () => {
      const box = sandbox(shell);
      await box.run('awsmfa\nawsmfa use x\nawsmfa clear\nawsmfa list\nawsmfa --help\nawsmfa use --help');
      expect(box.calls().map(({ env }) => env.AWSMFA_INTEGRATION)).toEqual(Array(6).fill(told));
      box.remove();
    }),
  );

  test(
    'the shell itself and its other programs see nothing of it, and its own variable of that name stays',
    needs(shell, async () => {
      const box = sandbox(shell);
      const mine = shell.name === 'fish' ? 'set -g AWSMFA_INTEGRATION mine' : 'AWSMFA_INTEGRATION=mine';
      const result = await box.run(
        `awsmfa use x; awsmfa list; /usr/bin/env; ${mine}; awsmfa list; echo "it is $AWSMFA_INTEGRATION"`,
      );
      expect(result.stdout).not.toContain(version);
      expect(result).toMatchObject({ stderr: '', stdout: expect.stringMatching(/\nit is mine\n$/) });
      expect(box.calls().at(-1)?.env.AWSMFA_INTEGRATION).toBe(told);
      box.remove();
    }),
  );

  test(
    'code that was evaluated and not sourced does not fail for want of a file',
    needs(shell, async () => {
      const box = sandbox(shell);
      const load =
        shell.name === 'fish'
          ? `cat '${shell.integration}' | source`
          : `eval "$(cat '${shell.integration}')"`;
      const strict = shell.name === 'fish' ? '' : 'set -eu;';
      const result = await box.run(`functions -e awsmfa 2>/dev/null; ${load}\n${strict} awsmfa list`);
      expect(result).toMatchObject({ status: 0 });
      expect(box.calls().at(-1)?.env.AWSMFA_INTEGRATION).toMatch(new RegExp(`^${shell.name}:${version}:`));
      box.remove();
    }),
  );
});
