import { describe, expect, test } from 'vitest';
import { alice, bob, keysOf } from '../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import type { Setting } from '../support/world.ts';

const at = stage();

/** Whose key was used for which profile, or the status and the lines of the refusal, whatever the home is called. */
async function outcome(argv: readonly string[], setting: Setting = {}) {
  const home = setting.home ?? at.home;
  const { exit, stdout, stderr } = await at.runWithCode(argv, setting);
  if (exit !== 0) return [exit, ...stderr].join('\n').replaceAll(home.path, '~');
  const profile = /AWSMFA_PROFILE='([^;]*)';/.exec(stdout)?.[1];
  return `${at.calls().at(-1)?.accessKeyId === 'AKIAIOSFODNN7EXAMPLE' ? 'alice' : 'bob'} as ${profile}`;
}

const { accessKeyId, secretAccessKey } = keysOf(bob);
const bobExported = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
const device = `mfa_serial = ${aliceSerial}\n`;

describe('the profile', () => {
  test('comes from AWS_PROFILE, and from the shell that holds one', async () => {
    expect(await outcome(['env'], { env: { AWS_PROFILE: 'work' } })).toBe('alice as work');
    at.sts.forgetSpentCodes();
    expect(await outcome(['env'], { env: { AWS_PROFILE: '', AWSMFA_PROFILE: 'work' } })).toBe(
      'alice as work',
    );
  });

  test('is the default one without a word', async () => {
    const home = makeHome({ credentials: `${keysSection('default', alice)}${device}` });
    expect(await outcome(['env'], { home })).toBe('alice as default');
  });

  test('may have its keys in the config file', async () => {
    const config = `${keysSection('profile work', alice)}${device}`;
    expect(await outcome(['env', 'work'], { home: makeHome({ config }) })).toBe('alice as work');
  });

  test('may have its keys in a long-term section, as aws-mfa has it', async () => {
    const credentials = `${keysSection('work-long-term', alice)}aws_mfa_device = ${aliceSerial}\n`;
    expect(await outcome(['env', 'work'], { home: makeHome({ credentials }) })).toBe('alice as work');
  });

  test('with a session that aws-mfa left is renewed with the long-term keys', async () => {
    const stale = '[work]\naws_access_key_id = ASIASTALESTALESTALE1\naws_secret_access_key = staleSecret\n';
    const credentials = `${stale}aws_session_token = staleToken\n${keysSection('work-long-term', alice)}${device}`;
    expect(await outcome(['env', 'work'], { home: makeHome({ credentials }) })).toBe('alice as work');
  });
});

describe('keys in the environment', () => {
  const env = { ...bobExported, AWS_MFA_SERIAL: 'arn:aws:iam::123456789012:mfa/bob' };
  const withCode = () => ({ ...env, AWSMFA_TOKEN_CODE: at.sts.nextCode('bob') });

  test('serve when no profile is named, before [default]', async () => {
    const home = makeHome({ credentials: keysSection('default', alice) });
    expect(await outcome(['env'], { home, env: withCode() })).toBe('bob as (environment)');
  });

  test('serve again in the shell that holds their session', async () => {
    const more = { ...withCode(), AWSMFA_PROFILE: '(environment)' };
    expect(await outcome(['env'], { env: more })).toBe('bob as (environment)');
  });

  test('do not count when a profile is named', async () => {
    expect(await outcome(['env', 'work'], { env: { ...bobExported } })).toBe('alice as work');
  });

  test('do not count when they are half a pair and a profile is named', async () => {
    expect(await outcome(['env', 'work'], { env: { AWS_ACCESS_KEY_ID: accessKeyId } })).toBe('alice as work');
  });

  test('do not break on a [default] that they do not need', async () => {
    const home = makeHome({ credentials: '[default]\naws_access_key_id = AKIAHALF\n' });
    expect(await outcome(['env'], { home, env: withCode() })).toBe('bob as (environment)');
  });

  test.for([
    [{ AWS_ACCESS_KEY_ID: 'ASIASTALESTALESTALE1' }],
    [{ AWS_ACCESS_KEY_ID: 'ASIASTALESTALESTALE1', AWS_SESSION_TOKEN: 'stale-session-token' }],
  ])('never reach STS when they are temporary: %o', async ([stale]) => {
    const home = makeHome({ credentials: `${keysSection('default', alice)}${device}` });
    expect(await outcome(['env'], { home, env: { ...bobExported, ...stale } })).toBe('alice as default');
    expect(at.calls().map((call) => call.accessKeyId)).toEqual(['AKIAIOSFODNN7EXAMPLE']);
  });

  test('are no reason to take [default] in their place when a token is left beside them', async () => {
    const home = makeHome({ credentials: `${keysSection('default', alice)}${device}` });
    for (const stale of [{ AWS_SESSION_TOKEN: 'stale' }, { AWS_SECURITY_TOKEN: 'stale' }]) {
      expect(await outcome(['env'], { home, env: { ...bobExported, ...stale } })).toMatch(/^3\n.*left over/);
    }
    expect(at.calls()).toEqual([]);
  });

  test('do with neither a home nor files', async () => {
    const { exit, stdout } = await at.run(['env'], { home: undefined, env: withCode() });
    expect({ exit, profile: stdout.includes("AWSMFA_PROFILE='(environment)'") }).toEqual({
      exit: 0,
      profile: true,
    });
  });

  test('lend no device of another user', async () => {
    const home = makeHome({ credentials: `${keysSection('default', alice)}${device}` });
    expect(await outcome(['env', '--no-prompt'], { home, env: bobExported })).toMatchInlineSnapshot(`
      "4
      awsmfa: Profile "(environment)" names no MFA device, and --no-prompt forbids asking
        Export AWS_MFA_SERIAL, or give --serial-number: most likely arn:aws:iam::123456789012:mfa/bob."
    `);
  });
});
