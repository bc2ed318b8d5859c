import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { code, type Sandbox, sandbox } from '../support/sandbox.ts';
import { integrated, needs, run } from '../support/shells.ts';

const set = {
  AWS_ACCESS_KEY_ID: 'canary-id',
  AWS_SECRET_ACCESS_KEY: 'canary-key',
  AWS_SESSION_TOKEN: 'canary-token',
};
const stale = {
  AWS_ACCESS_KEY_ID: 'canary-old',
  AWS_SECRET_ACCESS_KEY: 'canary-old',
  AWS_SESSION_TOKEN: 'canary-old',
};

describe.each(integrated)('secrets in $name', (shell) => {
  const fish = shell.name === 'fish';
  let box: Sandbox;
  beforeEach(() => {
    box = sandbox(shell);
    box.answer({ stdout: code(shell, set, ['AWS_PROFILE']) });
  });
  afterEach(() => box.remove());

  test(
    'are not traced, and tracing goes on afterwards',
    needs(shell, async () => {
      const [on, state] = fish ? ['set -g fish_trace 1', '$fish_trace'] : ['set -xv', '$-'];
      const script = `${on}\nawsmfa use work\nawsmfa\nawsmfa clear\nawsmfa list >list\necho "still ${state}"`;
      const result = await box.run(script, stale);
      expect(result.stdout).toMatch(fish ? /^still 1\n/ : /^still (\S*v\S*x|\S*x\S*v)/);
      expect(result.stderr).toMatch(/^\S*\+?\S*> ?awsmfa use work$|^\+ awsmfa use work$/m);
      expect(result.stderr).toMatch(/echo .still/);
      expect(result.stderr).not.toContain('canary');
    }),
  );

  test(
    'are not traced when a session lasts and nothing is done',
    needs(shell, async () => {
      const on = fish ? 'set -g fish_trace 1' : 'set -xv';
      const env = { ...set, AWSMFA_PROFILE: 'canary-profile', AWSMFA_EXPIRES_AT: '99999999999' };
      const result = await box.run(`${on}\nawsmfa`, env);
      expect(result.stderr).not.toContain('canary');
      expect(box.calls()).toEqual([]);
    }),
  );

  test(
    'stay nowhere but in their variables',
    needs(shell, async () => {
      const everything = {
        zsh: 'typeset; typeset -f',
        bash: 'set; declare -f; history',
        fish: 'set; functions',
      }[shell.name];
      const last = fish ? '' : 'echo "last [$_]"';
      const result = await box.run(`awsmfa use work\n${last}\n${everything}`, stale);
      const lines = result.stdout.split('\n').filter((line) => line.includes('canary'));
      expect(
        lines.filter(
          (line) => !/^(export )?AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)\b/.test(line),
        ),
      ).toEqual([]);
      expect(lines).toHaveLength(3);
      if (last) expect(result.stdout).toMatch(/^last \[(work|awsmfa)\]$/m);
    }),
  );

  test(
    'no variable of the function is left over',
    needs(shell, async () => {
      const names = { zsh: 'typeset +', bash: 'compgen -v', fish: 'set -n' }[shell.name];
      const result = await box.run(
        `awsmfa use work\nawsmfa\nawsmfa clear\nawsmfa use x --help >/dev/null\n${names}`,
      );
      expect(result.stdout).toContain('AWS_SESSION_TOKEN');
      expect(result.stdout).not.toMatch(/_awsmfa|\bwanted\b|\bleast\b/);
    }),
  );
});

test(
  'a bash that does not know `local -` (before 4.4) gets its options back, too',
  needs('bash', async () => {
    const bash = integrated.filter(({ name }) => name === 'bash');
    for (const shell of bash) {
      const box = sandbox(shell);
      box.answer({ stdout: code(shell, set) });
      const old = readFileSync(shell.integration, 'utf8').replace('\\builtin local - ', '\\builtin local @ ');
      expect(old).toContain('local @');
      for (const options of ['', 'e', 'x', 'v', 'T', 'E', 'k', 'exvTk', 'u']) {
        const script = `${old}\nshopt -s nocasematch\n${options && `set -${options}`}\na=$-\nawsmfa use work\nb=$-\nset +x\necho "$a" "$b" "$AWS_SESSION_TOKEN"`;
        const result = await run(shell, script, box);
        const [before, after, token] = result.stdout.trim().split(' ');
        expect([after, token], options).toEqual([before, 'canary-token']);
        expect(result.stderr).not.toContain('canary');
      }
      box.remove();
    }
  }),
);
