import { afterEach, describe, expect, test } from 'vitest';
import { desk, prompt } from '../support/desk.ts';
import { start, until } from '../support/processes.ts';
import type { Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const home = desk();
let terminal: Terminal;
afterEach(async () => {
  await terminal?.close();
});

const bash = integrated.find(({ name }) => name === 'bash') as IntegratedShell;
const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
const holder = /awsmfa use \(process \d+, on pts\/\d+\)/;

/** A shell in which the code is asked for. */
async function question(): Promise<Terminal> {
  terminal = await home.open(bash);
  terminal.type('awsmfa use work\r');
  await terminal.waitFor('MFA code');
  await pause();
  return terminal;
}

/** Something without a terminal that needs the same session; what is done once it waits; and how it ends. */
async function meanwhile(act: () => void) {
  const place = { home: { path: home.home }, sts: home.sts };
  const { said, result } = start(['process', 'work'], place, { env: { ...home.env, SHELL: '/bin/sh' } });
  await until(() => said().includes('Waiting'));
  act();
  return result;
}

describe('who waits for an answer in another terminal', () => {
  test(
    'is told in which, and gets the session',
    needs(bash, async () => {
      const t = await question();
      const { status, stdout, stderr } = await meanwhile(() => t.type(`${home.sts.nextCode('ada')}\r`));
      await t.waitFor('work: new session');
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(
          new RegExp(`^Waiting for ${holder.source}, which is getting a session for work\n$`),
        ),
      });
      expect(JSON.parse(stdout).AccessKeyId).toBe(home.sts.sessions()[0]?.accessKeyId);
    }),
  );

  test(
    'gives up with its status when that was cancelled, and says so',
    needs(bash, async () => {
      const t = await question();
      const { status, stdout, stderr } = await meanwhile(() => t.key('ctrl-c'));
      await t.waitFor(prompt);
      expect({ status, stdout, stderr }).toEqual({
        status: 130,
        stdout: '',
        stderr: expect.stringMatching(
          new RegExp(
            `\nawsmfa: ${holder.source} was getting the session for work, and was cancelled there\\. Run it again to be asked here\\.\n$`,
          ),
        ),
      });
    }),
  );

  test(
    'does its own work when the other one died: here there is nobody to ask',
    needs(bash, async () => {
      const t = await question();
      const { status, stderr } = await meanwhile(() => t.close());
      expect({ status, last: stderr.split('\n').at(-2) }).toEqual({
        status: 4,
        last: expect.stringMatching(/^awsmfa: An MFA code is needed/),
      });
    }),
  );
});
