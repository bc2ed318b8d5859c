import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { clockAhead } from '../support/clock.ts';
import { makeDesk } from '../support/desk.ts';
import { isMatrix } from '../support/matrix.ts';
import { start, until } from '../support/processes.ts';
import type { Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const bash = integrated.find(({ name }) => name === 'bash') as IntegratedShell;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const minute = 60_000;

/** A desk and terminals for one of the tests, which wait side by side. */
async function stage({ onTestFinished }: TestContext) {
  const home = await makeDesk();
  const terminals: Terminal[] = [];
  onTestFinished(async () => {
    for (const terminal of terminals) await terminal.close();
    await home.remove();
  });
  const open = async (env: Record<string, string> = {}) => {
    const terminal = await home.open(bash, { env });
    terminals.push(terminal);
    return terminal;
  };
  const clock = clockAhead(home.home);
  const begin = performance.now();
  /**
   * Until so long after the begin: the clock of those who wait is put on. In the matrix the two minutes are real, and
   * their end is that of those who wait.
   */
  const pass = async (ms: number) => {
    const left = ms - (performance.now() - begin);
    if (isMatrix) return ms < 2 * minute ? pause(left) : undefined;
    clock.set(left);
    // They look twice a second.
    await pause(1100);
  };
  return {
    home,
    open,
    pass,
    /** The environment of those who wait. */
    waiting: { ...home.env, SHELL: '/bin/sh', ...clock.env },
    /** A question on a terminal, which nobody answers. */
    question: async () => {
      const t = await open();
      t.type('command awsmfa login work\r');
      await t.waitFor('MFA code');
      await pause(1000);
      return t;
    },
  };
}

const told = /^Waiting for awsmfa login \(process \d+, on pts\/\d+\), which is getting a session for work\n/;

describe.concurrent('a question that nobody answers is waited for two minutes, and no longer', () => {
  const crowd = isMatrix ? 200 : 10;
  test(
    `${crowd} without a terminal: each ends with status 4, and says for whom it waited`,
    needs(bash, async (context) => {
      const { home, question, pass, waiting: env } = await stage(context);
      const t = await question();
      const place = { home: { path: home.home }, sts: home.sts };
      const all = Array.from({ length: crowd }, () => start(['process', 'work'], place, { env }));
      await until(() => all.every(({ said }) => told.test(said())));
      const isLeft = () => all.filter(({ child }) => child.exitCode === null).length;
      await pass(1.8 * minute);
      expect(isLeft()).toBe(crowd);
      await pass(5 * minute);
      const ended = await Promise.all(all.map(({ result }) => result));
      expect(new Set(ended.map(({ status, stdout }) => `${status}${stdout}`))).toEqual(new Set(['4']));
      expect(ended.filter(({ stderr }) => !told.test(stderr))).toEqual([]);
      expect(ended.filter(({ stderr }) => !stderr.includes('In any terminal: awsmfa login work.'))).toEqual(
        [],
      );
      t.type(`${home.sts.nextCode('ada')}\r`);
      await t.waitFor('work: new session');
      expect(home.sts.count('GetSessionToken')).toBe(1);
    }),
  );

  test(
    'five on another terminal: one of them asks there then, and the others end',
    needs(bash, async (context) => {
      const { home, open, question, pass, waiting } = await stage(context);
      await question();
      const t = await open(waiting);
      const each = 'awsmfa process work >out$i; echo en""ded $?';
      t.type(`sh -c 'for i in 1 2 3 4 5; do (${each}) & done; wait; echo al""l'\r`);
      const count = (pattern: RegExp) => t.screen().match(pattern)?.length ?? 0;
      await until(() => count(/Waiting for awsmfa login/g) === 5);
      await pass(3 * minute);
      await until(() => count(/MFA code for work/g) > 0 && count(/ended 4/g) === 4);
      await pause(300);
      t.type(`${home.sts.nextCode('ada')}\r`);
      await t.waitFor(/^all/m);
      expect([count(/ended 4/g), count(/ended 0/g)]).toEqual([4, 1]);
      expect(count(/for two minutes, and another awsmfa asks here now/g)).toBe(4);
      expect(count(/MFA code for work \(ada\): $/gm)).not.toBe(2);
      const got = [1, 2, 3, 4, 5].map((index) => readFileSync(join(home.home, `out${index}`), 'utf8'));
      expect(got.filter((text) => text !== '')).toEqual([expect.stringContaining('"Version":1')]);
    }),
  );

  test(
    'one on the same terminal ends then: two minutes for the session, and none more for the turn',
    needs(bash, async (context) => {
      const { home, open, pass, waiting } = await stage(context);
      const t = await open(waiting);
      const asked = 'until test -e asked; do sleep 0.1; done';
      t.type(
        `sh -c 'awsmfa login work & ${asked}; awsmfa process work >out; echo en""ded $?; kill %1; wait'\r`,
      );
      await t.waitFor('MFA code for work');
      writeFileSync(join(home.home, 'asked'), '');
      await t.waitFor('Waiting for awsmfa login');
      await pass(3 * minute);
      expect(await t.waitFor(/ended \d+/, 3 * minute)).toBe('ended 4');
      expect(t.screen()).toMatch(
        /another awsmfa \(process \d+\) has been asking on this terminal for two minutes/,
      );
    }),
  );
});
