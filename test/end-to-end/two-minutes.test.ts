import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { makeDesk } from '../support/desk.ts';
import { isMatrix } from '../support/matrix.ts';
import { start } from '../support/processes.ts';
import type { Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const bash = integrated.find(({ name }) => name === 'bash') as IntegratedShell;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The matrix waits two real minutes. Elsewhere the clock of those who wait is ten times as fast. */
const factor = isMatrix ? 1 : 10;
const limit = 120_000 / factor;

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
  const clock = join(home.home, 'clock.cjs');
  writeFileSync(
    clock,
    `const now = performance.now.bind(performance); performance.now = () => now() * ${factor};`,
  );
  return {
    home,
    open,
    /** The environment of those who wait. */
    waiting: { ...home.env, SHELL: '/bin/sh', NODE_OPTIONS: `--require ${clock}` },
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
      const { home, question, waiting: env } = await stage(context);
      const t = await question();
      const place = { home: { path: home.home }, sts: home.sts };
      const ended = await Promise.all(
        Array.from({ length: crowd }, async () => {
          const begin = performance.now();
          const result = await start(['process', 'work'], place, { env }).result;
          return { ...result, ms: performance.now() - begin };
        }),
      );
      expect(new Set(ended.map(({ status, stdout }) => `${status}${stdout}`))).toEqual(new Set(['4']));
      expect(ended.filter(({ stderr }) => !told.test(stderr))).toEqual([]);
      expect(ended.filter(({ stderr }) => !stderr.includes('In any terminal: awsmfa login work.'))).toEqual(
        [],
      );
      const times = ended.map(({ ms }) => ms);
      expect(Math.min(...times)).toBeGreaterThan(limit - 2000);
      t.type(`${home.sts.nextCode('ada')}\r`);
      await t.waitFor('work: new session');
      expect(home.sts.count('GetSessionToken')).toBe(1);
    }),
  );

  test(
    'five on another terminal: one of them asks there then, and the others end',
    needs(bash, async (context) => {
      const { home, open, question, waiting } = await stage(context);
      await question();
      const t = await open(waiting);
      const each = 'awsmfa process work >out$i; echo en""ded $?';
      t.type(`sh -c 'for i in 1 2 3 4 5; do (${each}) & done; wait; echo al""l'\r`);
      for (let waits = 0; waits < 5; waits++) await t.waitFor('Waiting for awsmfa login', limit);
      await t.waitFor('MFA code for work', limit + 30_000);
      await pause(3000);
      t.type(`${home.sts.nextCode('ada')}\r`);
      await t.waitFor(/^all/m, 30_000);
      const screen = t.screen();
      expect(screen.match(/ended 4/g)).toHaveLength(4);
      expect(screen.match(/ended 0/g)).toHaveLength(1);
      expect(screen.match(/for two minutes, and another awsmfa asks here now/g)).toHaveLength(4);
      expect(screen.match(/MFA code for work \(ada\): $/gm) ?? []).not.toHaveLength(2);
      const got = [1, 2, 3, 4, 5].map((index) => readFileSync(join(home.home, `out${index}`), 'utf8'));
      expect(got.filter((text) => text !== '')).toEqual([expect.stringContaining('"Version":1')]);
    }),
  );

  test(
    'one on the same terminal ends then: two minutes for the session, and none more for the turn',
    needs(bash, async (context) => {
      const { open, waiting } = await stage(context);
      const t = await open(waiting);
      t.type(
        `sh -c 'awsmfa login work & sleep 3; awsmfa process work >out; echo en""ded $?; kill %1; wait'\r`,
      );
      await t.waitFor('MFA code for work');
      expect(await t.waitFor(/ended \d+/, limit + 30_000)).toBe('ended 4');
      expect(t.screen()).toMatch(
        /another awsmfa \(process \d+\) has been asking on this terminal for two minutes/,
      );
    }),
  );
});
