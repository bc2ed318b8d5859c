import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ada, desk, type Held, prompt, serialOf } from '../support/desk.ts';
import { isTurn, some } from '../support/matrix.ts';
import type { Key, Terminal } from '../support/pty.ts';
import { integrated, needs } from '../support/shells.ts';

const at = desk();

/** A living session of `work`, as the shell of this morning has it. */
const living = (seconds: number) => ({
  AWS_ACCESS_KEY_ID: 'ASIALIVING',
  AWS_SECRET_ACCESS_KEY: 'canary-living-secret',
  AWS_SESSION_TOKEN: 'canary-living-token',
  AWS_CREDENTIAL_EXPIRATION: new Date((now + seconds) * 1000).toISOString().replace(/\.\d+Z/, 'Z'),
  AWSMFA_PROFILE: 'work',
  AWSMFA_EXPIRES_AT: String(now + seconds),
  AWS_REGION: 'eu-central-1',
  AWS_DEFAULT_REGION: 'eu-central-1',
});
const now = Math.floor(Date.now() / 1000);
const hours = 11 * 3600 + 1800;
const said = /This shell still holds work, 11h[123]\dm left/;

/** What people type when nobody can be asked; each with what it does to the home before. */
const slips: readonly (readonly [line: string, env?: Held, before?: () => void])[] = [
  ['awsmfa use wrok'],
  ['awsmfa use prod --refrsh'],
  ['awsmfa --regoin eu-west-1'],
  ['awsmfa use prod --token-code 000000'],
  ['awsmfa use prod --token-code 12345'],
  ['awsmfa use prod --token-code'],
  ['awsmfa use prod --no-prompt'],
  ['awsmfa use prod'],
  ['awsmfa use work prod'],
  ['awsmfa use prod --duration 40h'],
  ['awsmfa use prod --duration tomorrow'],
  ['awsmfa use prod --region "eu west"'],
  ['awsmfa use -'],
  ['awsmfa use --pick'],
  ['awsmfa', { AWS_PROFILE: 'nobody' }],
  ['awsmfa use prod --token-code 123456', { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' }],
  ['awsmfa use prod --token-code 123456', { AWS_ENDPOINT_URL_STS: 'no url' }],
  ['awsmfa use prod', { AWSMFA_TOKEN_CODE: '999999' }],
  ['awsmfa use prod', { AWSMFA_MFA_PROCESS: '/bin/false' }],
  ['awsmfa use prod', { AWS_CONFIG_FILE: '/proc/self/mem' }],
  ['awsmfa use prod', {}, () => rmSync(join(at.home, '.aws/credentials'))],
  ['awsmfa use prod', {}, () => writeFileSync(join(at.home, '.aws/config'), '[profile prod\n')],
];

describe.each(integrated)('a slip in $name', (shell) => {
  const turn = integrated.indexOf(shell);
  test.for(some(slips, 3, turn))('%s %o', ([line, more = {}, before], context) =>
    needs(shell, async () => {
      before?.();
      const env = { ...living(hours), ...more };
      const result = await at.run(shell, `${line}\necho "status ${shell.status}"\n${at.snap('after')}`, env);
      expect(result.stdout).toMatch(/^status [1-9]\d*\n$/);
      expect(result.stderr).toMatch(said);
      expect(result.stderr.match(/still holds/g)).toHaveLength(1);
      expect(result.stderr).not.toContain('canary');
      expect(at.held('after')).toMatchObject(env);
    })(context),
  );

  test(
    'what has ended goes, with a word; the name stays, for the next try',
    needs(shell, async () => {
      const result = await at.run(shell, `awsmfa use wrok\n${at.snap('after')}`, living(-60));
      expect(result.stderr).toContain('The session of work in this shell has ended and was taken out');
      const after = at.held('after');
      expect(Object.keys(after).filter((name) => name.startsWith('AWS'))).toEqual(
        expect.arrayContaining(['AWSMFA_PROFILE', 'AWS_REGION']),
      );
      expect(after).not.toHaveProperty('AWS_SESSION_TOKEN');
      expect(after).not.toHaveProperty('AWS_ACCESS_KEY_ID');
      expect(after).not.toHaveProperty('AWSMFA_EXPIRES_AT');
    }),
  );

  test(
    'the session of another tool stays as long as it lives',
    needs(shell, async () => {
      const { AWSMFA_PROFILE: _, AWSMFA_EXPIRES_AT: __, ...other } = living(hours);
      const alive = await at.run(shell, `awsmfa use wrok\n${at.snap('alive')}`, other);
      expect(alive.stderr).toContain('This shell still holds the session of another tool, 11h');
      expect(at.held('alive')).toMatchObject(other);
      const dead = { ...other, AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z' };
      const result = await at.run(shell, `awsmfa use wrok\n${at.snap('dead')}`, dead);
      expect(result.stderr).toContain(
        'The session of another tool in this shell has ended and was taken out',
      );
      expect(at.held('dead')).not.toHaveProperty('AWS_SESSION_TOKEN');
    }),
  );

  const atThePrompt: readonly (readonly [
    title: string,
    line: string,
    question: string,
    keys: Key | string,
  ])[] = [
    ['Ctrl-C at the code', 'awsmfa use prod', 'MFA code for prod', 'ctrl-c'],
    ['Ctrl-D at the code', 'awsmfa use prod', 'MFA code for prod', 'ctrl-d'],
    ['Esc in the list', 'awsmfa use --pick', 'type to filter', 'escape'],
    ['Ctrl-C in the list', 'awsmfa use --pick', 'type to filter', 'ctrl-c'],
  ];
  test.for(some(atThePrompt, 3, turn))('%s', ([, line, question, key], context) =>
    needs(shell, async () => {
      const t: Terminal = await at.open(shell, { env: living(hours) });
      try {
        t.type(`${line}\r`);
        await t.waitFor(question);
        t.key(key as Key);
        await t.waitFor(said);
        await t.waitFor(prompt);
        t.type(`${at.snap('after')}\r`);
        await t.waitFor(prompt);
        expect(at.held('after')).toMatchObject(living(hours));
      } finally {
        await t.close();
      }
    })(context),
  );

  if (isTurn(1, turn))
    test(
      'a wrong code three times: the session is still there, and the right one replaces it',
      needs(shell, async () => {
        const wrong = await at.run(
          shell,
          `awsmfa use work --token-code 000001\n${at.snap('wrong')}`,
          living(hours),
        );
        expect(wrong.stderr).toMatch(said);
        expect(at.held('wrong')).toMatchObject(living(hours));
        const code = at.sts.nextCode(serialOf(ada));
        const right = await at.run(
          shell,
          `awsmfa use work --token-code ${code}\n${at.snap('right')}`,
          living(hours),
        );
        expect(right.stderr).not.toContain('still holds');
        expect(at.held('right').AWS_SESSION_TOKEN).not.toBe(living(hours).AWS_SESSION_TOKEN);
      }),
    );
});
