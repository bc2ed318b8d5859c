import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { desk, prompt } from '../support/desk.ts';
import { isTurn } from '../support/matrix.ts';
import type { Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';

const home = desk();
let terminal: Terminal | undefined;
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
});

const pause = (ms = 300) => new Promise((resolve) => setTimeout(resolve, ms));

/** Through the function of the integration, as it is typed. */
describe.each(integrated)('exec in $name', (shell) => {
  const turn = integrated.indexOf(shell);
  /** An interactive shell, with a session in the cache. */
  async function open(): Promise<Terminal> {
    await home.login('work');
    const t = await home.open(shell, { columns: 120 });
    terminal = t;
    return t;
  }
  async function statusOf(t: Terminal): Promise<string> {
    await t.waitFor(prompt);
    t.type(`echo sta''tus ${shell.status}\r`);
    return t.waitFor(/status \d+/);
  }

  test(
    'the command has the terminal: its size, its keys, and where to write',
    needs(shell, async () => {
      const t = await open();
      t.type(`awsmfa exec work -- sh -c 'stty size; read x; echo "read <$x>"; test -t 0 -a -t 1 -a -t 2'\r`);
      await t.waitFor('50 120');
      t.type('some words\r');
      await t.waitFor('read <some words>');
      expect(await statusOf(t)).toBe('status 0');
    }),
  );

  test(
    'Ctrl-C reaches the command once, and awsmfa waits for its end',
    needs(shell, async () => {
      const t = await open();
      const script =
        'trap "echo cau""ght" INT; echo star""ted; n=0; while test $n -lt 8; do sleep 0.1; n=$((n+1)); done; echo le""ft; exit 5';
      t.type(`awsmfa exec work -- sh -c '${script}'\r`);
      await t.waitFor('started');
      t.key('ctrl-c');
      await t.waitFor('left');
      expect(t.screen().match(/caught/g)).toHaveLength(1);
      expect(await statusOf(t)).toBe('status 5');
    }),
  );

  test(
    'Ctrl-C that ends the command: 130',
    needs(shell, async () => {
      const t = await open();
      t.type(`awsmfa exec work -- sh -c 'echo star''ted; exec sleep 30'\r`);
      await t.waitFor('started');
      await pause(100);
      t.key('ctrl-c');
      expect(await statusOf(t)).toBe('status 130');
    }),
  );

  test(
    'Ctrl-Z stops both, fg goes on with both',
    needs(shell, async () => {
      const t = await open();
      t.type(`awsmfa exec work -- sh -c 'echo star''ted; read x; echo "read <$x>"'\r`);
      await t.waitFor('started');
      await pause(100);
      t.key('ctrl-z');
      await t.waitFor(prompt);
      // Fish would take what is typed before it obeys.
      t.type('echo go""ing; fg\r');
      await t.waitFor('going');
      t.type('again\r');
      await t.waitFor('read <again>');
      // The status of a job that was stopped in a function is another one in each shell, with any program.
      await t.waitFor(prompt);
    }),
  );

  if (isTurn(0, turn))
    test(
      'the code is asked for first, and then the terminal is the command’s',
      needs(shell, async () => {
        terminal = await home.open(shell, { columns: 120 });
        const t = terminal;
        const code = home.sts.nextCode('ada');
        t.type(
          `stty -a >before; awsmfa exec work -- sh -c 'stty -a >inside; read x; echo "<$x>"'; stty -a >after\r`,
        );
        await t.waitFor('MFA code');
        await pause();
        t.type(`${code}\r`);
        await t.waitFor('work: new session, 12h left');
        await pause();
        t.type('words\r');
        await t.waitFor('<words>');
        await t.waitFor(prompt);
        const modes = ['before', 'inside', 'after'].map((name) =>
          readFileSync(join(home.home, name), 'utf8'),
        );
        expect(new Set(modes).size).toBe(1);
      }),
    );

  if (isTurn(1, turn))
    test(
      'Ctrl-C at the question: 130, and no command',
      needs(shell, async () => {
        terminal = await home.open(shell);
        terminal.type('awsmfa exec work -- touch started\r');
        await terminal.waitFor('MFA code');
        await pause();
        terminal.key('ctrl-c');
        await terminal.waitFor('Cancelled');
        expect(await statusOf(terminal)).toBe('status 130');
        expect(() => readFileSync(join(home.home, 'started'))).toThrow('ENOENT');
      }),
    );

  test(
    'without a command: a shell of one’s own, with the session, and Ctrl-C in it harms nothing',
    needs(shell, async () => {
      const t = await open();
      t.type('SHELL=/bin/bash awsmfa exec work\r');
      await t.waitFor('work: session, 12h left');
      await pause();
      t.type('PS1="in""side> "; echo "<$AWSMFA_PROFILE>"\r');
      await t.waitFor('<work>');
      await t.waitFor('inside> ');
      t.type('sleep 30\r');
      await pause();
      t.key('ctrl-c');
      await t.waitFor('inside> ');
      t.type('exit 4\r');
      expect(await statusOf(t)).toBe('status 4');
    }),
  );

  test(
    'process and exec through the function: stdout is theirs, stdin too',
    needs(shell, async () => {
      await home.login('work');
      const { status, stdout, stderr } = await home.run(
        shell,
        'awsmfa process work\necho piped | awsmfa exec work -- cat\nawsmfa exec work -- sh -c "exit 7"',
      );
      const [json = '', ...rest] = stdout.split('\n');
      expect({ status, stderr, rest, version: JSON.parse(json).Version }).toEqual({
        status: 7,
        stderr: '',
        rest: ['piped', ''],
        version: 1,
      });
    }),
  );
});
