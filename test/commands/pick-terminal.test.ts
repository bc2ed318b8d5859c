import { afterEach, describe, expect, test } from 'vitest';
import { ada, desk, prompt, serialOf } from '../support/desk.ts';
import type { Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';

const at = desk();
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

const list = 'Enter · Esc';

describe.each(integrated)('the list in $name', (shell) => {
  test(
    'draws on the terminal, and its choice is applied to the shell',
    needs(shell, async () => {
      terminal = await at.open(shell, { columns: 80 });
      terminal.type('awsmfa\r');
      await terminal.waitFor(list);
      terminal.type('wor');
      await terminal.waitFor(/> work +long-term +111122223333\s/);
      terminal.key('enter');
      await terminal.waitFor('MFA code for work');
      terminal.type(`${at.sts.nextCode(serialOf(ada))}\r`);
      await terminal.waitFor('work: new session');
      await terminal.waitFor(prompt);
      terminal.type(`${at.snap('after')}\r`);
      await terminal.waitFor(prompt);
      expect(await at.whose(at.held('after'))).toMatchObject({ arn: 'arn:aws:iam::111122223333:user/ada' });

      terminal.type('awsmfa use --pick\r');
      await terminal.waitFor(/> work .* 12h left/);
      terminal.key('escape');
      await terminal.waitFor('Cancelled');
      await terminal.waitFor(prompt);
    }),
  );

  test(
    'Ctrl-C: the shell lives, and its status is 130',
    needs(shell, async () => {
      terminal = await at.open(shell);
      terminal.type('awsmfa use\r');
      await terminal.waitFor(list);
      terminal.key('ctrl-c');
      await terminal.waitFor('Cancelled');
      await terminal.waitFor(prompt);
      terminal.type(`echo "[${shell.status}]"\r`);
      await terminal.waitFor('[130]');
    }),
  );

  test(
    '`use -` goes back',
    needs(shell, async () => {
      terminal = await at.open(shell);
      const codes = ['work', 'prod'].map((name) => `awsmfa use ${name} --token-code`);
      terminal.type(`${codes[0]} ${at.sts.nextCode('ada')}; ${codes[1]} ${at.sts.nextCode('admin')}\r`);
      await terminal.waitFor('prod: new session');
      await terminal.waitFor(prompt);
      for (const name of ['work', 'prod']) {
        terminal.type('awsmfa use -\r');
        await terminal.waitFor(`${name}: session`);
        await terminal.waitFor(prompt);
        terminal.type(`${at.snap(name)}\r`);
        await terminal.waitFor(prompt);
        expect(at.held(name).AWSMFA_PROFILE).toBe(name);
      }
    }),
  );
});
