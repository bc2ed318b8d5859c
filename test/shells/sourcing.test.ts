import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { project } from '../support/desk.ts';
import { type Sandbox, sandbox } from '../support/sandbox.ts';
import { collect, type IntegratedShell, integrated, needs, run } from '../support/shells.ts';

/** Prints one line for everything that sourcing a file could change. */
const inventory: Record<string, string> = {
  zsh: `zmodload zsh/parameter
    inventory() {
      print -rl -- 'function '\${^\${(ok)functions}} 'option '\${^\${(f)"$(setopt)"}} 'module '\${^\${(f)"$(zmodload)"}}
      print -rl -- 'variable '\${^\${(f)"$(typeset +)"}} 'alias '\${^\${(f)"$(alias -L)"}} 'trap '\${^\${(f)"$(trap)"}}
    }`,
  bash: `inventory() {
      compgen -A function -P 'function '; compgen -A variable -P 'variable '; compgen -A alias -P 'alias '
      set +o; shopt -p; trap -p
    }`,
  fish: `function inventory
      printf 'function %s\\n' (functions -an); printf 'variable %s\\n' (set -n); abbr; set -S umask fish_trace
    end`,
};

describe.each(integrated)('sourcing in $name', (shell) => {
  let box: Sandbox;
  beforeEach(() => {
    box = sandbox(shell);
  });
  afterEach(() => box.remove());
  const source = `source ${shell.quote(shell.integration)}`;
  const bare = (script: string) => run(shell, script, { env: box.env, cwd: box.home });

  test(
    'defines functions of its own name, and nothing else',
    needs(shell, async () => {
      const mark = 'echo ----';
      const script = [
        inventory[shell.name],
        'inventory',
        mark,
        source,
        'inventory',
        mark,
        source,
        'inventory',
      ];
      const result = await bare(script.join('\n'));
      expect(result).toMatchObject({ status: 0, stderr: '' });
      const [before = [], once = [], twice = []] = result.stdout
        .split('----\n')
        .map((part) => part.split('\n'));
      expect(before.length).toBeGreaterThan(20);
      expect(before.filter((line) => !once.includes(line))).toEqual([]);
      const added = once.filter((line) => !before.includes(line));
      expect(added).toContain('function awsmfa');
      expect(added.filter((line) => !/^function (awsmfa(_prompt)?|_awsmfa(_\w+)?)$/.test(line))).toEqual([]);
      expect(twice).toEqual(once);
    }),
  );

  test(
    'prints nothing, succeeds and calls no core',
    needs(shell, async () => {
      const result = await bare(`${source}\necho "status ${shell.status}"`);
      expect(result).toEqual({ status: 0, signal: null, stdout: 'status 0\n', stderr: '' });
      expect(box.calls()).toEqual([]);
    }),
  );

  test(
    'works again when sourced twice',
    needs(shell, async () => {
      await box.run(`${source}\nawsmfa list`);
      expect(box.calls().map((call) => call.args)).toEqual([['list']]);
    }),
  );

  test(
    'starts no process: nothing on PATH is run',
    needs(shell, async () => {
      const traps = join(box.home, 'traps');
      const sprung = join(box.home, 'sprung');
      mkdirSync(traps);
      for (const name of [
        'awsmfa',
        'aws',
        'date',
        'sed',
        'awk',
        'cat',
        'node',
        'uname',
        'id',
        'mkdir',
        'tty',
      ]) {
        writeFileSync(join(traps, name), `#!/bin/sh\necho ${name} >>'${sprung}'\n`);
        chmodSync(join(traps, name), 0o755);
      }
      await run(shell, source, { env: { ...box.env, PATH: traps } });
      expect(existsSync(sprung)).toBe(false);
    }),
  );

  test(
    'starts no process: the kernel sees none',
    needs(
      'strace',
      needs(shell, async () => {
        expect(await processes(shell, box, source)).toBe(await processes(shell, box, '\n'));
      }),
    ),
  );
});

describe.each(integrated.filter((shell) => shell.name !== 'fish'))('sourcing in a strict $name', (shell) => {
  test(
    'nothing trips over errexit, nounset and pipefail',
    needs(shell, async () => {
      const box = sandbox(shell);
      const result = await run(
        shell,
        `set -eu -o pipefail\nsource ${shell.quote(shell.integration)}\nawsmfa list\nawsmfa use a\nawsmfa clear\nawsmfa\necho fine`,
        box,
      );
      expect(result).toEqual({ status: 0, signal: null, stdout: 'fine\n', stderr: '' });
      box.remove();
    }),
  );
});

test(
  'as a custom plugin of oh-my-zsh: sourced by a function, with options of its own',
  needs('zsh', async () => {
    const shell = integrated.find(({ name }) => name === 'zsh') as IntegratedShell;
    const box = sandbox(shell);
    const script = `setopt warn_create_global
      _omz_source() { local context filepath="$1"; setopt local_options extended_glob; source "$filepath" }
      _omz_source ${shell.quote(shell.integration)}
      [[ -o aliases ]] && echo aliases
      setopt no_aliases; _omz_source ${shell.quote(shell.integration)}; [[ -o aliases ]] || echo 'no aliases'
      awsmfa list`;
    const result = await run(shell, script, box);
    expect(result).toMatchObject({ stdout: 'aliases\nno aliases\n', stderr: '' });
    expect(box.calls()).toHaveLength(1);
    box.remove();
  }),
);

test('bash: nothing that bash 3.2 could not read', () => {
  const shell = integrated.find(({ name }) => name === 'bash') as IntegratedShell;
  const script = readFileSync(shell.integration, 'utf8').replace(/^\s*#.*$/gm, '');
  const newer =
    /\$\{[^}]*@[A-Z]\}|\$\{[^}]*(,,|\^\^)|local -n|declare -[An]|&>>|\|&|\[\[ -v|mapfile|readarray|coproc|;;&|;&/;
  expect(script).not.toMatch(newer);
});

/** Processes started, and programs run, by a shell that runs this script; threads do not count. */
async function processes(shell: IntegratedShell, box: Sandbox, script: string): Promise<number> {
  const file = join(box.home, 'script');
  const log = join(box.home, 'strace');
  writeFileSync(file, script);
  const calls = 'trace=execve,fork,vfork,clone,clone3';
  const args = ['-f', '-qq', '-e', calls, '-o', log, shell.command, ...shell.args, file];
  expect((await collect('strace', args, box)).status).toBe(0);
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => /\b(execve|v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD'))
    .length;
}

/** What each shell and its checker say about the files that it reads; nothing is run. */
const checks: readonly (readonly [program: string, args: readonly string[], file: RegExp])[] = [
  ['zsh', ['-n'], /\.zsh$/],
  ['bash', ['-n'], /\.(bash|direnv\.sh)$/],
  ['shellcheck', ['-s', 'bash'], /\.(bash|direnv\.sh)$/],
  ['fish', ['--no-execute'], /\.fish$/],
  ['fish_indent', ['--check'], /\.fish$/],
];
test.for(checks)('%s %j finds nothing to say', ([program, args, pattern], context) =>
  needs(program, async () => {
    const names = readdirSync(join(project, 'shell')).filter((name) => pattern.test(name));
    expect(names.length).toBeGreaterThan(1);
    const env = { PATH: '/usr/bin:/bin', HOME: project, LANG: 'C.UTF-8' };
    for (const name of names) {
      const result = await collect(program, [...args, join(project, 'shell', name)], { env });
      expect(result, name).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
  })(context),
);
