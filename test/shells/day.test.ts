import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ada, desk, prompt, serialOf } from '../support/desk.ts';
import { spawn, type Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const at = desk();
const shells = integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name));
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

/** The rc file of somebody who has all of it. */
const rc: Readonly<Record<string, (integration: string) => string>> = {
  zsh: (file) => `autoload -Uz compinit; compinit -D -u; source ${file}
precmd() { awsmfa_prompt segment }; setopt prompt_subst no_prompt_sp; PROMPT='\${segment:+[$segment] }ready> '\n`,
  bash: (file) => `source ${file}
PROMPT_COMMAND="awsmfa_prompt segment
$PROMPT_COMMAND"; PS1='\${segment:+[$segment] }ready> '\n`,
  fish: (file) => `source ${file}
function fish_prompt; set -l s (awsmfa_prompt); test -n "$s"; and echo -n "[$s] "; echo -n 'ready> '; end\n`,
};

describe.each(shells)('a day in $name', (shell: IntegratedShell) => {
  test(
    'TAB, a session, the prompt, the warning, a new session, clear: the screen at each step',
    needs(shell, async () => {
      const script = join(at.home, 'rc');
      writeFileSync(script, rc[shell.name]?.(shell.quote(shell.integration)) ?? '');
      const env = { ...at.env, NO_COLOR: '1', AWSMFA_AUTO: 'warn', TERM: 'xterm' };
      const t = spawn(shell.command, shell.interactive, { env, cwd: at.home });
      terminal = t;
      const step = async (keys: string, until: string | RegExp) => {
        for (const part of keys.split(/(?<=\t)/)) {
          t.type(part);
          if (part.endsWith('\t')) await new Promise((resolve) => setTimeout(resolve, 700));
        }
        return t.waitFor(until);
      };
      await step(`source ${shell.quote(script)}\r`, 'ready> ');
      t.type('awsmfa us\two\t');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      t.type('\r');
      await t.waitFor('MFA code for work (ada)');
      await step(`${at.sts.nextCode(serialOf(ada))}\r`, /work: new session, 12h left \(until [^)]*\)/);
      await t.waitFor('[work 12h] ready> ');
      // The clock of the test: the session ends nine minutes from now.
      const soon = Math.floor(Date.now() / 1000) + 545;
      const set = shell.name === 'fish' ? 'set -gx AWSMFA_EXPIRES_AT' : 'export AWSMFA_EXPIRES_AT=';
      await step(
        `${set}${shell.name === 'fish' ? ' ' : ''}${soon}\r`,
        'awsmfa: work ends in 9m; a new session: awsmfa --refresh',
      );
      await t.waitFor('[work 9m] ready> ');
      await step('true\r', '[work 9m] ready> ');
      await step('awsmfa --refresh\r', 'MFA code for work (ada)');
      await step(`${at.sts.nextCode(serialOf(ada))}\r`, 'work: new session, 12h left');
      await t.waitFor('[work 12h] ready> ');
      await step('awsmfa clear\r', 'work: taken out of this shell');
      await t.waitFor(/(?<!\] )ready> /);
      await step('awsmfa use work\r', 'work: session, 12h left');
      await t.waitFor('[work 12h] ready> ');
      expect(t.screen().match(/work ends in/g)).toHaveLength(1);
    }),
    90_000,
  );

  test(
    'renew: the prompt waits for STS five seconds at most, says why, and keeps what there is',
    needs(shell, async () => {
      at.config('[profile work]\nregion = eu-central-1\nmfa_serial =\n');
      at.sts.sessionSeconds = 500;
      const t = await at.open(shell, { env: { AWSMFA_AUTO: 'renew' } });
      terminal = t;
      for (const slow of [0, 20_000]) at.sts.fault({ slow });
      t.type('awsmfa use work\r');
      await t.waitFor('work: new session, 8m');
      const begin = performance.now();
      await t.waitFor('awsmfa: renewing the session …', 8000);
      await t.waitFor('awsmfa: work ends in 8m; a new session: awsmfa --refresh', 10_000);
      await t.waitFor(prompt);
      expect(performance.now() - begin).toBeLessThan(12_000);
      t.type(`${at.snap('kept')}\r`);
      await t.waitFor(prompt);
      expect(await at.whose(at.held('kept'))).toMatchObject({ ok: true });
    }),
  );
});
