import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ada, arnOf, desk, prompt } from '../support/desk.ts';
import { spawn } from '../support/pty.ts';
import { collect, type IntegratedShell, integrated, needs, run } from '../support/shells.ts';

const at = desk();
const byName = (name: string) => integrated.find((shell) => shell.name === name) as IntegratedShell;
const shellDirectory = dirname(byName('zsh').integration);

describe('direnv', () => {
  /** A project whose .envrc says `use awsmfa work`, allowed. */
  async function project(line = 'use awsmfa work'): Promise<string> {
    const directory = join(at.home, 'project');
    mkdirSync(join(at.home, '.config/direnv'), { recursive: true });
    mkdirSync(directory);
    writeFileSync(join(at.home, '.config/direnv/direnvrc'), `source '${shellDirectory}/awsmfa.direnv.sh'\n`);
    writeFileSync(join(directory, '.envrc'), `${line}\n`);
    expect(await direnv(['allow', directory])).toMatchObject({ status: 0 });
    return directory;
  }
  const direnv = (args: readonly string[], env = {}) =>
    collect('direnv', args, { env: { ...at.env, ...env }, cwd: at.home });

  test(
    'use awsmfa work puts the cached session into the directory',
    needs('direnv', async () => {
      const directory = await project();
      await at.login('work');
      const yesterday = {
        AWS_ACCESS_KEY_ID: 'ASIAOLD',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_SESSION_TOKEN: 'old',
      };
      const result = await direnv(['exec', directory, '/bin/sh', '-c', at.snap('inside')], yesterday);
      expect(result).toMatchObject({ status: 0 });
      expect(await at.whose(at.held('inside'))).toMatchObject({ arn: arnOf(ada) });
      expect(at.held('inside')).toMatchObject({ AWSMFA_PROFILE: 'work', AWS_REGION: 'eu-central-1' });
    }),
  );

  test(
    'without a session it asks nobody, says what to do, and is found again after awsmfa login',
    needs('direnv', async () => {
      const directory = await project();
      const result = await direnv(['exec', directory, '/bin/sh', '-c', at.snap('inside')]);
      expect(result.stderr).toContain('use awsmfa: a code is needed. Run awsmfa login work');
      expect(result.stderr).not.toContain('taking a while');
      expect(existsSync(join(at.home, '.aws/awsmfa/session'))).toBe(false);
    }),
  );

  test.for(['zsh', 'fish'])('%s: there on entering, and gone on leaving', (name, context) =>
    needs(
      'direnv',
      needs(byName(name), async () => {
        const shell = byName(name);
        const directory = await project();
        await at.login('work');
        const t = spawn(shell.command, shell.interactive, { env: at.env, cwd: at.home });
        try {
          const hook = name === 'fish' ? 'direnv hook fish | source' : 'eval "$(direnv hook zsh)"';
          const ask = name === 'fish' ? "function fish_prompt; echo 're''ady> '; end" : "PS1='re''ady> '";
          t.type(`source ${shell.quote(shell.integration)}; ${hook}; ${ask}\r`);
          await t.waitFor(prompt);
          t.type(`cd ${shell.quote(directory)}\r`);
          await t.waitFor('direnv: export');
          await t.waitFor(prompt);
          t.type(`${at.snap('inside')}\r`);
          await t.waitFor(prompt);
          t.type('cd ..\r');
          await t.waitFor('direnv: unloading');
          await t.waitFor(prompt);
          t.type(`${at.snap('outside')}\r`);
          await t.waitFor(prompt);
          expect(await at.whose(at.held('inside'))).toMatchObject({ arn: arnOf(ada) });
          expect(Object.keys(at.held('outside')).filter((key) => /^AWS_S|^AWSMFA_/.test(key))).toEqual([]);
        } finally {
          await t.close();
        }
      }),
    )(context),
  );
});

test(
  'a plugin of oh-my-zsh, zinit or antidote: the directory, linked under another name',
  needs('zsh', async () => {
    const link = join(at.home, 'plugins');
    symlinkSync(shellDirectory, link);
    const script = `source '${link}/awsmfa.plugin.zsh'; awsmfa use nobody; whence -w awsmfa`;
    const result = await run(byName('zsh'), script, { env: at.env, cwd: at.home });
    expect(result.stdout).toBe('awsmfa: function\n');
    expect(result.stderr).toContain('No profile "nobody"');
  }),
);

test(
  'conf.d of fish: a link to the file',
  needs('fish', async () => {
    const directory = join(at.home, '.config/fish/conf.d');
    mkdirSync(directory, { recursive: true });
    symlinkSync(byName('fish').integration, join(directory, 'awsmfa.fish'));
    const shell = { ...byName('fish'), args: [] };
    const script = "functions -q awsmfa; and echo loaded\ncomplete -C 'awsmfa us' | head -1";
    const result = await run({ ...shell, args: ['-i'] }, script, { env: at.env, cwd: at.home });
    expect(result.stdout).toBe('loaded\nuse\tget a session and apply it to this shell\n');
  }),
);
