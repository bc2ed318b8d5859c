import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { afterEach, describe, expect, test } from 'vitest';
import { ada, desk, serialOf } from '../support/desk.ts';
import { integrated, locate, missing, needs } from '../support/shells.ts';

const at = desk();
const shells = integrated.filter(({ name }) => ['zsh', 'bash', 'fish'].includes(name));
const stops: (() => unknown)[] = [];
afterEach(() => {
  while (stops.length > 0) stops.pop()?.();
});

/** The rc file of somebody who has all of it. */
const rc: Readonly<Record<string, (integration: string) => string>> = {
  zsh: (file) => `autoload -Uz compinit; compinit -D -u; source ${file}
precmd() { awsmfa_prompt segment }; setopt prompt_subst no_prompt_sp; PROMPT='\${segment:+[$segment] }ready> '\n`,
  bash: (file) => `source ${file}; trap 'read -r AWSMFA_EXPIRES_AT <~/clock' USR1
PROMPT_COMMAND="awsmfa_prompt segment
$PROMPT_COMMAND"; PS1='\${segment:+[$segment] }ready> '\n`,
  fish: (file) => `source ${file}
function fish_prompt; set -l s (awsmfa_prompt); test -n "$s"; and echo -n "[$s] "; echo -n 'ready> '; end\n`,
};

/** Where Debian has the library that gives a program another clock. */
function clockLibrary(): string | undefined {
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)];
  return folders.map((folder) => `${folder}/faketime/libfaketimeMT.so.1`).find(existsSync);
}

/** A clock that the test sets: 21 November, UTC, and five seconds, so that times are rounded as one reads them. */
interface Clock {
  set(time: string): void;
  readonly env: Readonly<Record<string, string>>;
}
const secondsTo = (time: string, from: number) =>
  Math.round((Date.parse(`2026-11-21T${time}:05Z`) - from) / 1000);

/** For the shell, the program and STS. */
function clockOf(library: string): Clock {
  const file = join(at.home, 'clock');
  return {
    set: (time) => {
      const seconds = secondsTo(time, Date.now());
      writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
      at.sts.clockOffsetMs = seconds * 1000;
    },
    env: {
      TZ: 'UTC',
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      ...{ FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1' },
    },
  };
}

/**
 * bash has a getenv of its own, which hides the settings of that library. Its clock is the end of the session, which a
 * trap reads: as far from now as it would be at that time.
 */
function clockOfBash(shell: () => number | undefined): Clock {
  const file = join(at.home, 'clock');
  let last = '09:00';
  return {
    set: (time) => {
      const left = -secondsTo(time, Date.parse('2026-11-21T21:00:05Z'));
      writeFileSync(file, `${Math.round(Date.now() / 1000) + left}\n`);
      const pid = shell();
      if (pid !== undefined && time !== last) process.kill(pid, 'SIGUSR1');
      last = time;
      const cache = join(at.home, '.aws/awsmfa');
      if (left >= 0 || !existsSync(cache)) return;
      for (const name of readdirSync(cache)) if (name.startsWith('session-')) rmSync(join(cache, name));
    },
    env: { TZ: 'UTC' },
  };
}

/** A shell on a terminal of 90 columns, and what a person sees there. */
function screen(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const size = { cols: 90, rows: 30 };
  const terminal = new Terminal({ ...size, allowProposedApi: true });
  const pty = spawn(locate(command) ?? command, [...args], { name: 'xterm', ...size, cwd: at.home, env });
  pty.onData((data) => terminal.write(data));
  stops.push(() => pty.kill('SIGKILL'));
  const text = () => {
    const { active } = terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, row) =>
      active.getLine(row)?.translateToString(true),
    );
    return lines.join('\n').trimEnd();
  };
  return {
    pid: pty.pid,
    text,
    type: (keys: string) => pty.write(keys),
    /** Waits until the last line of the screen is this, and nothing more comes. */
    until: async (last: RegExp) => {
      for (let waited = 0, before = ''; waited < 500; waited++) {
        await delay(100);
        const now = text();
        if (now === before && last.test(now.split('\n').at(-1) ?? '')) return;
        before = now;
      }
      throw new Error(`no ${last} as the last line of\n${text()}`);
    },
  };
}

describe.each(shells)('a day in $name', (shell) => {
  test(
    'TAB, a session, the prompt, the warnings, a new session, clear: the screen at each step',
    needs(shell, async (context) => {
      const library = clockLibrary() ?? missing('faketime', context);
      const script = join(at.home, 'rc');
      writeFileSync(script, rc[shell.name]?.(shell.quote(shell.integration)) ?? '');
      let pid: number | undefined;
      const time = shell.name === 'bash' ? clockOfBash(() => pid) : clockOf(library);
      time.set('09:00');
      const env = { ...at.env, ...time.env, NO_COLOR: '1', AWSMFA_AUTO: 'warn', TERM: 'xterm' };
      const t = screen(shell.command, shell.interactive, env);
      pid = t.pid;
      const seen: string[] = [];
      const step = async (
        title: string,
        at: string,
        parts: readonly (readonly [keys: string, last: RegExp])[],
      ) => {
        time.set(at);
        for (const [keys, last] of parts) {
          t.type(keys);
          await t.until(last);
        }
        seen.push(`--- ${at} ${title}\n${t.text()}\n`);
      };
      const code = () => `${at.sts.nextCode(serialOf(ada))}\r`;
      await t.until(/[>#$] ?$/);
      await step('clean', '09:00', [[`source ${shell.quote(script)}; clear\r`, /^ready>$/]]);
      await step('TAB', '09:00', [
        ['awsmfa us\t', /^ready> awsmfa use$/],
        ['wo\t', /^ready> awsmfa use work$/],
      ]);
      await step('Enter', '09:00', [['\r', /MFA code for work \(ada\)/]]);
      await step('the code', '09:00', [[code(), /^\[work 12h\] ready>$/]]);
      await step('three hours later', '12:00', [['\r', /^\[work 9h\] ready>$/]]);
      await step('nine minutes left', '20:51', [['\r', /^\[work 9m\] ready>$/]]);
      await step('the warning is not said again', '20:51', [['\r', /^\[work 9m\] ready>$/]]);
      await step('the end', '21:01', [['\r', /^\[work expired\] ready>$/]]);
      await step('a new session', '21:01', [
        ['awsmfa\r', /MFA code for work \(ada\)/],
        [code(), /^\[work 12h\] ready>$/],
      ]);
      await step('clear', '21:02', [['awsmfa clear\r', /^ready>$/]]);
      // The clock of bash is that of the machine.
      const all = seen.join('\n').replace(/until [\d: -]+/g, shell.name === 'bash' ? 'until TIME' : '$&');
      await expect(all).toMatchFileSnapshot(`screens/day-${shell.name}.txt`);
    }),
    90_000,
  );
});
