import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { quote } from '../../src/export/dialects/powershell.ts';
import { ada, arnOf, type Desk, desk, makeDesk, programFile, project, yesterday } from '../support/desk.ts';
import { collect, locate, needs } from '../support/shells.ts';
import { makeShims } from '../support/wine.ts';

const at = desk();

// PowerShell takes seconds to start, and many on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

/** One start of PowerShell takes seconds: many tests look at one session. */
async function session(at: Desk, lines: readonly string[], env: Record<string, string> = {}) {
  const file = join(at.home, 'session.ps1');
  const integration = `. ${quote(join(project, 'shell/awsmfa.ps1'))}`;
  const strict = ['Set-StrictMode -Version Latest', "$ErrorActionPreference = 'Stop'"];
  writeFileSync(file, [...strict, integration, integration, ...lines].join('\n'));
  return collect('pwsh', ['-NoProfile', '-NonInteractive', '-File', file], {
    env: { ...at.env, PATH: `${at.env.PATH}:${process.env.PATH}`, POWERSHELL_TELEMETRY_OPTOUT: '1', ...env },
    cwd: at.home,
    timeout: 100_000,
  });
}

const snap = (name: string) => `/bin/sh -c ${quote(at.snap(name))}`;

test('use, bare, a slip, exec, expiry and clear', (context) =>
  needs('pwsh', async () => {
    const { stdout, stderr } = await session(
      at,
      [
        // What a user's own functions are called must not matter.
        "function Invoke-Expression { throw 'taken over' }; function Where-Object { throw 'taken over' }",
        '$env:AWS_PROFILE = "prod"',
        'awsmfa use work',
        '"use $LASTEXITCODE $(awsmfa_prompt)"',
        snap('used'),
        'awsmfa; "bare $LASTEXITCODE"',
        'awsmfa use nobody; "slip $LASTEXITCODE"',
        'awsmfa use "a&calc" --region "x;y"; "hostile $LASTEXITCODE"',
        snap('slipped'),
        'awsmfa exec work -- sh -c \'exit 7\'; "exec $LASTEXITCODE"',
        "awsmfa exec -- sh -c 'echo $AWSMFA_EXEC $1; exit 8' sh 'two words'; \"exec $LASTEXITCODE\"",
        '(awsmfa process work | ConvertFrom-Json).Version',
        '"$(@(awsmfa use --help 2>&1)[0])"',
        '$env:AWSMFA_EXPIRES_AT = "1000"; $env:AWS_CREDENTIAL_EXPIRATION = "2001-01-01T00:00:00Z"',
        'awsmfa_prompt',
        'awsmfa use nobody; "expired $LASTEXITCODE"',
        snap('expired'),
        'awsmfa clear; "clear $LASTEXITCODE"',
        snap('cleared'),
      ],
      { ...yesterday, AWSMFA_TOKEN_CODE: at.sts.nextCode('ada') },
    );
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^use 0 work 1[12]h\d+m$/),
      'bare 0',
      'slip 3',
      expect.stringMatching(/^hostile [23]$/),
      'exec 7',
      'work two words',
      'exec 8',
      '1',
      expect.stringMatching(/^Usage: awsmfa use/),
      'work expired',
      'expired 3',
      'clear 0',
      '',
    ]);
    expect(stderr).toContain('This shell still holds work');
    expect(stderr).toContain('was taken out');
    const used = at.held('used');
    expect(used).toMatchObject({ AWSMFA_PROFILE: 'work', AWS_REGION: 'eu-central-1' });
    expect(
      Object.keys(used)
        .filter((name) => name in yesterday || name === 'AWS_PROFILE')
        .sort(),
    ).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_CREDENTIAL_EXPIRATION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
    ]);
    expect(await at.whose(used)).toMatchObject({ arn: arnOf(ada) });
    expect(at.held('slipped')).toEqual(used);
    expect(at.held('expired')).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(at.held('cleared')).toMatchObject({ AWS_PROFILE: 'prod' });
    expect(Object.keys(at.held('cleared')).filter((name) => /^AWSMFA_(?!TOKEN)/.test(name))).toEqual([]);
    // Of bare `awsmfa` the program knows nothing.
    expect(at.starts()).toBe(9);
  })(context));

/** Parts of one session, in this order, each with the lines that it is, and the environment. */
const parts: Readonly<Record<string, (at: Desk) => readonly string[]>> = {
  functions: () => [
    '$after = (Get-Command -CommandType Function, Alias -Name *awsmfa*).Name | Sort-Object',
    '$after -join " "',
    '(Get-Variable -Name *awsmfa* -ErrorAction Ignore | ForEach-Object Name) -join " "',
  ],
  // What 7 has added: `??`, `??=`, `?.`, `?[`, `a ? b : c`, `&&`, `||`, `clean {}` (about_Operators).
  grammar: () => [
    "$newer = 'QuestionQuestion QuestionQuestionEquals QuestionDot QuestionLBracket QuestionMark AndAnd OrOr Clean'.Split(' ')",
    'function newer($name, $text) {',
    '  $tokens = $errors = $null',
    '  $null = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $tokens, [ref] $errors)',
    '  "$name $(@($tokens).Count -gt 3) $(@($errors).Count)"',
    '  foreach ($token in $tokens) { if ("$($token.Kind)" -cin $newer) { "$name has $($token.Text)" } }',
    '}',
    ...files.map((file, index) => `newer ${index} (Get-Content -Raw -LiteralPath ${quote(file)})`),
    'newer \'env\' ((& (Get-Command awsmfa -CommandType Application) env work --shell powershell) -join "`n")',
    "newer 'seen' 'true && $a?.b ?? ($c ? 1 : 2)'",
  ],
  words: () => ['awsmfa version; $LASTEXITCODE', 'awsmfa list --names; $LASTEXITCODE'],
  missing: () => [
    '$path = $env:PATH',
    `$env:PATH = ${quote(`/usr/bin:/bin:${dirname(locate('pwsh') ?? '')}`)}`,
    'awsmfa use work; $LASTEXITCODE',
    '$env:PATH = $path',
  ],
  shim: (at) => {
    const npm = join(at.home, 'npm');
    mkdirSync(npm);
    makeShims(programFile, join(npm, 'awsmfa'));
    for (const other of ['awsmfa', 'awsmfa.cmd']) rmSync(join(npm, other));
    return [
      `$env:PATH = ${quote(`${npm}:${dirname(locate('pwsh') ?? '')}:${dirname(process.execPath)}:/usr/bin:/bin`)}`,
      'awsmfa use work; "$LASTEXITCODE $env:AWSMFA_PROFILE"',
      'awsmfa use nobody; "$LASTEXITCODE $env:AWSMFA_PROFILE"',
      `awsmfa exec -- sh -c 'printf "%s|" $AWSMFA_EXEC "$@"; exit 8' sh ${hostile.map(quote).join(' ')}; "exec $LASTEXITCODE"`,
      `'${at.sts.nextCode('admin')}' | awsmfa login prod --token-code - --quiet; "login $LASTEXITCODE"`,
      'awsmfa clear',
      '$env:PATH = $path',
    ];
  },
  warn: () => [
    '$env:AWSMFA_PROFILE = "wo$([char]27)rk"; $env:AWSMFA_AUTO = "warn"',
    'function ends([long] $left) { $env:AWSMFA_EXPIRES_AT = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() + $left }',
    'ends 660; awsmfa_prompt; ends 570; awsmfa_prompt; awsmfa_prompt; ends -5; awsmfa_prompt; awsmfa_prompt',
    '$env:AWSMFA_AUTO = "off"; ends 100; awsmfa_prompt',
  ],
  scope: () => [
    '$env:AWSMFA_SCOPE = "read$([char]27)-only"; $env:AWSMFA_EXPIRES_AT = "1000"',
    'awsmfa_prompt',
    'Remove-Item env:AWSMFA_SCOPE, env:AWSMFA_EXPIRES_AT, env:AWSMFA_PROFILE',
  ],
  // The last ones: what they do stands in the way of all others.
  unload: () => [
    '$all = { @(@(Get-Command *awsmfa* -CommandType Function) + @(Get-Variable *awsmfa*)).Count }',
    '"$((& $all) -gt 8)"; awsmfa unload; "$(& $all) $LASTEXITCODE"',
    `$tab = [System.Management.Automation.CommandCompletion]::CompleteInput('awsmfa us', 9, $null)`,
    `"$($tab.CompletionMatches.Count)"`,
  ],
  eval: () => [
    'function awsmfa { throw "not this one" }',
    '$program = (Get-Command awsmfa -CommandType Application).Path',
    '& $program env work | Invoke-Expression; $env:AWSMFA_PROFILE',
    'try { & $program env nobody | Invoke-Expression; "went on" } catch { "$_" }',
    '$ErrorActionPreference = "Continue"',
    '& $program env nobody 2>$null | Invoke-Expression 2>$null; $LASTEXITCODE',
  ],
};
const files = ['shell/awsmfa.ps1', 'dist/completion.ps1'].map((file) => join(project, file));
const hostile = ['two words', 'a&b', '%PATH%', 'x^', 'say "hi"', 'bang!', '$(touch x)', '', "it's", 'a;b'];

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  /** How often the program of the desk was started. */
  readonly starts: number;
}
const said = new Map<string, Said>();

beforeAll(async () => {
  if (!locate('pwsh')) return;
  const shared = await makeDesk();
  try {
    await shared.login('work');
    const tally = join(shared.home, '../starts');
    const lines = Object.entries(parts).flatMap(([name, part]) => [
      `"== ${name} $((Get-Item ${quote(tally)}).Length)"; [Console]::Error.WriteLine("== ${name}")`,
      ...part(shared),
    ]);
    const end = `"== end $((Get-Item ${quote(tally)}).Length)"`;
    const { stdout, stderr } = await session(shared, [...lines, end]);
    const [, ...errors] = stderr.split(/^== .*\n/m);
    const [, ...rest] = stdout.split(/^== (\w+ \d+)\n/m);
    for (const [index, name] of Object.keys(parts).entries()) {
      const starts = [0, 2].map((next) => Number(rest[2 * index + next]?.split(' ')[1])) as [number, number];
      said.set(name, {
        stdout: rest[2 * index + 1] ?? '',
        stderr: errors[index] ?? '',
        starts: starts[1] - starts[0],
      });
    }
  } finally {
    await shared.remove();
  }
}, 120_000);

/** What a part of the shared session has printed. */
function part(name: string, body: (said: Said) => void) {
  return needs('pwsh', () =>
    body(said.get(name) ?? { stdout: '', stderr: 'It was not reached.', starts: 0 }),
  );
}

test(
  'it defines functions and nothing else, and starts no process',
  part('functions', ({ stdout, stderr, starts }) => {
    expect({ stderr, starts, lines: stdout.split('\n') }).toEqual({
      stderr: '',
      starts: 0,
      lines: [expect.stringMatching(/^(_?awsmfa\w*( |$))+$/), '', ''],
    });
  }),
);

test(
  'nothing in it is newer than the grammar of 5.1, and all of it is ASCII',
  part('grammar', ({ stdout, stderr }) => {
    expect({ stdout: stdout.split('\n'), stderr }).toEqual({
      stdout: [
        '0 True 0',
        '1 True 0',
        'env True 0',
        'seen True 0',
        'seen has &&',
        'seen has ??',
        'seen has ?',
        '',
      ],
      stderr: '',
    });
    for (const file of files) expect(readFileSync(file, 'latin1')).toMatch(/^[\t\n\x20-\x7e]+$/);
  }),
);

test(
  'a command that is one word, and one with more',
  part('words', ({ stdout, stderr }) => {
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n0\nwork\n[\s\S]*\n0\n$/);
  }),
);

test(
  'the program that is missing is a plain 127',
  part('missing', ({ stdout, stderr }) => {
    expect({ stdout, stderr }).toEqual({
      stdout: '127\n',
      stderr: 'awsmfa: the awsmfa program is not on PATH\n',
    });
  }),
);

test(
  'by npm’s shim for PowerShell, as on Windows',
  part('shim', ({ stdout, starts }) => {
    expect({ starts, stdout: stdout.split('\n') }).toEqual({
      starts: 0,
      stdout: ['0 work', '3 work', `work|${hostile.join('|')}|exec 8`, 'login 0', ''],
    });
  }),
);

test(
  'AWSMFA_AUTO=warn: one line before the end, one after it',
  part('warn', ({ stdout, stderr }) => {
    expect(stdout).toMatch(
      /^wo\?rk 1[01]m\nwo\?rk 9m\nwo\?rk 9m\nwo\?rk expired\nwo\?rk expired\nwo\?rk 1m\n$/,
    );
    expect(stderr).toBe(
      'awsmfa: wo?rk ends in 9m; a new session: awsmfa --refresh\nawsmfa: wo?rk has ended; a new session: awsmfa\n',
    );
  }),
);

test(
  'the prompt shows the scope, and no control character',
  part('scope', ({ stdout }) => expect(stdout.trim()).toBe('wo?rk (read?-only) expired')),
);

test(
  'unload takes out every function, the completion and the variable',
  part('unload', ({ stdout, stderr, starts }) => {
    expect({ stdout, stderr, starts }).toEqual({ stdout: 'True\n0 0\n0\n', stderr: '', starts: 0 });
  }),
);

test(
  'env without the integration, and what eval tells',
  part('eval', ({ stdout }) => {
    expect(stdout.split('\n')).toEqual(['work', 'awsmfa env failed', '3', '']);
  }),
);
