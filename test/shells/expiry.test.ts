import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spawn, type Terminal } from '../support/pty.ts';
import { code, type Sandbox, sandbox } from '../support/sandbox.ts';
import { collect, type IntegratedShell, integrated, needs } from '../support/shells.ts';

const shells = integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name));

const session = (left: number, profile = 'work') => ({
  AWS_ACCESS_KEY_ID: 'ASIA',
  AWS_SECRET_ACCESS_KEY: 'canary-secret',
  AWS_SESSION_TOKEN: 'canary-token',
  AWSMFA_PROFILE: profile,
  AWSMFA_EXPIRES_AT: String(Math.floor(Date.now() / 1000) + left),
});

/** Runs the hook as the shell does before a prompt. */
const hook = { zsh: '_awsmfa_precmd', bash: '_awsmfa_precmd x', fish: 'emit fish_prompt' } as Record<
  string,
  string
>;
const set = (shell: IntegratedShell, name: string, value: string) =>
  shell.name === 'fish' ? `set -gx ${name} '${value}'` : `export ${name}='${value}'`;

describe.each(shells)('the end of a session in $name', (shell) => {
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
  const prompts = async (env: Record<string, string>, between = '') => {
    const { stdout, stderr } = await box.run(
      `${hook[shell.name]}\n${hook[shell.name]}\n${between}\n${hook[shell.name]}\n${hook[shell.name]}`,
      env,
    );
    expect(stdout).toBe('');
    return stderr;
  };

  test(
    'warns once at ten minutes and once at the end, and never without AWSMFA_AUTO',
    needs(shell, async () => {
      const auto = { AWSMFA_AUTO: 'warn' };
      expect(await prompts({ ...session(7200), ...auto })).toBe('');
      expect(await prompts({ ...session(540), ...auto })).toBe(
        'awsmfa: work ends in 9m; a new session: awsmfa --refresh\n',
      );
      expect(await prompts({ ...session(-5), ...auto })).toBe(
        'awsmfa: work has ended; a new session: awsmfa\n',
      );
      for (const env of [{}, { AWSMFA_AUTO: 'off' }, { AWSMFA_AUTO: 'nonsense' }]) {
        expect(await prompts({ ...session(5), ...env })).toBe('');
      }
      expect(await prompts({ ...session(5), ...auto, AWSMFA_PROFILE: '' })).toBe('');
      const next = set(shell, 'AWSMFA_EXPIRES_AT', session(-5).AWSMFA_EXPIRES_AT);
      expect((await prompts({ ...session(540), ...auto }, next)).split('\n')).toHaveLength(3);
      expect(box.calls()).toEqual([]);
    }),
  );

  test.for(['words', 'a[$(touch x)]', '9'.repeat(30), '-1', ' 1', '1\n2'])(
    'AWSMFA_EXPIRES_AT=%j is passed over',
    (value, context) =>
      needs(shell, async () => {
        const env = { ...session(5), AWSMFA_AUTO: 'warn', AWSMFA_EXPIRES_AT: value };
        expect(await prompts(env)).toBe('');
        expect(await box.run('awsmfa_prompt', env)).toMatchObject({ stdout: '', stderr: '' });
        expect(existsSync(join(box.home, 'x'))).toBe(false);
      })(context),
  );

  test(
    'renew: the program is asked once, without a prompt, for what this shell got by its name',
    needs(shell, async () => {
      const renewed = session(3600);
      box.answer({ stdout: code(shell, { ...session(500), AWSMFA_PROFILE: 'work' }) });
      const script = `awsmfa use work\n${hook[shell.name]}\n${hook[shell.name]}`;
      const env = { AWSMFA_AUTO: 'renew' };
      expect(await box.run(script, env)).toMatchObject({ stdout: '', stderr: '' });
      expect(box.calls().map(({ args }) => args)).toEqual([
        ['use', '--shell', shell.name, 'work'],
        ['use', '--shell', shell.name, '--quiet', '--no-prompt', '--min-ttl', '11m', '--profile=work'],
      ]);
      const before = box.calls().length;
      const inherited = await box.run(`${hook[shell.name]}`, { ...session(500), ...env });
      expect(inherited.stderr).toContain('work ends in 8m');
      const optional = await box.run(`awsmfa use work --role-arn x\n${hook[shell.name]}`, env);
      expect(optional.stderr).toContain('work ends in 8m');
      expect(
        box
          .calls()
          .slice(before)
          .map(({ args }) => args.at(-1)),
      ).toEqual(['x']);
      expect(renewed.AWSMFA_PROFILE).toBe('work');
    }),
  );

  test(
    'renew that needs a code warns, and shows none of the words of the program',
    needs(shell, async () => {
      box.answer({
        script: `case "$*" in *quiet*) echo essay >&2; exit 4;; esac`,
        stdout: code(shell, session(500)),
      });
      const result = await box.run(`awsmfa use work\n${hook[shell.name]}`, { AWSMFA_AUTO: 'renew' });
      expect(result.stderr).toBe('awsmfa: work ends in 8m; a new session: awsmfa --refresh\n');
    }),
  );

  test(
    'awsmfa_prompt: profile and time left, coloured by urgency',
    needs(shell, async () => {
      const says = async (env: Record<string, string>) => (await box.run('awsmfa_prompt', env)).stdout;
      const plain = { NO_COLOR: '1' };
      expect(await says({})).toBe('');
      expect(await says({ ...session(11_521), ...plain })).toBe('work 3h12m');
      expect(await says({ ...session(61), ...plain })).toBe('work 1m');
      expect(await says({ ...session(-1), ...plain })).toBe('work expired');
      const odd = await says({ ...session(3601, 'a\u001b[31m%F{red}'), ...plain });
      expect(odd).not.toContain('\u001b');
      const scoped = { ...session(11_521), ...plain, AWSMFA_SCOPE: 'read-only' };
      expect(await says(scoped)).toBe('work (read-only) 3h12m');
      expect(await says({ ...scoped, AWSMFA_SCOPE: '' })).toBe('work 3h12m');
      const escapes = shell.name === 'zsh' ? 'work (a?[31m%%F{red}) 3h12m' : 'work (a?[31m%F{red}) 3h12m';
      expect(await says({ ...scoped, AWSMFA_SCOPE: 'a\u001b[31m%F{red}' })).toBe(escapes);
      const colours = await Promise.all(
        [3601, 300, -1].map((left) => says({ ...session(left), TERM: 'xterm' })),
      );
      expect(new Set(colours.map((text) => text.replace(/work.*?(1h|5m|expired)/, ''))).size).toBe(3);
      if (shell.name !== 'fish') {
        const variable = await box.run('awsmfa_prompt mine; echo "<$mine>"', { ...session(3601), ...plain });
        expect(variable.stdout).toBe('<work 1h>\n');
      }
    }),
  );

  test(
    'nothing due: no process, and the status and $_ of the user stay',
    needs(
      'strace',
      needs(shell, async () => {
        const count = async (line: string) => {
          const [file, log] = [join(box.home, 'script'), join(box.home, 'strace')];
          writeFileSync(file, `source ${shell.quote(shell.integration)}\n${line}\n`);
          const args = ['-f', '-qq', '-e', 'trace=execve,fork,vfork,clone,clone3', '-o', log];
          const env = { ...box.env, ...session(7200), AWSMFA_AUTO: 'renew' };
          await collect('strace', [...args, shell.command, ...shell.args, file], { env, cwd: box.home });
          return readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => /\b(execve|v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD'))
            .length;
        };
        expect(await count(`${hook[shell.name]}\n${hook[shell.name]}`)).toBe(await count(''));
      }),
    ),
  );

  test(
    'in a terminal: the hooks of the user run too, $? and $_ are theirs, and unload takes all of it away',
    needs(shell, async () => {
      const env = { ...box.env, ...session(540), AWSMFA_AUTO: 'warn', TERM: 'xterm' };
      const t = spawn(shell.command, shell.interactive, { env, cwd: box.home });
      terminal = t;
      const own = {
        zsh: `precmd_functions+=(mine); mine() { builtin print "mine:$?" }; PS1='re''ady> '`,
        bash: `PROMPT_COMMAND='echo "mi""ne:$?"'; PS1='re''ady> '`,
        fish: `function mine --on-event fish_prompt; echo "mi""ne:$status"; end; function fish_prompt; echo 're''ady> '; end`,
      }[shell.name];
      t.type(`${own}\r`);
      await t.waitFor('ready> ');
      t.type(`source ${shell.quote(shell.integration)}\r`);
      await t.waitFor('work ends in 9m; a new session: awsmfa --refresh');
      await t.waitFor('ready> ');
      t.type(shell.name === 'fish' ? 'sh -c "exit 7"\r' : '(exit 7)\r');
      await t.waitFor('mine:7');
      await t.waitFor('ready> ');
      t.type(`echo sta''tus:${shell.status}\r`);
      await t.waitFor('status:7');
      await t.waitFor('ready> ');
      if (shell.name !== 'fish') {
        t.type(': one two\r');
        await t.waitFor('ready> ');
        t.type('echo "la""st:$_"\r');
        await t.waitFor('last:two');
        await t.waitFor('ready> ');
      }
      expect(t.screen().match(/work ends in/g)).toHaveLength(1);
      t.type('awsmfa unload\r');
      await t.waitFor('ready> ');
      const left = {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh's own words
        zsh: 'print -rl -- ${(k)functions[(I)*awsmfa*]} ${precmd_functions} ${(k)parameters[(I)_awsmfa*]} ${_comps[awsmfa]-}',
        bash: 'compgen -A function | grep awsmfa; echo "$PROMPT_COMMAND"; compgen -v _awsmfa; complete -p awsmfa',
        fish: 'functions -an | string match "*awsmfa*"; set -n | string match "_awsmfa*"; complete -c awsmfa; complete -C "set -gx AWS_PROFILE "; complete -C "export AWS_PROFILE="',
      }[shell.name];
      t.type(`clear; ${left}; echo en''d\r`);
      await t.waitFor(/end\r?\n/);
      await t.waitFor('ready> ');
      const shown = t.screen().slice(t.screen().lastIndexOf("echo en''d") + 10);
      expect(shown.replace(/complete: awsmfa.*|bash: complete.*/g, '')).not.toMatch(/_awsmfa|awsmfa_prompt/);
      if (shell.name !== 'fish') expect(shown).toContain('mine');
    }),
    30_000,
  );
});
