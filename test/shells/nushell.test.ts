import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ada, arnOf, desk, project, yesterday } from '../support/desk.ts';
import { collect, needs } from '../support/shells.ts';

const at = desk();

async function session(lines: readonly string[], env: Record<string, string> = {}) {
  const file = join(at.home, 'session.nu');
  writeFileSync(file, [`use ${JSON.stringify(join(project, 'shell/awsmfa.nu'))} *`, ...lines].join('\n'));
  return collect('nu', ['--no-config-file', file], { env: { ...at.env, ...env }, cwd: at.home });
}

const snap = (name: string) => `^sh -c ${JSON.stringify(at.snap(name))}`;

test('use, bare, a slip, exec, expiry and clear', (context) =>
  needs('nu', async () => {
    const { stdout, stderr } = await session(
      [
        '$env.AWS_PROFILE = "prod"',
        'awsmfa use work',
        'print (awsmfa_prompt)',
        snap('used'),
        'awsmfa',
        'try { awsmfa use nobody } catch { print $"slip ($env.LAST_EXIT_CODE)" }',
        'try { awsmfa use "a&calc; touch x" } catch { print $"hostile ($env.LAST_EXIT_CODE)" }',
        snap('slipped'),
        'try { awsmfa exec work -- sh -c \'exit 7\' } catch { print $"exec ($env.LAST_EXIT_CODE)" }',
        "awsmfa exec -- sh -c 'echo $AWSMFA_EXEC $1' sh 'two words'",
        'print (awsmfa process work | from json | get Version)',
        '$env.AWSMFA_EXPIRES_AT = "1000"; $env.AWS_CREDENTIAL_EXPIRATION = "2001-01-01T00:00:00Z"',
        'print (awsmfa_prompt)',
        'awsmfa use nobody',
        snap('expired'),
        'awsmfa clear',
        snap('cleared'),
      ],
      { ...yesterday, AWSMFA_TOKEN_CODE: at.sts.nextCode('ada') },
    );
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^work 1[12]h\d+m$/),
      'slip 3',
      'hostile 3',
      'exec 7',
      'work two words',
      '1',
      'work expired',
      '',
    ]);
    expect(stderr).toContain('This shell still holds work');
    // Only words: a command of nushell that fails changes no environment, and the dead session has to go.
    expect(stderr).toMatch(/was taken out/);
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
    const { LAST_EXIT_CODE: _, ...slipped } = at.held('slipped');
    expect(slipped).toMatchObject(JSON.parse(JSON.stringify({ ...used, LAST_EXIT_CODE: undefined })));
    expect(at.held('expired')).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(at.held('cleared')).toMatchObject({ AWS_PROFILE: 'prod' });
    expect(Object.keys(at.held('cleared')).filter((name) => /^AWSMFA_(?!TOKEN)/.test(name))).toEqual([]);
  })(context));

test('env without the module', (context) =>
  needs('nu', async () => {
    const { stdout } = await session(
      [
        '^awsmfa env work | from json | load-env',
        'print $env.AWSMFA_PROFILE',
        'try { ^awsmfa env nobody | from json | load-env; print "went on" } catch { print "failed" }',
      ],
      { AWSMFA_TOKEN_CODE: at.sts.nextCode('ada') },
    );
    expect(stdout).toBe('work\nfailed\n');
  })(context));

test('it completes commands, profiles and the values of options', (context) =>
  needs('nu', async () => {
    at.config('[default]\n[profile two words]\n[sso-session x]\n');
    const complete = async (line: string) => {
      const file = join(at.home, 'tab.nu');
      const text = `use ${JSON.stringify(join(project, 'shell/awsmfa.nu'))} *\n${line}`;
      writeFileSync(file, text);
      const args = ['--no-config-file', '--ide-complete', String(Buffer.byteLength(text)), file];
      const { stdout } = await collect('nu', args, { env: at.env, cwd: at.home });
      // nushell puts no backslash before a quote there: it is no JSON.
      return stdout.trim();
    };
    expect(await complete('awsmfa lo')).toBe('{"completions": ["login", "logout"]}');
    expect(await complete('awsmfa use tw')).toBe('{"completions": [""two words""]}');
    expect(await complete('awsmfa login --region eu-west-1 --profile de')).toBe(
      '{"completions": ["default"]}',
    );
    expect(await complete('awsmfa keys ro')).toBe('{"completions": ["rotate"]}');
    expect(await complete('awsmfa keys rotate de')).toBe('{"completions": ["default"]}');
    expect(await complete('awsmfa env --format dot')).toBe('{"completions": ["dotenv"]}');
    mkdirSync(join(at.home, '.aws/awsmfa/scopes'), { recursive: true });
    writeFileSync(join(at.home, '.aws/awsmfa/scopes/ledger.json'), '{}');
    expect(await complete('awsmfa env --scope led')).toBe('{"completions": ["ledger"]}');
    // Not of awsmfa any more: nushell offers files.
    for (const line of ['awsmfa exec work -- ls ', 'awsmfa status ']) {
      expect(await complete(line)).not.toMatch(/default|two words/);
    }
    expect(at.starts()).toBe(0);
  })(context));

test('the prompt shows the scope, and no control character', (context) =>
  needs('nu', async () => {
    const env = { AWSMFA_PROFILE: 'wo\u001brk', AWSMFA_SCOPE: 'read\u001b-only', AWSMFA_EXPIRES_AT: '1000' };
    const { stdout } = await session(['print (awsmfa_prompt)'], env);
    expect(stdout.trim()).toBe('wo?rk (read?-only) expired');
  })(context));
