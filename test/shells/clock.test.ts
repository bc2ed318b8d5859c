import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ada, desk, prompt, serialOf } from '../support/desk.ts';
import type { Terminal } from '../support/pty.ts';
import { collect, integrated, needs } from '../support/shells.ts';

const at = desk();
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

describe.each(integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name)))('$name', (shell) => {
  test(
    'renew: the prompt waits for STS five seconds at most, says why, and keeps what there is',
    needs(shell, async () => {
      at.config('[profile work]\nregion = eu-central-1\nmfa_serial =\n');
      at.sts.sessionSeconds = 500;
      const t = await at.open(shell, { env: { AWSMFA_AUTO: 'renew' } });
      terminal = t;
      for (const slow of [0, 120_000]) at.sts.fault({ slow });
      t.type('awsmfa use work\r');
      await t.waitFor('work: new session, 8m');
      await t.waitFor('awsmfa: renewing the session …');
      await t.waitFor('awsmfa: work ends in 8m; a new session: awsmfa --refresh');
      await t.waitFor(prompt);
      t.type(`${at.snap('kept')}\r`);
      await t.waitFor(prompt);
      expect(await at.whose(at.held('kept'))).toMatchObject({ ok: true });
    }),
  );

  test(
    'a session of 36 hours serves the next morning too, in a new shell and in another region',
    needs(
      'faketime',
      needs(shell, async () => {
        const code = at.sts.nextCode(serialOf(ada));
        await at.run(shell, `awsmfa use work --duration 36h --token-code ${code}\n${at.snap('evening')}`);
        const file = join(at.home, 'morning');
        const lines = ['awsmfa use work', 'awsmfa use work --region us-east-1', at.snap('morning')];
        writeFileSync(file, [`source ${shell.quote(shell.integration)}`, ...lines, ''].join('\n'));
        const env = { ...at.env, AWS_DEFAULT_REGION: 'sa-east-1' };
        const args = ['-f', '+22h', shell.command, ...shell.args, file];
        const { stderr } = await collect('faketime', args, { env, cwd: at.home });
        expect(stderr).toMatch(/^work: session, 14h left .*\nwork: session, 14h left .*\n$/);
        expect(at.held('morning').AWS_ACCESS_KEY_ID).toBe(at.held('evening').AWS_ACCESS_KEY_ID);
        expect(at.sts.requests).toHaveLength(1);
      }),
    ),
  );
});
