import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { desk, prompt } from '../support/desk.ts';
import type { Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';

const home = desk();
let terminal: Terminal;
afterEach(async () => {
  await terminal?.close();
});

const pause = (ms = 400) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(integrated)('jobs of $name', (shell) => {
  /** A prompt alone may be an older one, which was shown late. Shells call a job `done`. */
  async function enter(t: Terminal, line: string): Promise<void> {
    t.type(`${line}; echo writ""ten\r`);
    await t.waitFor('written');
    await t.waitFor(prompt);
  }
  /** No job is left, nor becomes one, by the time that the shell has said all it has to say. */
  async function noJobs(t: Terminal): Promise<void> {
    await enter(t, 'wait; jobs >jobs');
    expect(readFileSync(join(home.home, 'jobs'), 'utf8')).not.toMatch(/stopped|suspended|running/i);
  }
  const modes = (name: string) =>
    readFileSync(join(home.home, name), 'utf8')
      .split(/[\s;]+/)
      .filter((word) => /^-?(?:echo|icanon|isig)$/.test(word));

  /** A question that was stopped with Ctrl-Z, and the shell's prompt after it. */
  async function stopped(): Promise<Terminal> {
    const t = await home.open(shell);
    terminal = t;
    await enter(t, 'stty -a >before');
    t.type('awsmfa login work\r');
    await t.waitFor('MFA code for work');
    await pause();
    t.key('ctrl-z');
    // fish says nothing of a function that was stopped.
    if (shell.name !== 'fish') await t.waitFor(/stopped|suspended/i);
    await t.waitFor(prompt);
    await enter(t, 'stty -a >after');
    expect(modes('after')).toEqual(modes('before'));
    return t;
  }

  test(
    'Ctrl-Z at the question, then fg: it can be answered, and the code is not shown',
    needs(shell, async () => {
      const t = await stopped();
      t.type('fg\r');
      await t.waitFor('MFA code for work');
      await pause();
      const code = home.sts.nextCode('ada');
      t.type(`${code}\r`);
      await t.waitFor('work: new session');
      await t.waitFor(prompt);
      await enter(t, 'stty -a >after');
      expect(modes('after')).toEqual(modes('before'));
      expect(t.screen()).not.toContain(code);
    }),
  );

  test(
    'Ctrl-Z at the question, then bg: it ends, says why, and the shell has the terminal',
    needs(shell, async () => {
      const t = await stopped();
      t.type('bg\r');
      await t.waitFor('awsmfa: Another job has the terminal');
      await noJobs(t);
      await enter(t, 'stty -a >after');
      expect(modes('after')).toEqual(modes('before'));
    }),
  );

  test(
    'with & it is in the background: it ends, says why, and is not stopped',
    needs(shell, async () => {
      const t = await home.open(shell);
      terminal = t;
      // fish runs no function in the background.
      t.type(`${shell.name === 'fish' ? 'command ' : ''}awsmfa login work &\r`);
      await t.waitFor('An MFA code is needed, and there is no terminal to ask on');
      await noJobs(t);
      await enter(t, 'stty -a >after');
      expect(modes('after')).toContain('icanon');
    }),
  );

  test(
    'below timeout at the prompt it is in the foreground: it asks, and timeout ends it',
    needs(shell, async () => {
      const t = await home.open(shell);
      terminal = t;
      await enter(t, 'stty -a >before');
      t.type('timeout 6 awsmfa login work\r');
      await t.waitFor('MFA code for work');
      await t.waitFor('Terminated');
      await t.waitFor(prompt);
      t.type(`echo sta''tus ${shell.status}\r`);
      expect(await t.waitFor(/status \d+/)).toBe('status 124');
      await t.waitFor(prompt);
      await enter(t, 'stty -a >after');
      expect(modes('after')).toEqual(modes('before'));
    }),
  );

  test(
    'below timeout in a script it is in the background: it ends at once',
    needs(shell, async () => {
      const t = await home.open(shell);
      terminal = t;
      t.type(`${shell.command} -c 'timeout 50 awsmfa login work; echo en""ded ${shell.status}'\r`);
      expect(await t.waitFor(/ended \d+/)).toBe('ended 4');
    }),
  );
});
