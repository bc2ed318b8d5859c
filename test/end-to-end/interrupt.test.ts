import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { heldCall } from '../support/calls.ts';
import { desk, prompt, yesterday } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import type { Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';

const home = desk();
let terminal: Terminal;
afterEach(async () => {
  await terminal?.close();
});

describe.each(integrated)('giving up in $name', (shell) => {
  const turn = integrated.indexOf(shell);
  /** An interactive shell whose terminal modes are known. */
  async function open(): Promise<Terminal> {
    terminal = await home.open(shell, { env: yesterday });
    await enter(terminal, 'stty -a >before');
    return terminal;
  }
  /** A prompt alone may be an older one, which was shown late. */
  async function enter(t: Terminal, line: string): Promise<void> {
    t.type(`${line}; echo writ""ten\r`);
    await t.waitFor('written');
    await t.waitFor(prompt);
  }
  const modes = (name: string) => readFileSync(join(home.home, name), 'utf8');
  const typed = '482913';

  /** After the question went away: 130, a line of its own for the shell, the terminal and the shell as before. */
  async function checkAlive(t: Terminal): Promise<void> {
    await t.waitFor(prompt);
    // zsh and fish draw a mark first, and the prompt over it when it is in the first column.
    expect(t.screen()).toMatch(
      /\nawsmfa: Cancelled\nThe session of another tool in this shell has ended and was taken out\n[^\w\n]*ready> /,
    );
    t.type(`echo sta''tus ${shell.status}\r`);
    expect(await t.waitFor(/status \d+/)).toBe('status 130');
    await t.waitFor(prompt);
    await enter(t, `stty -a >after; ${home.snap('after')}`);
    expect(modes('after')).toBe(modes('before'));
    expect(home.held('after')).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(t.screen()).not.toContain(typed);
  }
  async function checkNext(t: Terminal): Promise<void> {
    t.type(`awsmfa use work --token-code ${home.sts.nextCode('ada')}\r`);
    await t.waitFor('new session');
    await t.waitFor(prompt);
    await enter(t, home.snap('session'));
    expect(await home.whose(home.held('session'))).toMatchObject({ ok: true });
  }

  const keys = [
    ['ctrl-c', 'work', 'MFA code', ''],
    ['ctrl-c', 'work', 'MFA code', typed],
    ['ctrl-c', 'bare', 'MFA device', 'arn:aws:iam'],
    ['ctrl-d', 'work', 'MFA code', ''],
    ['ctrl-d', 'bare', 'MFA device', ''],
  ] as const;
  test.for(some(keys, 3, turn))(
    '%s, at the question of `awsmfa use %s`: %s %s',
    ([key, profile, question, text], context) =>
      needs(shell, async () => {
        const t = await open();
        t.type(`awsmfa use ${profile}\r`);
        await t.waitFor(question);
        await pause();
        t.type(text);
        await pause();
        t.key(key);
        await checkAlive(t);
        expect(home.sts.count('GetSessionToken')).toBe(0);
        await checkNext(t);
      })(context),
  );

  test(
    'Ctrl-C after a code that was refused',
    needs(shell, async () => {
      const t = await open();
      t.type('awsmfa use work\r');
      await t.waitFor('MFA code');
      await pause();
      t.type('000000\r');
      await t.waitFor('refused the MFA code');
      await t.waitFor('MFA code');
      await pause();
      t.key('ctrl-c');
      await checkAlive(t);
    }),
  );

  test(
    'Ctrl-Z cannot stop a question whose answer a shell waits for: nothing is echoed, and it can be answered',
    needs(shell, async () => {
      const t = await open();
      const code = home.sts.nextCode('ada');
      t.type('awsmfa use work\r');
      await t.waitFor('MFA code');
      await pause();
      t.key('ctrl-z');
      await pause();
      t.type(`${code}\r`);
      await t.waitFor('new session');
      await t.waitFor(prompt);
      await enter(t, 'stty -a >after');
      expect(t.screen()).not.toContain(code);
      expect(modes('after')).toBe(modes('before'));
    }),
  );

  test.for([
    ['STS lets wait', (code: string) => `awsmfa use work --token-code ${code}`],
    ['another process asks', () => 'awsmfa use work'],
  ] as const)('Ctrl-C while %s: what has ended goes, with a word', ([why, line], context) =>
    needs(shell, async () => {
      const t = await open();
      const call = heldCall(home.sts);
      const other = why === 'STS lets wait' ? undefined : await home.open(shell);
      if (other) {
        other.type('awsmfa use work\r');
        await other.waitFor('MFA code');
        await pause(500);
      }
      t.type(`${line(home.sts.nextCode('ada'))}\r`);
      await (other ? t.waitFor('Waiting for awsmfa use') : call.came);
      t.key('ctrl-c');
      await t.waitFor('awsmfa: Cancelled');
      await t.waitFor('The session of another tool in this shell has ended and was taken out');
      await t.waitFor(prompt);
      t.type(`echo sta''tus ${shell.status}; ${home.snap('after')}\r`);
      expect(await t.waitFor(/status \d+/)).toBe('status 130');
      await t.waitFor(prompt);
      expect(home.held('after')).not.toHaveProperty('AWS_SESSION_TOKEN');
      await other?.close();
    })(context),
  );

  test(
    'Ctrl-C while STS lets wait: what lives stays, and the message says what',
    needs(shell, async () => {
      const living = { AWS_CREDENTIAL_EXPIRATION: new Date(Date.now() + 7_230_000).toISOString() };
      terminal = await home.open(shell, { env: { ...yesterday, ...living } });
      const { came } = heldCall(home.sts);
      terminal.type(`awsmfa use work --token-code ${home.sts.nextCode('ada')}\r`);
      await came;
      terminal.key('ctrl-c');
      await terminal.waitFor('This shell still holds the session of another tool, 2h left');
      await terminal.waitFor(prompt);
      await enter(terminal, home.snap('after'));
      expect(home.held('after')).toMatchObject({ ...yesterday, ...living });
    }),
  );
});

/** For a key that must not arrive before the program reads keys: what it draws does not tell that it does. */
function pause(milliseconds = 150): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
