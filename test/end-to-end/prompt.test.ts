import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { ada, arnOf, type Desk, desk, prompt, serialOf } from '../support/desk.ts';
import { isTurn, some } from '../support/matrix.ts';
import type { Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';

const home = desk();
let terminal: Terminal;
afterEach(async () => {
  await terminal?.close();
});

const clearLine = '\x15';
const noIam = { AWS_ENDPOINT_URL_IAM: 'http://127.0.0.1:9' };
const configFile = () => readFileSync(`${home.home}/.aws/config`, 'utf8');
const question = /MFA code [^:]*(work|bare)/;

/** Types slowly: what the program draws does not tell that it reads already, and what comes before is lost. */
async function answer(t: Terminal, text: string): Promise<void> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 150));
  await pause();
  t.type(text);
  await pause();
  t.key('enter');
}

describe.each(integrated)('the questions in $name', (shell) => {
  const turn = integrated.indexOf(shell);
  const open = async (options: Parameters<Desk['open']>[1] = {}) => {
    terminal = await home.open(shell, options);
    return terminal;
  };
  /** Waits for the shell, and answers with the last status and whose session it holds. */
  async function outcome(t: Terminal): Promise<{ status: string; arn: string | undefined }> {
    await t.waitFor(prompt);
    t.type(`echo sta''tus ${shell.status}; ${home.snap('held')}\r`);
    const status = (await t.waitFor(/status \d+/)).slice('status '.length);
    await t.waitFor(prompt);
    const answer = await home.whose(home.held('held'));
    return { status, arn: answer.ok ? answer.arn : undefined };
  }
  const done = { status: '0', arn: arnOf(ada) };

  test(
    'the code, on the terminal though stdout is caught, and never shown',
    needs(shell, async () => {
      const t = await open();
      const code = home.sts.nextCode('ada');
      t.type('awsmfa use work\r');
      expect(await t.waitFor(/MFA code.*/)).toContain('ada');
      await answer(t, `${code.slice(0, 3)} ${code.slice(3)}`);
      await t.waitFor('*******');
      await t.waitFor(/work: new session, 12h left/);
      expect(await outcome(t)).toEqual(done);
      expect(t.screen()).not.toContain(code);
      expect(t.screen().replace(/\s/g, '')).not.toMatch(/canary|ASIA|IQoJ/);
      t.type('awsmfa\r');
      expect(await outcome(t)).toEqual(done);
      expect(home.starts()).toBe(1);
    }),
  );

  if (isTurn(0, turn))
    test(
      'what is not six digits is asked for again, and sent nowhere',
      needs(shell, async () => {
        const t = await open();
        t.type('awsmfa use work\r');
        await t.waitFor(question);
        for (const wrong of ['', '12345', '1234567', '12345x', '١٢٣٤٥٦']) {
          await answer(t, `${clearLine}${wrong}`);
          await t.waitFor(/six digits/i);
        }
        expect(home.sts.requests).toEqual([]);
        await answer(t, `${clearLine}${home.sts.nextCode('ada')}`);
        expect(await outcome(t)).toEqual(done);
      }),
    );

  if (isTurn(1, turn))
    test(
      'a wrong code may be typed again',
      needs(shell, async () => {
        const t = await open();
        t.type('awsmfa use work\r');
        const right = home.sts.nextCode('ada');
        for (const code of ['000000', '111111', right]) {
          await t.waitFor(question);
          await answer(t, code);
          if (code !== right) await t.waitFor('refused the MFA code');
        }
        expect(await outcome(t)).toEqual(done);
        expect(home.sts.count('GetSessionToken')).toBe(3);
      }),
    );

  if (isTurn(2, turn))
    test(
      'three wrong codes are the end: 5',
      needs(shell, async () => {
        const t = await open();
        t.type('awsmfa use work\r');
        for (const code of ['000000', '111111', '222222']) {
          await t.waitFor(question);
          await answer(t, code);
          await t.waitFor('refused the MFA code');
        }
        expect(await outcome(t)).toEqual({ status: '5', arn: undefined });
        expect(t.screen()).not.toContain('000000');
      }),
    );

  if (isTurn(3, turn))
    test(
      'the device that IAM lists, remembered on Enter',
      needs(shell, async () => {
        const t = await open();
        t.type('awsmfa use bare\r');
        await t.waitFor(/Remember it as/);
        await answer(t, '');
        await t.waitFor(question);
        await answer(t, home.sts.nextCode('ada'));
        expect(await outcome(t)).toEqual(done);

        const before = t.screen().length;
        t.type('awsmfa use bare --refresh\r');
        await t.waitFor(question);
        await answer(t, home.sts.nextCode('ada'));
        expect(await outcome(t)).toEqual(done);
        expect(t.screen().slice(before)).not.toContain('MFA device');
        expect(configFile()).toContain(`[profile bare]\nregion = eu-west-1\nmfa_serial = ${serialOf(ada)}\n`);
      }),
    );

  if (isTurn(4, turn))
    test(
      'the device where IAM does not tell',
      needs(shell, async () => {
        const t = await open({ env: noIam });
        t.type('awsmfa use bare\r');
        await t.waitFor('MFA device');
        await answer(t, arnOf(ada));
        await t.waitFor('instead?');
        await answer(t, '');
        await t.waitFor(/Remember it as/);
        await answer(t, 'n');
        await t.waitFor(question);
        await answer(t, home.sts.nextCode('ada'));
        expect(await outcome(t)).toEqual(done);
      }),
    );

  if (isTurn(5, turn))
    test(
      'nobody’s device is not remembered',
      needs(shell, async () => {
        const t = await open({ env: noIam });
        for (const code of ['123456', '654321']) {
          t.type('awsmfa use bare\r');
          await t.waitFor('MFA device');
          await answer(t, 'arn:aws:iam::111122223333:mfa/somebody-else');
          await t.waitFor(/Remember it as/);
          await answer(t, '');
          await t.waitFor(question);
          await answer(t, code);
          expect(await outcome(t)).toEqual({ status: '5', arn: undefined });
        }
        expect(configFile()).not.toContain('somebody-else');
      }),
    );

  test.for(some([20, 40], 3, turn))('a screen of %i columns', (columns, context) =>
    needs(shell, async () => {
      const t = await open({ columns });
      t.type('awsmfa use work\r');
      await t.waitFor('MFA code');
      await answer(t, '12');
      await t.waitFor(/six/i);
      await answer(t, `${clearLine}${home.sts.nextCode('ada')}`);
      expect(await outcome(t)).toEqual(done);
    })(context),
  );
});
