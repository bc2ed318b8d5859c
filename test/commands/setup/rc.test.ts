import { chmodSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../../src/main.ts';
import { fakeTerminal, fakeWorld, type Run } from '../../support/world.ts';
import { ann, block, credentialsOf, serialOf, setupStage } from './stage.ts';

const at = setupStage();

const enter = '\r';
const line = "[ ! -f '/opt/awsmfa/shell/awsmfa.zsh' ] || source '/opt/awsmfa/shell/awsmfa.zsh'";
const env = () => ({ AWSMFA_TOKEN_CODE: at.sts.nextCode(serialOf(ann)) });

/** With all else in its place. */
beforeEach(() => {
  at.home.write('.aws/credentials', credentialsOf('default', ann));
  at.home.write('.aws/config', `[default]\nregion = eu-west-1\nmfa_serial = ${serialOf(ann)}\n`);
});

/** With Enter for a yes. */
const asked = async (...argv: readonly string[]) => {
  const terminal = fakeTerminal(enter);
  const run = await at.run(['--profile', 'default', ...argv], { terminal, env: env() });
  return { ...run, shown: terminal.shown() };
};
const unasked = (...argv: readonly string[]) =>
  at.run(['--profile', 'default', '--yes', ...argv], { env: env() });

/** What was said between the session and the advice. */
const middle = ({ stderr }: Run) => stderr.slice(1, -2);

describe('the rc file', () => {
  test('gets the block on a yes, after a look at the difference', async () => {
    at.home.write('.zshrc', '# mine\nautoload -U compinit\ncompinit\n\tPS1="% "');
    const run = await asked();
    expect({ exit: run.exit, said: middle(run), rc: at.read('.zshrc') }).toEqual({
      exit: 0,
      said: [
        '~/.zshrc',
        '@@ -2,3 +2,6 @@',
        ' autoload -U compinit',
        ' compinit',
        '-  PS1="% "',
        '+  PS1="% "',
        '+# >>> awsmfa >>>',
        `+${line}`,
        '+# <<< awsmfa <<<',
        'Wrote the shell integration to ~/.zshrc',
      ],
      rc: `# mine\nautoload -U compinit\ncompinit\n\tPS1="% "\n${block}`,
    });
    expect(run.shown).toContain('Write this to ~/.zshrc? (Y/n)');
  });

  test('is shown in colours on a terminal', async () => {
    at.home.write('.zshrc', 'a\n');
    const setting = { terminal: fakeTerminal(enter), env: env(), stderrIsTerminal: true };
    const { stderr } = await at.run(['--profile', 'default'], setting);
    expect(stderr).toContain('\u001b[32m+# >>> awsmfa >>>\u001b[39m');
    expect(stderr).toContain('\u001b[2m a\u001b[22m');
  });

  test('of an older installation is brought up to date', async () => {
    at.home.write('.zshrc', `a\n${block.replaceAll('/opt/', '/old/')}b\n`);
    const run = await asked();
    expect(at.read('.zshrc')).toBe(`a\n${block}b\n`);
    expect(middle(run)).toContain(`-${line.replaceAll('/opt/', '/old/')}`);
  });

  test.for([`${line}\n`, 'eval "$(awsmfa init zsh --print)"\n'])(
    'with a line of the user is his: %j',
    async (text) => {
      at.home.write('.zshrc', `a\n${text}`);
      expect(middle(await unasked())).toEqual([
        `~/.zshrc loads the shell integration already, in line 2: ${text.trim()}`,
        'All of it was there already: nothing is changed',
      ]);
      expect(at.read('.zshrc')).toBe(`a\n${text}`);
    },
  );

  test('with a line of the user and a block of an older installation: the block is brought up to date', async () => {
    at.home.write('.zshrc', `${line}\n${block.replaceAll('/opt/', '/old/')}`);
    expect(await unasked()).toMatchObject({ exit: 0 });
    expect(at.read('.zshrc')).toBe(`${line}\n${block}`);
  });

  test('that is a link into a repository stays one', async () => {
    at.home.write('dotfiles/zshrc', 'a\n');
    symlinkSync('dotfiles/zshrc', join(at.home.path, '.zshrc'));
    expect(await unasked()).toMatchObject({ exit: 0 });
    expect(lstatSync(join(at.home.path, '.zshrc')).isSymbolicLink()).toBe(true);
    expect(at.read('dotfiles/zshrc')).toBe(`a\n${block}`);
  });

  test('that is read-only stays as it is: all else is done, and the line is said', async () => {
    chmodSync(at.home.write('.zshrc', 'a\n'), 0o444);
    const { exit, stderr, shown } = await asked();
    expect(shown).toBe('');
    expect({ exit, said: stderr.slice(1), rc: at.read('.zshrc'), kept: at.home.cached().length }).toEqual({
      exit: 3,
      said: [
        `awsmfa: Cannot write ${at.home.path}/.zshrc: it is read-only`,
        `  All else is done. Add this line by hand, there or where your shell reads it: ${line}`,
      ],
      rc: 'a\n',
      kept: 1,
    });
  });

  test('with half a block is not guessed at, and nothing else is begun', async () => {
    at.home.write('.zshrc', 'a\n# >>> awsmfa >>>\n');
    const { exit, stderr } = await unasked();
    expect({ exit, stderr, calls: at.calls() }).toEqual({
      exit: 3,
      stderr: [
        `awsmfa: ${at.home.path}/.zshrc:2: "# >>> awsmfa >>>" begins here, and "# <<< awsmfa <<<" does not follow`,
        '  Nothing was changed in it: correct it by hand, then try again.',
      ],
      calls: [],
    });
  });

  test('that is large, and no UTF-8, keeps every byte', async () => {
    const bytes = Buffer.concat([
      Buffer.alloc(300_000, '# caf\u00e9 \n', 'latin1'),
      Buffer.from([0xff, 0x0a]),
    ]);
    at.home.write('.zshrc', bytes);
    expect(await unasked()).toMatchObject({ exit: 0 });
    expect(readFileSync(join(at.home.path, '.zshrc'))).toEqual(Buffer.concat([bytes, Buffer.from(block)]));
  });
});

test.for([
  '/h/.npm/_npx/ab12/node_modules/awsmfa/shell',
  '/h/.cache/pnpm/dlx/x/shell',
  '/tmp/bunx-0-awsmfa/shell',
])('is not told of an integration that will be gone: %s', async (shellDirectory) => {
  const said: string[] = [];
  const setting = { home: at.home, ancestors: ['zsh'] };
  const world = { ...fakeWorld(['setup', '--yes'], setting, (line) => said.push(line)), shellDirectory };
  expect({ ...(await main(world)), said }).toEqual({
    exit: 3,
    stdout: '',
    said: [
      'awsmfa: This awsmfa runs from a cache of packages, and its shell integration goes with it',
      '  Install it first, as its README.md says. To go on without the rc file: --no-rc',
    ],
  });
  expect(at.read('.zshrc')).toBeUndefined();
});

describe('--remove', () => {
  test('takes out the block, and nothing else, wherever setup may have put it', async () => {
    for (const name of ['.zshrc', '.bashrc', '.config/fish/config.fish'])
      at.home.write(name, `a\n${block}\tb`);
    const state = [at.read('.aws/config'), at.read('.aws/credentials')];
    const { exit, stdout, stderr } = await at.run(['--remove']);
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: '',
      stderr: [
        'Took the shell integration out of ~/.zshrc',
        'Took the shell integration out of ~/.bashrc',
        'Took the shell integration out of ~/.config/fish/config.fish',
        'Shells that are open keep it until they end. Profiles, keys and cached sessions are still there.',
      ],
    });
    expect(['.zshrc', '.bashrc', '.config/fish/config.fish'].map(at.read)).toEqual([
      'a\n\tb',
      'a\n\tb',
      'a\n\tb',
    ]);
    expect([at.read('.aws/config'), at.read('.aws/credentials')]).toEqual(state);
  });

  test('says what it left', async () => {
    at.home.write('.zshrc', `${line}\n`);
    const { exit, stderr } = await at.run(['--remove']);
    expect({ exit, stderr, rc: at.read('.zshrc') }).toEqual({
      exit: 0,
      stderr: [
        `~/.zshrc, line 1, was not written by setup and stays: ${line}`,
        'Nothing to remove: no rc file has the lines of setup',
      ],
      rc: `${line}\n`,
    });
  });

  test('of one file', async () => {
    at.home.write('.bashrc', block);
    const path = at.home.write('my.zsh', `a\n${block}`);
    expect(await at.run(['--remove', '--rc-file', path])).toMatchObject({ exit: 0 });
    expect([at.read('my.zsh'), at.read('.bashrc')]).toEqual(['a\n', block]);
  });

  test('what setup wrote is gone again, byte for byte', async () => {
    at.home.write('.zshrc', 'a\r\nb\n');
    expect(await unasked()).toMatchObject({ exit: 0 });
    expect(at.read('.zshrc')).toBe(`a\r\nb\n${block}`);
    expect(await at.run(['--remove'])).toMatchObject({ exit: 0 });
    expect(at.read('.zshrc')).toBe('a\r\nb\n');
  });

  test('needs no readable configuration', async () => {
    at.home.write('.aws/config', 'no header\n');
    at.home.write('.zshrc', block);
    expect(await at.run(['--remove'])).toMatchObject({ exit: 0 });
    expect(at.read('.zshrc')).toBe('');
  });
});
