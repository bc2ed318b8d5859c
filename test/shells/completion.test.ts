import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandNames, optionRows } from '../../src/cli/commands.ts';
import { completionTable } from '../../src/cli/completion.ts';
import { quote as powershell } from '../../src/export/dialects/powershell.ts';
import { regions } from '../../src/profile/region.ts';
import { project } from '../support/desk.ts';
import { spawn, type Terminal } from '../support/pty.ts';
import { type Sandbox, sandbox } from '../support/sandbox.ts';
import { collect, type IntegratedShell, integrated, needs, run } from '../support/shells.ts';

const shells = integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name));

const config = `[default]
region = eu-west-1
[profile work]
 [ profile   payments-prod ] # a comment
[profile "two words"]
[profile "so \\"called\\" \`x\`"]
[profile it's $(touch x)]
[profile esc\u001b[31m]
[sso-session s]
[services y]
`;
const credentials = '[work]\n[play]\n[corp-long-term]\n[team:one]\n';

/** The line as typed so far, and what may come next, in the order of names. */
const lines: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ['awsmfa us', ['use']],
  ['awsmfa use wo', ['work']],
  ['awsmfa use p', ['payments-prod', 'play']],
  ['awsmfa use co', ['corp']],
  ['awsmfa use --regi', ['--region']],
  ['awsmfa --regi', ['--region']],
  ['awsmfa use --region eu-c', ['eu-central-1', 'eu-central-2']],
  ['awsmfa env --shell ks', []],
  ['awsmfa env --shell z', ['zsh']],
  ['awsmfa env --format env', ['env', 'env-no-export']],
  ['awsmfa --profile wo', ['work']],
  ['awsmfa login --region eu-west-1 wo', ['work']],
  ['awsmfa exec wo', ['work']],
  ['awsmfa exec --profile work -- awsmf', ['awsmfa']],
  ['awsmfa exec work awsmf', ['awsmfa']],
  ['awsmfa init fi', ['fish']],
  ['awsmfa status --policy-a', []],
  ['awsmfa use --pol', ['--policy', '--policy-arn']],
  ['awsmfa use work pl', []],
  ['awsmfa write --log-level DE', ['DEBUG']],
  ['awsmfa keys ro', ['rotate']],
  ['awsmfa keys rotate wo', ['work']],
  ['awsmfa keys rotate work wo', []],
  ['awsmfa help log', ['login', 'logout']],
  ['awsmfa keys --store ', ['1password', 'dpapi', 'keychain', 'pass', 'secret-service']],
  ['awsmfa keys --store s', ['secret-service']],
  ['awsmfa exec --scope re', ['read-only']],
  ['awsmfa env --scope n', ['narrow.json', 'none']],
  ['awsmfa env --policy nar', ['narrow.json']],
  ['awsmfa env --scope led', ['ledger']],
];

let box: Sandbox;
afterEach(() => box.remove());
function prepare(shell: IntegratedShell): void {
  box = sandbox(shell);
  mkdirSync(join(box.home, '.aws'));
  writeFileSync(join(box.home, '.aws/config'), config);
  writeFileSync(join(box.home, '.aws/credentials'), credentials);
  writeFileSync(join(box.home, 'narrow.json'), '{}');
  mkdirSync(join(box.home, '.aws/awsmfa/scopes'), { recursive: true });
  writeFileSync(join(box.home, '.aws/awsmfa/scopes/ledger.json'), '{}');
}

const drivers: Readonly<Record<string, (line: string) => string>> = {
  bash: (line) => {
    const words = line.split(' ').flatMap((word) => word.split(/([=:])/).filter((part) => part !== ''));
    const all = line.endsWith(' ') ? [...words, ''] : words;
    return `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_CWORD=${all.length - 1}
COMP_WORDS=(${all.map((word) => `'${word}'`).join(' ')}); COMPREPLY=(); _awsmfa_complete
printf '%s\\n' "\${COMPREPLY[@]}" | sort -u; echo ----`;
  },
  fish: (line) => `complete -C '${line}' | string replace -r '\\t.*' ''; echo ----`,
};

describe.each(shells.filter(({ name }) => drivers[name]))('completion in $name', (shell) => {
  beforeEach(() => prepare(shell));
  const answers = async (asked: readonly string[], env: Record<string, string> = {}) => {
    const load =
      shell.name === 'fish' ? `source ${shell.quote(join(project, 'dist/completion.fish'))}\n` : '';
    const script = asked.map((line) => drivers[shell.name]?.(line)).join('\n');
    const { stdout, stderr } = await box.run(load + script, env);
    expect(stderr).toBe('');
    expect(box.calls()).toEqual([]);
    return stdout
      .split('----\n')
      .slice(0, -1)
      .map((text) => text.split('\n').filter((line) => line !== ''));
  };

  test(
    'commands, options of the command, their values, profiles, and the words behind exec',
    needs(shell, async () => {
      const found = await answers(lines.map(([line]) => line));
      expect(lines.map(([line], index) => [line, found[index]])).toEqual(lines);
    }),
  );

  test(
    'behind = too: a value, a scope, a file',
    needs(shell, async () => {
      const [region, scope, file] = await answers(
        ['--region=eu-central-2', '--scope=re', '--policy=nar'].map((word) => `awsmfa env ${word}`),
      );
      // fish completes the whole word, bash what stands behind the =.
      const typed = (option: string) => (shell.name === 'fish' ? `${option}=` : '');
      expect([region, scope, file]).toEqual([
        [`${typed('--region')}eu-central-2`],
        [`${typed('--scope')}read-only`],
        [`${typed('--policy')}narrow.json`],
      ]);
    }),
  );

  test(
    'every name of both files; quotes and $(…) run nothing, and what could draw on the terminal is left out',
    needs(shell, async () => {
      const [all = []] = await answers(['awsmfa use ']);
      const q = (name: string) => (shell.name === 'bash' ? name.replace(/[ '"`$()]/g, '\\$&') : name);
      const names = [
        'corp',
        'default',
        "it's $(touch x)",
        'payments-prod',
        'play',
        'so "called" `x`',
        'team:one',
        'two words',
        'work',
      ];
      expect(all.toSorted()).toEqual(names.map(q).toSorted());
      expect(existsSync(join(box.home, 'x'))).toBe(false);
    }),
  );

  test(
    'the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name; none is no error',
    needs(shell, async () => {
      writeFileSync(join(box.home, 'other'), '[profile elsewhere]\n');
      const env = { AWS_CONFIG_FILE: '~/other', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' };
      expect(await answers(['awsmfa use '], env)).toEqual([['elsewhere']]);
    }),
  );

  test(
    '2,000 profiles',
    needs(shell, async () => {
      const many = Array.from(
        { length: 2000 },
        (_, index) => `[profile p${index}]\nregion = eu-west-1\nrole_arn = x\n`,
      );
      writeFileSync(join(box.home, '.aws/config'), many.join('\n'));
      const [all = []] = await answers(['awsmfa use p1']);
      expect(all.length).toBe(1111);
    }),
  );
});

describe.each(shells)('TAB in $name', (shell) => {
  beforeEach(() => prepare(shell));
  let terminal: Terminal | undefined;
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  test(
    'awsmfa us<TAB> wo<TAB> is awsmfa use work, and a name with blanks is quoted',
    needs(shell, async () => {
      box.answer({ script: 'printf "<%s>" "$@" >&2; echo >&2' });
      const t = await open(shell);
      terminal = t;
      const calls = async (typed: string) => {
        const before = box.calls().length;
        for (const part of typed.split(/(?<=\t)/)) {
          t.type(part);
          await new Promise((resolve) => setTimeout(resolve, 700));
        }
        t.key('enter');
        await t.waitFor('ready> ');
        return box.calls().slice(before);
      };
      expect((await calls('awsmfa us\two\t')).map(({ args }) => args)).toEqual([
        ['use', '--shell', shell.name, 'work'],
      ]);
      expect((await calls('awsmfa login two\t')).map(({ args }) => args)).toEqual([['login', 'two words']]);
      expect((await calls('awsmfa login so\t')).map(({ args }) => args)).toEqual([
        ['login', 'so "called" `x`'],
      ]);
      expect((await calls('awsmfa exec work -- awsmf\t')).map(({ args }) => args.slice(0, 4))).toEqual([
        ['exec', 'work', '--', 'awsmfa'],
      ]);
      expect(
        (await calls('awsmfa login --region eu-central-1 --prof\tpl\t')).map(({ args }) => args),
      ).toEqual([['login', '--region', 'eu-central-1', '--profile', 'play']]);
      expect((await calls('awsmfa env --scope led\t')).map(({ args }) => args)).toEqual([
        ['env', '--scope', 'ledger'],
      ]);
      const profile =
        shell.name === 'zsh' ? 'AWS_PROFILE=pay\t awsmfa list' : 'export AWS_PROFILE=pay\t; awsmfa list';
      const [last] = await calls(profile);
      expect(last?.env.AWS_PROFILE).toBe('payments-prod');
      const [quoted] = await calls('export AWS_DEFAULT_PROFILE=two\t; awsmfa list');
      expect(quoted?.env.AWS_DEFAULT_PROFILE).toBe('two words');
      if (shell.name === 'bash') {
        const [variable] = await calls('export HOM\t/other; awsmfa list');
        expect(variable?.env.HOME).toBe('/other');
      }
      expect(existsSync(join(box.home, 'x'))).toBe(false);
    }),
    60_000,
  );

  async function open(shell: IntegratedShell): Promise<Terminal> {
    const t = spawn(shell.command, shell.interactive, { env: { ...box.env, TERM: 'xterm' }, cwd: box.home });
    const ask = shell.name === 'fish' ? "function fish_prompt; echo 're''ady> '; end" : "PS1='re''ady> '";
    // compinit runs after the integration was read, as in many rc files.
    const init = shell.name === 'zsh' ? 'autoload -Uz compinit; compinit -D -u; ' : '';
    t.type(`source ${shell.quote(shell.integration)}; ${init}${ask}\r`);
    await t.waitFor('ready> ');
    return t;
  }
});

test(
  'completion in PowerShell',
  needs('pwsh', async () => {
    prepare(shells[0] as IntegratedShell);
    const script = `Set-StrictMode -Version Latest; $ErrorActionPreference = 'Stop'
. ${powershell(join(project, 'shell/awsmfa.ps1'))}
foreach ($line in ${[...lines.map(([line]) => line), 'awsmfa use ', 'awsmfa env --shell=z'].map(powershell).join(', ')}) {
  ConvertTo-Json -Compress @($line, @(foreach ($match in (TabExpansion2 $line $line.Length).CompletionMatches) { $match.CompletionText -creplace '^\\./' }))
}`;
    writeFileSync(join(box.home, 'tab.ps1'), script);
    const env = { ...box.env, PATH: `${box.env.PATH}:${process.env.PATH}`, POWERSHELL_TELEMETRY_OPTOUT: '1' };
    const args = ['-NoProfile', '-NonInteractive', '-File', 'tab.ps1'];
    const { stdout, stderr } = await collect('pwsh', args, { env, cwd: box.home });
    expect(stderr).toBe('');
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string[]]);
    expect(answers.map(([line, found]) => [line, [...new Set(found)].sort()])).toEqual([
      ...lines,
      [
        'awsmfa use ',
        [
          'corp',
          'default',
          "'it''s $(touch x)'",
          'payments-prod',
          'play',
          '\'so "called" `x`\'',
          'team:one',
          "'two words'",
          'work',
        ].sort(),
      ],
      ['awsmfa env --shell=z', ['--shell=zsh']],
    ]);
    expect(existsSync(join(box.home, 'x'))).toBe(false);
  }),
  120_000,
);

test('the table has every command and option, and nothing that would break a row', () => {
  const table = completionTable();
  const named = (kind: string) => table.flatMap(([row, name]) => (row === kind ? [name] : []));
  expect(named('command')).toEqual([...commandNames]);
  expect(named('option')).toEqual(optionRows.map(([name]) => `--${name}`));
  for (const row of table) for (const cell of row) expect(cell).toMatch(/^[^\t\n]+$/);
});

test('the regions are those of the SDK, but for the isolated partitions', () => {
  const rules = 'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
  const text = readFileSync(join(project, rules), 'utf8');
  const all = [...text.matchAll(/"([a-z]{2,4}(?:-[a-z]+)+-\d)"/g)].map(([, name]) => name);
  expect([...regions].sort()).toEqual([...new Set(all)].filter((name) => !name?.includes('-iso')).sort());
});

test.for(['zsh', 'bash', 'fish'])(
  'awsmfa completion %s prints a script that needs nothing else',
  async (name) => {
    const shell = shells.find((shell) => shell.name === name) as IntegratedShell;
    box = sandbox(shell);
    const script = readFileSync(join(project, `dist/completion.${name}`), 'utf8');
    const result = await run(shell, `${script}\necho fine`, { env: box.env, cwd: box.home });
    expect(result).toMatchObject({ stdout: 'fine\n', stderr: '' });
  },
);
