import { afterEach, describe, expect, test } from 'vitest';
import { desk, prompt } from '../support/desk.ts';
import { isRunning, until } from '../support/processes.ts';
import type { Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const home = desk();
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

const pause = (ms = 200) => new Promise((resolve) => setTimeout(resolve, ms));
const pidIn = (line: string) => /kill (\d+)/.exec(line)?.[1] ?? '';

async function open(shell: IntegratedShell): Promise<Terminal> {
  terminal = await home.open(shell);
  return terminal;
}

describe.each(integrated)('serve in $name', (shell) => {
  test(
    'in the foreground: it asks, serves, and Ctrl-C ends it',
    needs(shell, async () => {
      const t = await open(shell);
      t.type('awsmfa serve work\r');
      await t.waitFor('MFA code');
      await pause();
      t.type(`${home.sts.nextCode('ada')}\r`);
      const pid = pidIn(await t.waitFor(/served at http:.*until Ctrl-C or kill \d+, session 12h left/));
      await t.waitFor('Paste this into the shell');
      await t.waitFor('AWS_CONTAINER_AUTHORIZATION_TOKEN');
      await pause();
      t.key('ctrl-c');
      await t.waitFor(prompt);
      t.type(`echo sta''tus ${shell.status}\r`);
      expect(await t.waitFor(/status \d+/)).toBe('status 130');
      expect(isRunning(pid)).toBe(false);
    }),
  );
});

describe.each(integrated.filter(({ name }) => name !== 'fish'))('serve by eval in $name', (shell) => {
  test(
    'a Ctrl-C that is meant for the shell does not end it, and the end of the shell does',
    needs(shell, async () => {
      await home.login('work');
      const t = await open(shell);
      t.type('eval "$(command awsmfa serve work &)"\r');
      const pid = pidIn(await t.waitFor(/served at http:.*kill \d+/));
      await t.waitFor(prompt);
      await pause();
      t.key('ctrl-c');
      await t.waitFor(prompt);
      await pause();
      expect(isRunning(pid)).toBe(true);
      t.type('exit\r');
      await t.ended();
      await until(() => !isRunning(pid));
    }),
  );
});
