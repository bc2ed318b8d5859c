import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { desk } from '../support/desk.ts';
import type { Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const home = desk();
const terminals: Terminal[] = [];
afterEach(async () => {
  for (const terminal of terminals.splice(0)) await terminal.close();
});

const bash = integrated.find(({ name }) => name === 'bash') as IntegratedShell;
const pause = (ms = 300) => new Promise((resolve) => setTimeout(resolve, ms));

async function open(): Promise<Terminal> {
  const terminal = await home.open(bash);
  terminals.push(terminal);
  return terminal;
}

async function answer(t: Terminal, code: string): Promise<void> {
  await pause();
  t.type(`${code}\r`);
}

describe('a process in the background of its terminal', () => {
  test.for([
    ['timeout in a script', `sh -c 'timeout 20 awsmfa login work; echo en""ded $?'`],
    ['&', 'awsmfa login work & wait $!; echo en""ded $?'],
    ['timeout, stdout elsewhere', `sh -c 'timeout 20 awsmfa process work >out; echo en""ded $?'`],
  ] as const)('counts as one without a terminal, and is not stopped: %s', ([, line], context) =>
    needs(bash, async () => {
      const t = await open();
      t.type(`${line}\r`);
      expect(await t.waitFor(/ended \d+/)).toBe('ended 4');
      expect(t.screen()).toContain('An MFA code is needed, and there is no terminal to ask on');
      t.type('echo still he""re; stty -a | tr " " "\\n" | grep -x -e "-*echo" -e "-*icanon"\r');
      await t.waitFor('still here');
      expect((await t.waitFor(/icanon\s+-?echo\b/)).replace(/\s+/g, ' ')).toBe('icanon echo');
    })(context),
  );

  test(
    'that was stopped at its question (Ctrl-Z) holds up nobody',
    needs(bash, async () => {
      const t = await open();
      t.type('command awsmfa login work\r');
      await t.waitFor('MFA code');
      await pause(500);
      t.key('ctrl-z');
      await t.waitFor('Stopped');
      expect(await home.awsmfa(['process', 'work'])).toMatchObject({ status: 4 });
      // On the same terminal it asks again.
      t.type('command awsmfa login work\r');
      await t.waitFor('MFA code');
      await answer(t, home.sts.nextCode('ada'));
      await t.waitFor('work: new session');
      t.type('kill %1; wait\r');
    }),
  );
});

describe('an open question', () => {
  test(
    'does not hold up a process that has a code',
    needs(bash, async () => {
      const t = await open();
      t.type('command awsmfa login work\r');
      await t.waitFor('MFA code');
      await pause(500);
      const code = home.sts.nextCode('ada');
      const given = await Promise.all([
        home.awsmfa(['process', 'work'], { AWSMFA_TOKEN_CODE: code }),
        home.awsmfa(['process', 'work'], { AWSMFA_MFA_PROCESS: `echo ${code}` }),
      ]);
      expect(given.map(({ status }) => status)).toEqual([0, 0]);
      expect(new Set(given.map(({ stdout }) => stdout)).size).toBe(1);
      t.key('ctrl-c');
      await t.waitFor('Cancelled');
    }),
  );

  test(
    'is named on the terminal of a process whose stderr nobody sees, as below the AWS CLI and boto3',
    needs(bash, async () => {
      const [asking, waiting] = [await open(), await open()];
      asking.type('command awsmfa login work\r');
      await asking.waitFor('MFA code');
      await pause(500);
      waiting.type('command awsmfa process work 2>/dev/null >out; echo en""ded $?\r');
      expect(await waiting.waitFor(/awsmfa: Waiting for .*/)).toMatch(
        /^awsmfa: Waiting for awsmfa login \(process \d+, on pts\/\d+\), which is getting a session for work/,
      );
      await answer(asking, home.sts.nextCode('ada'));
      expect(await waiting.waitFor(/ended \d+/)).toBe('ended 0');
      expect(JSON.parse(readFileSync(join(home.home, 'out'), 'utf8')).Version).toBe(1);
    }),
  );

  test.for([
    ['aws', 'aws configure export-credentials --profile shop || aws sts get-caller-identity --profile shop'],
    [
      'python3',
      `python3 -c 'import boto3; boto3.Session(profile_name="shop").get_credentials().get_frozen_credentials()'`,
    ],
  ] as const)('is named on the terminal below %s itself', ([program, line], context) =>
    needs(
      program,
      needs(bash, async () => {
        const file = join(home.home, '.aws/config');
        appendFileSync(
          file,
          '\n[profile shop]\nregion = eu-central-1\ncredential_process = awsmfa process work\n',
        );
        const [asking, waiting] = [await open(), await open()];
        asking.type('command awsmfa login work\r');
        await asking.waitFor('MFA code');
        await pause(500);
        waiting.type(`(${line}) >out 2>&1; echo en""ded\r`);
        await waiting.waitFor(/awsmfa: Waiting for awsmfa login \(process \d+, on pts/);
        await answer(asking, home.sts.nextCode('ada'));
        await waiting.waitFor('ended');
      }),
    )(context),
  );

  test(
    'and another one on the same terminal take turns',
    needs(bash, async () => {
      const t = await open();
      t.type(`sh -c 'awsmfa login work & awsmfa login prod & wait; echo en""ded'\r`);
      const people: Record<string, string> = { work: 'ada', prod: 'admin' };
      const first = (await t.waitFor(/MFA code for (work|prod)/)).slice('MFA code for '.length);
      for (const name of [first, first === 'work' ? 'prod' : 'work']) {
        if (name !== first) await t.waitFor(`MFA code for ${name}`);
        await pause(1500);
        const code = home.sts.nextCode(people[name] ?? '');
        await answer(t, code);
        await pause(500);
        expect(t.screen()).not.toContain(code);
      }
      await t.waitFor('ended');
      expect(home.sts.requests.map(({ status }) => status)).toEqual([200, 200]);
    }),
  );
});
