import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreName } from '../../src/export/memory.ts';
import {
  credentialNames,
  profileName,
  profileNames,
  regionNames,
  scopeName,
} from '../../src/export/names.ts';
import { main } from '../../src/main.ts';
import { desk } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import type { Terminal } from '../support/pty.ts';
import { asRoot } from '../support/root.ts';
import { collect, type IntegratedShell, integrated, needs, run } from '../support/shells.ts';
import { fakeWorld } from '../support/world.ts';
import { hosts } from './hosts.ts';

const at = desk();
const shells = integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name));
const auto = { AWSMFA_AUTO_PROFILE: '1' };
const path = (name: string) => join(at.home, name);

/** Runs the hook as the shell does before a prompt. */
const hook = { zsh: '_awsmfa_precmd', bash: '_awsmfa_precmd x', fish: 'emit fish_prompt' } as Record<
  string,
  string
>;

/** Two directories with a profile each, allowed, and sessions of both in the cache. */
beforeEach(async () => {
  mkdirSync(path('shop/src'), { recursive: true });
  mkdirSync(path('bank'));
  writeFileSync(path('shop/.awsmfa'), 'work\n# of the team\n');
  writeFileSync(path('bank/.awsmfa'), 'prod');
});
async function sessions(): Promise<void> {
  for (const profile of ['work', 'prod']) await at.login(profile);
  // Kept answers are newer than the files.
  execFileSync('touch', ['-d', '1 minute ago', path('.aws/config'), path('.aws/credentials'), path('.aws')]);
}
/** What `awsmfa allow` does there, in this process. */
async function allowed(name: string): Promise<void> {
  const before = process.cwd();
  process.chdir(path(name));
  const { exit } = await main({ ...fakeWorld(['allow'], { env: { PWD: path(name) } }), home: at.home });
  process.chdir(before);
  expect(exit).toBe(0);
}
const allow = (name: string, args: readonly string[] = []) =>
  collect('/bin/sh', ['-c', `cd '${path(name)}' && exec awsmfa allow "$@"`, 'sh', ...args], { env: at.env });

/** What is no file that names a profile; but for $(touch x), which is a name. */
const bad: readonly (readonly [title: string, make: (file: string) => unknown])[] = [
  ['nothing', (file) => writeFileSync(file, '')],
  ['an empty line', (file) => writeFileSync(file, '\nwork\n')],
  ['a kilobyte of control characters', (file) => writeFileSync(file, '\u001b]0;x\u0007'.repeat(170))],
  ['a megabyte without a line break', (file) => writeFileSync(file, 'w'.repeat(1_000_000))],
  ['a NUL', (file) => writeFileSync(file, 'wo\0rk\n')],
  ['$(touch x)', (file) => writeFileSync(file, '$(touch x)`touch x`;touch x\n')],
  ['a directory', (file) => mkdirSync(file)],
  ['a FIFO', (file) => execFileSync('mkfifo', [file])],
  ['a link', (file) => symlinkSync(path('shop/.awsmfa'), file)],
  ['a link that leads nowhere', (file) => symlinkSync('/nowhere', file)],
];
function makeBad(make: (file: string) => unknown): void {
  rmSync(path('bank'), { recursive: true });
  mkdirSync(path('bank'));
  make(path('bank/.awsmfa'));
}

describe.each(shells)('the profile of a directory in $name', (shell) => {
  /** Goes to each directory in turn, with a prompt in it, and shows what the shell holds there. */
  const walk = async (steps: readonly string[], env: Record<string, string> = auto) => {
    const lines = steps.map((step) =>
      /^\/(\/|$)/.test(step)
        ? `cd '${at.home}${step.slice(1)}'\n${hook[shell.name]}\necho "$AWSMFA_PROFILE"`
        : step,
    );
    const before = at.starts();
    const { stdout, stderr } = await at.run(shell, lines.join('\n'), env);
    return {
      held: stdout.split('\n').slice(0, -1),
      said: stderr
        .replaceAll(at.home, '~')
        .replace(/1[12]h(\d+m)?/g, 'TIME')
        .split('\n')
        .slice(0, -1),
      starts: at.starts() - before,
    };
  };

  test(
    'entering takes it, leaving gives back what was there, a subdirectory changes nothing',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      await allowed('bank');
      const round = ['/', '//shop', '//shop/src', '//bank', '/'];
      const first = await walk(round);
      expect(first.held).toEqual(['', 'work', 'work', 'prod', '']);
      expect(first.said).toEqual([
        'awsmfa: work for this directory, TIME left',
        'awsmfa: prod for this directory, TIME left',
        'prod: taken out of this shell',
      ]);
      const from = ['awsmfa use prod 2>/dev/null', ...round, '//shop', 'awsmfa use prod 2>/dev/null', '/'];
      const second = await walk(from, { ...auto, AWS_PROFILE: 'mine' });
      expect(second.held).toEqual(['prod', 'work', 'work', 'prod', 'prod', 'work', 'prod']);
      expect(second.said.filter((line) => line.startsWith('awsmfa'))).toEqual([
        'awsmfa: work for this directory, TIME left',
        'awsmfa: prod for this directory, TIME left',
        'awsmfa: work for this directory, TIME left',
      ]);
    }),
  );

  test(
    'with kept answers no process is started, and none where nothing is due',
    needs(
      'strace',
      needs(shell, async () => {
        await sessions();
        await allowed('shop');
        const round = ['awsmfa use prod', '//shop', '//shop/src', '/'];
        await walk(round);
        await walk(round);
        const third = await walk(round);
        expect(third).toMatchObject({ held: ['work', 'work', 'prod'], starts: 0 });
        expect(third.said.slice(1)).toEqual([
          'awsmfa: work for this directory, TIME left',
          'awsmfa: prod again, TIME left',
        ]);
        const count = async (lines: readonly string[]) => {
          const [file, log] = [path('script'), path('strace')];
          writeFileSync(file, [`source ${shell.quote(shell.integration)}`, ...lines, ''].join('\n'));
          const args = ['-f', '-qq', '-e', 'trace=execve,fork,vfork,clone,clone3', '-o', log];
          const env = { ...at.env, ...auto };
          await collect('strace', [...args, shell.command, ...shell.args, file], { env, cwd: at.home });
          return readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => /\b(execve|v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD'))
            .length;
        };
        const prompts = ['shop', 'shop/src', '', 'bank'].map(
          (name) => `cd '${path(name)}'\n${hook[shell.name]}`,
        );
        expect(await count(['awsmfa use prod', ...prompts, hook[shell.name] ?? ''])).toBe(await count([]));
      }),
    ),
  );

  test(
    'leaving gives back the earlier session exactly, options and all; by its name once it has ended',
    needs(shell, async () => {
      await sessions();
      await allow('shop');
      await allow('bank');
      const held = 'awsmfa use work --duration 1h --region eu-west-3 --keep-profile 2>/dev/null';
      const left = shell.name === 'fish' ? 'echo "<$_awsmfa_session>"' : `echo "<\${_awsmfa_session-}>"`;
      const { said, held: printed } = await walk(
        [held, at.snap('before'), '//bank', at.snap('within'), '/', at.snap('after'), left],
        { ...auto, AWS_PROFILE: 'mine', AWS_DEFAULT_REGION: 'us-east-2' },
      );
      const session = (name: string) =>
        Object.fromEntries(Object.entries(at.held(name)).filter(([key]) => key.startsWith('AWS')));
      expect(session('within')).toMatchObject({ AWSMFA_PROFILE: 'prod' });
      expect(session('after')).toEqual(session('before'));
      expect(session('after')).toMatchObject({ AWS_PROFILE: 'work', AWS_DEFAULT_REGION: 'eu-west-3' });
      expect(said.at(-1)).toMatch(/^awsmfa: work again, /);
      expect(printed.at(-1)).toBe('<>');

      const ended = shell.name === 'fish' ? 'set -gx AWSMFA_EXPIRES_AT 1' : 'export AWSMFA_EXPIRES_AT=1';
      await walk(['awsmfa use work 2>/dev/null', ended, '//bank', '/', at.snap('again')]);
      expect(Number(at.held('again').AWSMFA_EXPIRES_AT) * 1000).toBeGreaterThan(Date.now());
      const cleared = await walk([
        'awsmfa use work 2>/dev/null',
        '//bank',
        'awsmfa clear 2>/dev/null',
        left,
        '/',
      ]);
      expect(cleared.held).toEqual(['prod', '<>', '']);
    }),
  );

  test(
    'without AWSMFA_AUTO_PROFILE=1 nothing happens; without a leave one line is said once',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      for (const env of [{}, { AWSMFA_AUTO_PROFILE: '0' }, { AWSMFA_AUTO: 'warn' }]) {
        expect(await walk(['//shop'], env as Record<string, string>)).toEqual({
          held: [''],
          said: [],
          starts: 0,
        });
      }
      const told = 'awsmfa: ~/bank/.awsmfa is not allowed; look at it, then: awsmfa allow';
      mkdirSync(path('bank/sub'));
      expect(await walk(['//bank', '//bank/sub', '//bank'])).toEqual({
        held: ['', '', ''],
        said: [told],
        starts: 0,
      });
      expect(await walk(['//bank', 'awsmfa allow', '//bank'])).toMatchObject({ held: ['', 'prod'] });
    }),
  );

  test(
    'another content, another directory, or a leave taken back: not allowed',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      writeFileSync(path('shop/.awsmfa'), 'prod\n');
      expect(await walk(['//shop'])).toMatchObject({
        held: [''],
        said: [expect.stringContaining('not allowed')],
      });
      writeFileSync(path('shop/.awsmfa'), 'work\n');
      expect(await walk(['//shop'])).toMatchObject({ held: ['work'] });
      writeFileSync(path('bank/.awsmfa'), 'work\n');
      expect(await walk(['//bank'])).toMatchObject({ held: [''] });
      await allow('shop', ['--remove']);
      expect(await walk(['//shop'])).toMatchObject({ held: [''] });
    }),
  );

  test(
    'nobody is asked for a code, and the session of another directory does not stay',
    needs(shell, async () => {
      await allowed('shop');
      await at.login('prod');
      await allowed('bank');
      const { held, said } = await walk(['//bank', '//shop']);
      expect(held).toEqual(['prod', '']);
      expect(said.slice(1)).toEqual([
        'awsmfa: this directory is for work: awsmfa use work',
        'prod: taken out of this shell',
      ]);
    }),
  );

  test(
    'keys that are not from awsmfa stay',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      const own = { AWS_ACCESS_KEY_ID: 'AKIAOWN', AWS_SECRET_ACCESS_KEY: 'own' };
      const script = ['//shop', at.snap('in')];
      await walk(script, { ...auto, ...own });
      expect(at.held('in')).toMatchObject(own);
    }),
  );

  const { habits = {} } = hosts[shell.name] ?? {};
  test(
    'in a shell with any habits',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      const builtin = shell.name === 'fish' ? 'builtin' : '\\builtin';
      for (const [name, habit] of some(Object.entries(habits), 4)) {
        const script = [
          habit,
          `${builtin} source ${shell.quote(shell.integration)}`,
          ...['shop', 'shop/src', '', 'shop'].map((to) => `${builtin} cd '${path(to)}'\n${hook[shell.name]}`),
          at.snap(name),
        ];
        const result = await run(shell, script.join('\n'), { env: { ...at.env, ...auto }, cwd: at.home });
        expect(result.stdout, name).toBe('');
        expect(result.stderr, name).not.toMatch(
          /canary|created globally|not set|not a valid|unbound|parse error|syntax/i,
        );
        expect(at.held(name), name).toMatchObject({ AWSMFA_PROFILE: 'work' });
      }
    }),
  );

  test(
    'bad content, or no file: nothing is run and nothing drawn',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      for (const [title, make] of bad) {
        makeBad(make);
        const isName = title === '$(touch x)';
        if (isName) await allowed('bank');
        const { held, said } = await walk(['//bank', 'ls']);
        expect(held, title).toEqual(['']);
        expect(said, title).toEqual([
          isName
            ? expect.stringMatching(/^awsmfa: this directory is for \$\(touch x\)/)
            : 'awsmfa: ~/bank/.awsmfa is not allowed; look at it, then: awsmfa allow',
        ]);
      }
    }),
  );

  test(
    'a file or a list of somebody else is not read',
    needs(shell, async (context) => {
      const root = asRoot(context);
      await sessions();
      await allowed('shop');
      root.give(path('shop/.awsmfa'), 1);
      expect(await walk(['//shop'])).toMatchObject({ held: [''] });
      expect(await allow('shop')).toMatchObject({ status: 3 });
      root.give(path('shop/.awsmfa'), process.getuid?.() ?? 0);
      expect(await walk(['//shop'])).toMatchObject({ held: ['work'] });
      root.give(path('.aws/awsmfa/allowed'), 1);
      expect(await walk(['//shop'])).toMatchObject({ held: [''] });
    }),
  );

  let terminal: Terminal | undefined;
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });
  test(
    'in a terminal: before the first prompt, after cd, and after awsmfa allow',
    needs(shell, async () => {
      await sessions();
      await allowed('shop');
      const t = await at.open(shell as IntegratedShell, { env: auto });
      terminal = t;
      t.type("cd shop; echo 'no''thing'\r");
      await t.waitFor('work for this directory');
      await t.waitFor('ready> ');
      t.type('cd ../bank\r');
      await t.waitFor('bank/.awsmfa is not allowed');
      await t.waitFor('work: taken out of this shell');
      await t.waitFor('ready> ');
      t.type('awsmfa allow\r');
      await t.waitFor('is allowed: with AWSMFA_AUTO_PROFILE=1');
      await t.waitFor('prod for this directory');
      await t.waitFor('ready> ');
      t.type('awsmfa unload; cd\r');
      await t.waitFor('ready> ');
      t.type('echo "he""ld:$AWSMFA_PROFILE"\r');
      await t.waitFor('held:prod');
    }),
    30_000,
  );
});

test('the list is for nobody else, and names what was allowed', async () => {
  await allow('shop');
  await allow('bank');
  const list = path('.aws/awsmfa/allowed');
  expect(statSync(list).mode & 0o777).toBe(0o600);
  expect(readFileSync(list, 'utf8')).toBe(`work\t${path('shop')}\nprod\t${path('bank')}\n`);
  await allow('shop/src');
  expect(await allow('bank', ['--remove'])).toMatchObject({ stderr: '~/bank/.awsmfa is allowed no more\n' });
  expect(readFileSync(list, 'utf8')).toBe(`work\t${path('shop')}\n`);
  chmodSync(list, 0o666);
  await allow('bank');
  expect(readFileSync(list, 'utf8')).toBe(`prod\t${path('bank')}\n`);
});

test.for(bad)('allow: %s', async ([title, make]) => {
  makeBad(make);
  const said =
    title === '$(touch x)'
      ? { status: 0 }
      : {
          status: 3,
          stderr: expect.stringMatching(/awsmfa: ~\/bank\/.awsmfa (names no profile|is no file of yours)\n/),
        };
  expect(await allow('bank')).toMatchObject(said);
});

test('allow: no .awsmfa here or above', async () => {
  mkdirSync(path('empty'));
  expect(await allow('empty')).toMatchObject({
    status: 3,
    stderr: 'awsmfa: there is no .awsmfa in ~/empty or above\n  To make one: echo work > .awsmfa\n',
  });
});

test.for(shells)('$name remembers all variables that a session sets or takes away', ({ integration }) => {
  const [, names = ''] =
    /function _awsmfa_remember[\s\S]*?\bin ((?:[A-Z_]+[\s\\]*)+)/.exec(readFileSync(integration, 'utf8')) ??
    [];
  const session = [
    ...credentialNames,
    ...profileNames,
    ...regionNames,
    profileName,
    'AWSMFA_EXPIRES_AT',
    scopeName,
  ];
  expect(names.match(/\w+/g)?.sort()).toEqual([...session, restoreName].sort());
});
