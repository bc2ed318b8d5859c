import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { code, type Sandbox, sandbox } from '../support/sandbox.ts';
import { integrated, needs } from '../support/shells.ts';

const nasty = `a'b"c\`touch bad\`$(touch bad)\\$HOME\n\n ;&|*?~ \\' \\\\ é=ls !! %s`;

describe.each(integrated)('the function in $name', (shell) => {
  let box: Sandbox;
  beforeEach(() => {
    box = sandbox(shell);
  });
  afterEach(() => box.remove());
  const args = () => box.calls().map((call) => call.args);
  const q = shell.quote;
  const into = ['--shell', shell.name];

  test(
    'bare, with options, `use` and `clear` are asked for code',
    needs(shell, async () => {
      await box.run(
        `awsmfa\nawsmfa --profile ${q('a b')} --refresh\nawsmfa use work --token-code 123456\nawsmfa clear`,
      );
      expect(args()).toEqual([
        ['use', ...into],
        ['use', ...into, '--profile', 'a b', '--refresh'],
        ['use', ...into, 'work', '--token-code', '123456'],
        ['clear', ...into],
      ]);
    }),
  );

  test(
    'everything else passes through untouched, with its output and its status',
    needs(shell, async () => {
      const odd = ['', 'a b', '*', '-x', nasty, '--'];
      box.answer({ stdout: 'out\n', stderr: 'err\n', status: 7 });
      const lines = [['exec', ...odd], ['--help'], ['-h'], ['--version'], ['']].map(
        (line) => `awsmfa ${line.map(q).join(' ')}\necho ${shell.status}`,
      );
      const result = await box.run(lines.join('\n'));
      expect(result.stdout).toBe('out\n7\n'.repeat(5));
      expect(result.stderr).toBe('err\n'.repeat(5));
      expect(args()).toEqual([['exec', ...odd], ['--help'], ['-h'], ['--version'], ['']]);
    }),
  );

  test(
    'stdin passes through',
    needs(shell, async () => {
      box.answer({ script: '/bin/cat' });
      expect((await box.run('echo piped | awsmfa exec -- x')).stdout).toBe('piped\n');
    }),
  );

  test(
    'help and version are shown on stdout and not evaluated, and change nothing',
    needs(shell, async () => {
      box.answer({ stdout: 'touch bad\n', stderr: 'help\n' });
      const env = { AWS_SESSION_TOKEN: 'old', AWS_ACCESS_KEY_ID: 'old' };
      const result = await box.run(
        'awsmfa use --help\nawsmfa clear -h\nawsmfa use work --version\nawsmfa --profile x --help\nawsmfa list',
        env,
      );
      expect(result.stderr).toBe('help\n'.repeat(5));
      expect(result.stdout).toBe('touch bad\n'.repeat(5));
      // Without --shell, with which the program would write to stderr.
      expect(args().slice(0, 2)).toEqual([
        ['use', '--help'],
        ['clear', '-h'],
      ]);
      expect(box.calls().map((call) => call.env.AWS_SESSION_TOKEN)).toEqual(Array(5).fill('old'));
    }),
  );

  test(
    'the code is applied: what it clears is gone, what it sets is exported, whatever is in it',
    needs(shell, async () => {
      const set = {
        AWS_ACCESS_KEY_ID: 'ASIA',
        AWS_SECRET_ACCESS_KEY: nasty,
        AWS_SESSION_TOKEN: `${nasty}'`,
        AWS_X: '',
      };
      box.answer({ stdout: code(shell, set, ['AWS_PROFILE', 'AWS_NEVER_THERE']) });
      const result = await box.run(`awsmfa use work\necho ${shell.status}\nawsmfa list >/dev/null`, {
        AWS_PROFILE: 'x',
      });
      expect(result).toMatchObject({ status: 0, stdout: '0\n', stderr: '' });
      const env = box.calls().at(-1)?.env ?? {};
      expect(env).toMatchObject(set);
      expect(env).not.toHaveProperty('AWS_PROFILE');
    }),
  );

  test(
    'code that only clears is a success',
    needs(shell, async () => {
      box.answer({ stdout: code(shell, {}, ['AWS_NEVER_THERE', 'AWS_NOR_THIS']) });
      expect((await box.run(`awsmfa clear\necho ${shell.status}`)).stdout).toBe('0\n');
    }),
  );

  test.for([1, 2, 3, 4, 5, 6, 126, 127, 130, 143])(
    'status %i of the core is the function’s, and nothing is evaluated',
    (status, context) =>
      needs(shell, async () => {
        box.answer({ stdout: `false\n${code(shell, { AWS_X: 'bad' })}`, stderr: 'why\n', status });
        const show = `echo ${shell.status}`;
        const result = await box.run(
          `awsmfa\n${show}\nawsmfa use x\n${show}\nawsmfa clear\n${show}\necho "[$AWS_X]"`,
          {
            AWS_X: '',
          },
        );
        expect(result.stdout).toBe(`${status}\n${status}\n${status}\n[]\n`);
        expect(result.stderr).toBe('why\n'.repeat(3));
      })(context),
  );

  test(
    'code that cannot be read is a failure',
    needs(shell, async () => {
      box.answer({ stdout: 'if (((\n' });
      const result = await box.run(`awsmfa use x\necho "status ${shell.status}"`);
      expect(result.stdout).toMatch(/^status [1-9]/);
      expect(result.stderr).not.toBe('');
    }),
  );

  test(
    'without the core on PATH: 127, and one line that says so',
    needs(shell, async () => {
      rmSync(join(box.bin, 'awsmfa'));
      const handlers = shell.name === 'fish' ? 'function fish_command_not_found; echo ESSAY; end' : ESSAYS;
      const show = `echo ${shell.status}`;
      const result = await box.run(
        `${handlers}\nawsmfa\n${show}\nawsmfa use x\n${show}\nawsmfa list\n${show}`,
      );
      expect(result.stdout).toBe('127\n127\n127\n');
      expect(result.stderr).toBe('awsmfa: the awsmfa program is not on PATH\n'.repeat(3));
    }),
  );
});

const ESSAYS = `command_not_found_handle() { echo ESSAY; }
command_not_found_handler() { echo ESSAY; }`;

describe.each(integrated.filter((shell) => shell.name !== 'fish'))('errexit in $name', (shell) => {
  test.for(['awsmfa', 'awsmfa use x', 'awsmfa clear', 'awsmfa list', 'awsmfa use --help'])(
    '%s',
    (command, context) =>
      needs(shell, async () => {
        const box = sandbox(shell);
        box.answer({ stdout: 'false\n', status: 5 });
        const fatal = await box.run(`set -e\n${command} >/dev/null\necho alive`);
        expect(fatal).toMatchObject({ status: 5, stdout: '' });
        const handled = await box.run(`set -e\n${command} >/dev/null || echo "handled $?"\necho "alive $-"`);
        expect(handled.stdout).toMatch(/^handled 5\nalive \S*e/);
        box.remove();
      })(context),
  );
});
