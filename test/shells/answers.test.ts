import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ada, admin, arnOf, desk, serialOf } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import { asRoot } from '../support/root.ts';
import { collect, type IntegratedShell, integrated, needs } from '../support/shells.ts';

const at = desk();
const shells = integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name));
const cache = () => join(at.home, '.aws/awsmfa');
const answers = (part = '') =>
  readdirSync(cache()).filter((name) => name.startsWith('answer-') && name.includes(part));
const answerPath = (part: string) => join(cache(), answers(part)[0] ?? 'none');

/** Sessions of both profiles in the cache, made a while ago, as the files were. */
async function sessions(): Promise<void> {
  for (const profile of ['work', 'prod']) await at.login(profile);
  const then = new Date(Date.now() - 60_000);
  for (const path of ['.aws/config', '.aws/credentials', '.aws']) utimesSync(join(at.home, path), then, then);
}

describe.each(shells)('answers without a process in $name', (shell) => {
  /** How often the program was started for this. */
  const starts = async (script: string, env: Record<string, string> = {}) => {
    const before = at.starts();
    const result = await at.run(shell, script, env);
    return { ...result, starts: at.starts() - before };
  };

  test(
    'use, env and exec: the same, without a process',
    needs(shell, async () => {
      await sessions();
      const script = (name: string) => `awsmfa use work\n${at.snap(name)}`;
      const first = await starts(script('first'));
      expect(first).toMatchObject({ status: 0, starts: 1 });
      expect(answers()).toHaveLength(1);
      expect(statSync(answerPath('')).mode & 0o777).toBe(0o600);
      const second = await starts(script('second'));
      expect(second).toMatchObject({ status: 0, stdout: '', starts: 0 });
      expect(second.stderr.replace(/\d+m left/, 'M left')).toBe(first.stderr.replace(/\d+m left/, 'M left'));
      expect(second.stderr).toMatch(/^work: session, 1[12]h(\d+m)? left \(until [\d :-]+\)\n$/);
      const { _: __, ...before } = at.held('first');
      const { _, ...after } = at.held('second');
      expect(after).toEqual(before);
      expect(await at.whose(after)).toMatchObject({ arn: arnOf(ada) });

      const env =
        shell.name === 'fish' ? 'eval (awsmfa env prod | string collect)' : 'eval "$(awsmfa env prod)"';
      expect(await starts(`${env}\n${at.snap('env')}`)).toMatchObject({ stderr: '', starts: 1 });
      expect(await starts(`${env}\n${at.snap('env')}`)).toMatchObject({ stderr: '', starts: 0 });
      expect(await at.whose(at.held('env'))).toMatchObject({ arn: arnOf(admin) });

      const exec = `awsmfa exec prod -- /bin/sh -c 'env -0; exit 7'\necho "status ${shell.status}"`;
      const slow = await starts(exec);
      const quick = await starts(exec);
      const variables = (text: string) =>
        text
          .split('\0')
          .filter((line) => !/^(_|SHLVL|PWD|OLDPWD|DIRENV.*)=/.test(line))
          .sort();
      expect([slow.starts, quick.starts, quick.stderr]).toEqual([1, 0, '']);
      expect(variables(quick.stdout)).toEqual(variables(slow.stdout));
      expect(quick.stdout).toMatch(/status 7\n$/);
      expect(quick.stdout).toContain('AWSMFA_EXEC=prod');
      expect(await starts('awsmfa exec prod -- no-such-command')).toMatchObject({ starts: 1 });
      const kept = `awsmfa exec prod -- /bin/true\n${at.snap('outside')}`;
      expect(await starts(kept, { AWS_PROFILE: 'mine' })).toMatchObject({ status: 0, starts: 1 });
      expect(await starts(kept, { AWS_PROFILE: 'mine' })).toMatchObject({ status: 0, starts: 0 });
      expect(at.held('outside')).toMatchObject({ AWS_PROFILE: 'mine' });
      expect(at.held('outside')).not.toHaveProperty('AWS_SESSION_TOKEN');
    }),
  );

  test(
    'the kernel sees no process but the command of exec',
    needs(
      'strace',
      needs(shell, async () => {
        await sessions();
        await at.run(shell, 'awsmfa use work');
        await at.run(shell, 'awsmfa exec work -- /bin/true');
        const processes = async (line: string) => {
          const [file, log] = [join(at.home, 'script'), join(at.home, 'strace')];
          writeFileSync(file, `source ${shell.quote(shell.integration)}\n${line}\n`);
          const args = ['-f', '-qq', '-e', 'trace=execve,fork,vfork,clone,clone3', '-o', log];
          const before = at.starts();
          await collect('strace', [...args, shell.command, ...shell.args, file], {
            env: at.env,
            cwd: at.home,
          });
          expect(at.starts()).toBe(before);
          const lines = readFileSync(log, 'utf8').split('\n');
          return lines.filter(
            (line) => /\b(execve|v?fork|clone3?)\(/.test(line) && !line.includes('CLONE_THREAD'),
          ).length;
        };
        const none = await processes('');
        expect(await processes('awsmfa use work')).toBe(none);
        expect(await processes('awsmfa exec work -- /bin/true')).toBe(await processes('/bin/true'));
      }),
    ),
  );

  /** Each makes the kept answer of `awsmfa use work` a wrong one. */
  const changes: readonly (readonly [title: string, change: () => unknown, env?: Record<string, string>])[] =
    [
      ['the config file was changed', () => appendFileSync(join(at.home, '.aws/config'), '\n')],
      ['the credentials file was changed', () => appendFileSync(join(at.home, '.aws/credentials'), '\n')],
      [
        'an older file was put in place of the config file',
        () => {
          const path = join(at.home, '.aws/config');
          copyFileSync(path, `${path}.new`);
          utimesSync(`${path}.new`, 1e9, 1e9);
          renameSync(`${path}.new`, path);
        },
      ],
      [
        'the config file was overwritten in place, and is older',
        () => overwrite(join(at.home, '.aws/config'), Date.now() - 3_600_000),
      ],
      [
        'the credentials file was overwritten in place, and is newer, but older than the answer',
        () => overwrite(join(at.home, '.aws/credentials'), Date.now() - 30_000),
      ],
      ['the config file is gone', () => rmSync(join(at.home, '.aws/config'))],
      ['logout', () => at.awsmfa(['logout', 'work'])],
      ['logout --all', () => at.awsmfa(['logout', '--all'])],
      [
        'refresh',
        () => at.awsmfa(['login', 'work', '--refresh', '--token-code', at.sts.nextCode(serialOf(ada))]),
      ],
      ['another region variable', () => {}, { AWS_REGION: 'eu-west-3' }],
      ['another variable of awsmfa', () => {}, { AWSMFA_MIN_TTL: '6m' }],
      ['another time zone', () => {}, { TZ: 'Asia/Tokyo' }],
      ['a code in the environment', () => {}, { AWSMFA_TOKEN_CODE: '123456' }],
      [
        'long-term keys in the environment',
        () => {},
        { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'x' },
      ],
      ['another version', () => rewrite((text) => text.replace(/:\d+\.\d+\.\d+:/, ':0.0.9:'))],
      ['too little time is left', () => rewrite((text) => text.replace(/-lt \d+/, '-lt 0'))],
      ['the clock was set back', () => rewrite((text) => text.replace(/-ge -?\d+/, '-ge 9999999999'))],
      ['the answer is for another profile', () => rewrite((text) => text.replace('work', 'prod'))],
      ['the answer was cut within the code', () => rewrite((text) => text.slice(0, -20))],
      ['the answer was cut before the code', () => rewrite((text) => text.replace(/.*_awsmfa_code.*/s, ''))],
      ['the answer was cut within the conditions', () => rewrite((text) => text.slice(0, 300))],
      ['the answer is empty', () => rewrite(() => '')],
      ['the answer is no text', () => rewrite(() => '\0\u0001)(;&&\n\'"')],
      [
        'the answer is a link',
        () => {
          const path = answerPath('use');
          renameSync(path, join(at.home, 'moved'));
          symlinkSync(join(at.home, 'moved'), path);
        },
      ],
    ];
  /** As `cp -p` does. */
  function overwrite(path: string, time: number): void {
    appendFileSync(path, '\n');
    utimesSync(path, time / 1000, time / 1000);
  }
  function rewrite(change: (text: string) => string): void {
    const path = answerPath('use');
    const { mtimeMs } = statSync(path);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    utimesSync(path, mtimeMs / 1000, mtimeMs / 1000);
  }

  test.for(some(changes, 3, shells.indexOf(shell)))('%s: the core decides', ([, change, env = {}], context) =>
    needs(shell, async () => {
      await sessions();
      await at.run(shell, 'awsmfa use work');
      expect(await starts('awsmfa use work')).toMatchObject({ starts: 0 });
      await change();
      const result = await starts('awsmfa use work', env);
      expect(result.starts).toBe(1);
      expect(result.stderr).not.toContain('answer-');
    })(context),
  );

  test(
    'a variable that is not exported yet',
    needs(shell, async () => {
      await sessions();
      const set =
        shell.name === 'fish'
          ? ['set -g AWS_REGION eu-west-3', 'set -gx AWS_REGION']
          : ['AWS_REGION=eu-west-3', 'export AWS_REGION'];
      const script = `${set[0]}\nawsmfa use work\nawsmfa clear 2>/dev/null`;
      await starts(script);
      await starts(script);
      const exported = `${set[0]}\n${set[1]} $AWS_REGION\nawsmfa use work\n${at.snap('end')}`;
      expect(
        await starts(exported.replace(/( \$AWS_REGION)/, shell.name === 'fish' ? '$1' : '')),
      ).toMatchObject({
        starts: 1,
      });
      expect(at.held('end').AWS_REGION).toBe('eu-west-3');
    }),
  );

  test(
    'what somebody else owns is not read',
    needs(shell, async (context) => {
      const root = asRoot(context);
      await sessions();
      await at.run(shell, 'awsmfa use work');
      root.give(answerPath('use'), 1);
      expect(await starts('awsmfa use work')).toMatchObject({ starts: 1 });
    }),
  );

  test(
    'as root in the home of somebody else, as under sudo -s: nothing is read there, and nothing left',
    needs(shell, async (context) => {
      const root = asRoot(context);
      await sessions();
      await at.run(shell, 'awsmfa use work');
      const before = at.starts();
      root.give(at.home, 1);
      // Only root may look for what is root's, and take the home away again.
      const script = [
        `source ${shell.quote(shell.integration)}`,
        'awsmfa use work',
        `echo "status ${shell.status}"`,
        shell.assign('AWSMFA_TOKEN_CODE', at.sts.nextCode(serialOf(ada))),
        'awsmfa use work',
        `echo "status ${shell.status}"`,
        at.snap('root'),
        `find '${at.home}' -user root`,
      ];
      const { stdout } = await root.run(shell, script.join('\n'), { env: at.env, cwd: dirname(at.home) });
      root.give(at.home, process.getuid?.() ?? 0);
      expect(stdout).toBe('status 4\nstatus 0\n');
      expect(at.starts()).toBe(before + 2);
      expect(await at.whose(at.held('root'))).toMatchObject({ arn: arnOf(ada) });
    }),
  );

  test(
    'in a subshell: the shell around it holds what it held, and the next shell inherits',
    needs(shell, async () => {
      await sessions();
      const inner = `awsmfa use work 2>/dev/null; echo "in $AWSMFA_PROFILE"`;
      const source = `source ${shell.quote(shell.integration)}`;
      const child = `${shell.command} ${shell.args.join(' ')} -c ${shell.quote(`${source}; ${inner}`)}`;
      const script = [
        'awsmfa use prod 2>/dev/null',
        shell.name === 'fish' ? child : `( ${inner} )`,
        'echo "out $AWSMFA_PROFILE"',
        child,
        'echo "out $AWSMFA_PROFILE"',
      ].join('\n');
      const expected = 'in work\nout prod\nin work\nout prod\n';
      expect(await starts(script)).toMatchObject({ status: 0, stdout: expected });
      expect(await starts(script)).toMatchObject({ stdout: expected, starts: 0 });
    }),
  );

  test(
    'options that are about this time only are never answered',
    needs(shell, async () => {
      await sessions();
      await at.run(shell, 'awsmfa use work');
      const kept = answers();
      const lines = [
        'use work --debug',
        'use work --quiet',
        'exec work --debug -- true',
        'env work --min-ttl 6m',
      ];
      const script = lines.map((line) => `awsmfa ${line} >/dev/null`).join('\n');
      expect(await starts(script)).toMatchObject({ starts: lines.length });
      expect(answers()).toEqual(kept);
    }),
  );

  test(
    'what the command inside exec is told has nothing of the question in it',
    needs(shell, async () => {
      await sessions();
      const result = await at.run(
        shell,
        'awsmfa exec work -- /usr/bin/env\nawsmfa exec work -- /usr/bin/env',
      );
      expect(result.stdout).not.toMatch(/AWSMFA_(QUESTION|INTEGRATION)/);
    }),
  );
});

function byName(name: string): IntegratedShell {
  return shells.find((shell) => shell.name === name) as IntegratedShell;
}

test(
  'a shell that holds another session already has answers of its own',
  needs('zsh', async () => {
    await sessions();
    const script = `awsmfa use work; awsmfa use prod; awsmfa use work; ${at.snap('end')}`;
    await at.run(byName('zsh'), script);
    const before = at.starts();
    await at.run(byName('zsh'), script);
    expect(at.starts()).toBe(before);
    expect(await at.whose(at.held('end'))).toMatchObject({ arn: arnOf(ada) });
    expect(at.held('end').AWSMFA_RESTORE).toBe('previous=prod');
  }),
);
