import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spawn, type Terminal } from '../support/pty.ts';
import { code, type Sandbox, sandbox } from '../support/sandbox.ts';
import { type IntegratedShell, integrated, locate, needs } from '../support/shells.ts';

const asks = 'printf "MFA code: " >/dev/tty; IFS= read -r typed </dev/tty; echo "typed <$typed>" >&2';
const waits = `trap 'sleep 0.2; echo interrupted >&2; echo false; exit 130' INT
echo waiting >&2; while :; do sleep 0.05; done`;

describe.each(integrated)('$name on a terminal', (shell) => {
  let box: Sandbox;
  let terminal: Terminal | undefined;
  beforeEach(() => {
    box = sandbox(shell);
  });
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
    box.remove();
  });

  test(
    'the core asks on the terminal while its code is caught',
    needs(shell, async () => {
      box.answer({ script: asks, stdout: code(shell, { AWS_SESSION_TOKEN: 'token' }) });
      const t = await open(shell, box);
      t.type('awsmfa use work\r');
      await t.waitFor('MFA code: ');
      t.type('123456\r');
      await t.waitFor('typed <123456>');
      await says(t, `"$AWS_SESSION_TOKEN ${shell.status}"`, 'token 0');
    }),
  );

  test(
    'what passes through has the terminal itself',
    needs(shell, async () => {
      box.answer({
        script: '[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo "all of it"; read -r line; echo "read <$line>"',
      });
      const t = await open(shell, box);
      t.type('awsmfa exec -- sh\r');
      await t.waitFor('all of it');
      t.type('hello\r');
      await t.waitFor('read <hello>');
    }),
  );

  test.for(['awsmfa use work', 'awsmfa', 'awsmfa exec x'])(
    'Ctrl-C during `%s`: 130, and the shell lives',
    (line, context) =>
      needs(shell, async () => {
        const t = await open(shell, box);
        box.answer({ script: waits });
        t.type(`${line}\r`);
        await t.waitFor('waiting');
        t.key('ctrl-c');
        await t.waitFor('interrupted');
        await t.waitFor(prompt);
        await says(t, shell.status, '130');
        box.answer({ stdout: code(shell, { AWS_X: 'yes' }) });
        t.type('awsmfa use work\r');
        await t.waitFor(prompt);
        await says(t, '$AWS_X', 'yes');
      })(context),
  );

  test(
    'a core that ends with 130 of its own, as after Ctrl-C at its prompt',
    needs(shell, async () => {
      box.answer({ script: asks, stdout: 'false\n', status: 130 });
      const t = await open(shell, box);
      t.type('awsmfa use work\r');
      await t.waitFor('MFA code: ');
      t.key('enter');
      await t.waitFor(prompt);
      await says(t, shell.status, '130');
    }),
  );

  test(
    'Ctrl-C leaves tracing and the traps of the user as they were',
    needs(shell, async () => {
      const t = await open(shell, box);
      const fish = shell.name === 'fish';
      t.type(fish ? 'set -g fish_trace 1\r' : "trap 'echo mine' INT; set -x\r");
      await t.waitFor(prompt);
      box.answer({ script: waits });
      t.type('awsmfa use work\r');
      await t.waitFor('waiting');
      t.key('ctrl-c');
      await t.waitFor('interrupted');
      await t.waitFor(prompt);
      if (fish) await says(t, '$fish_trace', '1');
      else {
        await says(t, '"$-"', /x/);
        t.type('trap\r');
        await t.waitFor(/echo mine.* (SIG)?INT/);
      }
    }),
  );

  test(
    'the history holds what was typed, and no more',
    needs(shell, async () => {
      box.answer({ stdout: code(shell, { AWS_SESSION_TOKEN: 'canary' }) });
      const t = await open(shell, box);
      t.type('awsmfa use work\r');
      await t.waitFor(prompt);
      t.type(`${shell.name === 'zsh' ? 'fc -l 1' : 'history | /bin/cat'}; echo do''ne\r`);
      await t.waitFor(/^done$/m);
      expect(t.screen()).toContain('awsmfa use work');
      expect(t.screen()).not.toContain('canary');
    }),
  );
});

const prompt = 'ready> ';

/** An interactive shell with the integration, at its first prompt. */
async function open(shell: IntegratedShell, box: Sandbox): Promise<Terminal> {
  mkdirSync(join(box.home, '.aws/awsmfa'), { recursive: true });
  const t = spawn(locate(shell.command) ?? shell.command, shell.interactive, { env: box.env, cwd: box.home });
  const ask = shell.name === 'fish' ? "function fish_prompt; echo 're''ady> '; end" : "PS1='re''ady> '";
  t.type(`source ${shell.quote(shell.integration)}; ${ask}\r`);
  await t.waitFor(prompt);
  return t;
}

/** The words are broken in two on the way in, since a terminal echoes what is typed. */
async function says(t: Terminal, expression: string, expected: string | RegExp): Promise<void> {
  t.type(`echo an''swer ${expression}\r`);
  const answer = (await t.waitFor(/answer .*\n/)).slice('answer '.length, -1);
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatch(expected);
  await t.waitFor(prompt);
}
