import { describe, expect, test } from 'vitest';
import { ada, admin, arnOf, desk, type Held, yesterday } from '../support/desk.ts';
import { isTurn } from '../support/matrix.ts';
import { integrated, needs } from '../support/shells.ts';

const home = desk();

/** All of AWS's and awsmfa's that a shell exports, but for where the STS of the tests is. */
const ours = (held: Held) =>
  Object.fromEntries(Object.entries(held).filter(([name]) => /^AWS(?!_ENDPOINT_URL)/.test(name)));

describe.each(integrated)('a day in $name', (shell) => {
  const turn = integrated.indexOf(shell);
  const sets = (name: string, value: string) => shell.assign(name, value);
  const code = (user = 'ada') => `--token-code ${home.sts.nextCode(user)}`;

  test(
    'from one account to the other and back to none',
    needs(shell, async () => {
      const { status, stdout, stderr } = await home.run(
        shell,
        [
          `awsmfa login prod ${code('admin')}`,
          `awsmfa use work ${code()}`,
          home.snap('work'),
          sets('AWS_PROFILE', 'prod'),
          'awsmfa',
          home.snap('prod'),
          'awsmfa',
          home.snap('again'),
          'awsmfa clear',
          home.snap('clear'),
        ].join('\n'),
        yesterday,
      );
      expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' });
      const [work, prod, again, clear] = ['work', 'prod', 'again', 'clear'].map((name) =>
        home.held(name),
      ) as [Held, Held, Held, Held];
      expect(await home.whose(work)).toMatchObject({ arn: arnOf(ada) });
      expect(await home.whose(prod)).toMatchObject({ arn: arnOf(admin) });
      expect(work).toMatchObject({ AWS_REGION: 'eu-central-1', AWSMFA_PROFILE: 'work' });
      expect(prod).toMatchObject({
        AWS_REGION: 'us-west-2',
        AWS_DEFAULT_REGION: 'us-west-2',
        AWSMFA_PROFILE: 'prod',
      });
      expect(prod).not.toHaveProperty('AWS_PROFILE');
      expect(again).toEqual(prod);
      expect(ours(clear)).toEqual({ AWS_PROFILE: 'prod' });
      // login, use, the first of the bare ones, clear; the second bare one starts and asks nothing.
      expect(home.starts()).toBe(4);
      expect(home.sts.count('GetSessionToken')).toBe(2);
      expect(stderr.trimEnd().split('\n')).toEqual([
        expect.stringMatching(/^prod: new session, 12h left \(until .*\)$/),
        expect.stringMatching(/^work: new session, 12h left \(until .*\)$/),
        expect.stringMatching(/^prod: session, (12h|11h59m) left \(until .*\)$/),
        'prod: taken out of this shell',
      ]);
    }),
  );

  if (isTurn(0, turn))
    test(
      'the region of the account before decides nothing: every other shell needs no second code',
      needs(shell, async () => {
        const first = await home.run(
          shell,
          `awsmfa use work ${code()}\n${sets('AWS_PROFILE', 'prod')}\nawsmfa --token-code ${home.sts.nextCode('admin')}`,
        );
        expect(first.status, first.stderr).toBe(0);
        expect(home.sts.requests.map(({ region }) => region)).toEqual(['eu-central-1', 'us-west-2']);
        const second = await home.run(shell, `awsmfa use prod --no-prompt\nawsmfa use work --no-prompt`);
        expect(second.status, second.stderr).toBe(0);
        expect(home.sts.count('GetSessionToken')).toBe(2);
      }),
    );

  test(
    'a switch that fails leaves the living session, and says so; the way back is free',
    needs(shell, async () => {
      const { status, stderr } = await home.run(
        shell,
        [
          `awsmfa use work ${code()}`,
          sets('AWS_PROFILE', 'prod'),
          'awsmfa --token-code 000000',
          `${home.snap('failed')}; awsmfa use work`,
          home.snap('back'),
        ].join('\n'),
      );
      expect(status, stderr).toBe(0);
      expect(stderr).toContain('AWS refused the MFA code');
      const failed = ours(home.held('failed'));
      expect(stderr).toContain('This shell still holds work, ');
      expect(failed).toMatchObject({ AWS_PROFILE: 'prod', AWSMFA_PROFILE: 'work' });
      expect(await home.whose(failed)).toMatchObject({ arn: arnOf(ada) });
      expect(await home.whose(home.held('back'))).toMatchObject({ arn: arnOf(ada) });
      expect(home.sts.count('GetSessionToken')).toBe(2);
    }),
  );

  if (isTurn(1, turn))
    test(
      'a session that is about to end is renewed by a bare awsmfa',
      needs(shell, async () => {
        home.sts.sessionSeconds = 200;
        const script = `awsmfa use work ${code()}\n${home.snap('short')}`;
        await home.run(shell, script);
        home.sts.sessionSeconds = undefined;
        const { status, stderr } = await home.run(
          shell,
          `${sets('AWSMFA_TOKEN_CODE', home.sts.nextCode('ada'))}\nawsmfa\n${home.snap('long')}`,
          ours(home.held('short')),
        );
        expect(status, stderr).toBe(0);
        const [short, long] = [home.held('short'), home.held('long')];
        expect(Number(long.AWSMFA_EXPIRES_AT) - Number(short.AWSMFA_EXPIRES_AT)).toBeGreaterThan(40_000);
        expect(long.AWS_ACCESS_KEY_ID).not.toBe(short.AWS_ACCESS_KEY_ID);
        expect(await home.whose(long)).toMatchObject({ arn: arnOf(ada) });
      }),
    );

  if (isTurn(2, turn))
    test(
      'long-term keys of the environment are a source, and what they got can be renewed and cleared',
      needs(shell, async () => {
        const [key] = ada.accessKeys;
        const keys = { AWS_ACCESS_KEY_ID: key?.id ?? '', AWS_SECRET_ACCESS_KEY: key?.secret ?? '' };
        const device = '--serial-number arn:aws:iam::111122223333:mfa/ada';
        const { status, stderr } = await home.run(
          shell,
          `awsmfa use ${device} ${code()}\n${home.snap('held')}\nawsmfa clear\n${home.snap('clear')}`,
          keys,
        );
        expect(status, stderr).toBe(0);
        expect(await home.whose(home.held('held'))).toMatchObject({ arn: arnOf(ada) });
        expect(home.held('held').AWS_ACCESS_KEY_ID).toMatch(/^ASIA/);
        expect(home.held('clear')).not.toHaveProperty('AWS_SESSION_TOKEN');
      }),
    );

  if (isTurn(3, turn))
    test(
      'a region of the user stays, and AWS_PROFILE stays where he wants it',
      needs(shell, async () => {
        const { status, stderr } = await home.run(
          shell,
          `awsmfa use ${code()}\n${home.snap('held')}\nawsmfa clear\n${home.snap('clear')}`,
          { AWS_PROFILE: 'work', AWS_REGION: 'sa-east-1', AWSMFA_KEEP_PROFILE: '1' },
        );
        expect(status, stderr).toBe(0);
        expect(home.held('held')).toMatchObject({ AWS_PROFILE: 'work', AWS_REGION: 'sa-east-1' });
        expect(home.held('held')).not.toHaveProperty('AWS_DEFAULT_REGION');
        expect(ours(home.held('clear'))).toEqual({
          AWS_PROFILE: 'work',
          AWS_REGION: 'sa-east-1',
          AWSMFA_KEEP_PROFILE: '1',
        });
      }),
    );

  test(
    'no secret is traced',
    needs(shell, async () => {
      const trace = shell.name === 'fish' ? 'set -g fish_trace 1' : 'set -vx';
      const { stdout, stderr } = await home.run(
        shell,
        `${trace}\nawsmfa use work ${code()}\nawsmfa\nawsmfa use work\nawsmfa clear\nawsmfa use nosuch`,
        yesterday,
      );
      expect(stderr).toContain('new session');
      const told = stdout + stderr;
      expect(told).not.toContain('canary');
      expect(told).not.toContain('IQoJb3JpZ2luX2Vj');
      expect(told).not.toMatch(/ASIA/);
    }),
  );
});
