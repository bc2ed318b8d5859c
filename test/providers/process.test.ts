import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timerUntil } from '../support/calls.ts';
import { isRunning, until } from '../support/processes.ts';
import { inSeconds, iso, type Sources, sources } from '../support/sources.ts';

let at: Sources;
beforeEach(async () => {
  at = await sources();
});
afterEach(() => {
  vi.restoreAllMocks();
  at.remove();
});

/** A program of the user's, as the credential process of [profile tool]. */
function tool(script: string, args = ''): string {
  const path = at.file('bin/my tool', `#!/bin/sh\n${script}\n`, 0o755);
  at.config(`[profile tool]\ncredential_process = "${path}"${args}\n`);
  return path;
}

const printing = (answer: unknown) => tool(`cat <<'END'\n${JSON.stringify(answer)}\nEND`);

const keys = { Version: 1, AccessKeyId: 'AKIATOOLTOOLTOOLTOOL', SecretAccessKey: 'canary-tool-secret' };

const byHand = 'Run it by hand to see what it says; awsmfa shows nothing of it, as it may hold secrets.';
const json = 'It must print JSON: {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …}, and nothing else.';

describe('a credential process', () => {
  it('gives long-term keys', async () => {
    printing(keys);
    expect(await at.provide('tool')).toEqual({
      accessKeyId: 'AKIATOOLTOOLTOOLTOOL',
      secretAccessKey: 'canary-tool-secret',
      sessionToken: undefined,
    });
  });

  it('says which account they belong to', async () => {
    printing({ ...keys, AccountId: '111122223333' });
    expect(await at.given('tool')).toMatchObject({ accountId: '111122223333' });
    printing({ ...keys, AccountId: 'https://x' });
    expect(await at.given('tool')).toMatchObject({ accountId: undefined });
  });

  it('does not get the token code of awsmfa', async () => {
    tool(`test -z "$AWSMFA_TOKEN_CODE" && cat <<'END'\n${JSON.stringify(keys)}\nEND`);
    expect(await at.provide('tool', { AWSMFA_TOKEN_CODE: '123456' })).toMatchObject({
      sessionToken: undefined,
    });
  });

  it('gives temporary ones', async () => {
    const expiration = inSeconds(3600);
    printing({ ...keys, AccessKeyId: 'ASIATOOL', SessionToken: 'canary-token', Expiration: iso(expiration) });
    expect(await at.provide('tool')).toEqual({
      accessKeyId: 'ASIATOOL',
      secretAccessKey: 'canary-tool-secret',
      sessionToken: 'canary-token',
      expiration,
    });
  });

  it.each([
    ['null for no token', { ...keys, SessionToken: null, Expiration: null }, ''],
    ['a byte order mark', keys, '\ufeff'],
  ])('may print %s', async (_what, answer, before) => {
    tool(`printf '%s' '${before}${JSON.stringify(answer)}'`);
    expect(await at.provide('tool')).toMatchObject({ sessionToken: undefined });
  });

  it('gets its arguments as they stand, from no shell', async () => {
    tool(
      `printf '{"Version":1,"AccessKeyId":"AKIA%s","SecretAccessKey":"%s"}' "$#" "$1$2"`,
      ` 'a|b' $HOME;x`,
    );
    expect(await at.provide('tool')).toMatchObject({ accessKeyId: 'AKIA2', secretAccessKey: 'a|b$HOME;x' });
  });

  it('does not see the session that this shell holds, but its long-term keys', async () => {
    tool(
      `printf '{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"%s"}' "x$AWS_ACCESS_KEY_ID-$AWS_REGION"`,
    );
    const env = { AWS_REGION: 'eu-west-1' };
    expect((await at.provide('tool', env)).secretAccessKey).toBe('x-eu-west-1');
    const longTerm = { ...env, AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SESSION_TOKEN: undefined };
    expect((await at.provide('tool', longTerm)).secretAccessKey).toBe('xAKIAENV-eu-west-1');
  });

  it('may leave something running that holds its stdout', async () => {
    const path = join(at.home, 'left');
    tool(`sleep 120 & echo $! >'${path}'; printf '%s' '${JSON.stringify(keys)}'`);
    expect((await at.provide('tool')).accessKeyId).toBe('AKIATOOLTOOLTOOLTOOL');
    process.kill(Number(readFileSync(path, 'utf8')));
  });
});

describe('a credential process that gives nothing', () => {
  const refusals: readonly [string, string, number, string, string][] = [
    ['fails', 'echo canary; echo canary >&2; exit 7', 5, 'failed: exit status 7', byHand],
    ['dies', 'echo canary; kill -SEGV $$', 5, 'failed: ended by SIGSEGV', byHand],
    ['prints nothing', 'echo', 3, 'printed nothing', json],
    ['prints junk', 'echo canary: Welcome', 3, 'did not print JSON', json],
    ['prints no object', 'echo \'["canary"]\'', 3, 'did not print JSON', json],
    [
      'prints more than JSON',
      `echo logged in; printf '%s' '${JSON.stringify(keys)}'`,
      3,
      'did not print JSON',
      json,
    ],
    [
      'prints Version 2',
      `printf '%s' '${JSON.stringify({ ...keys, Version: 2 })}'`,
      3,
      'printed Version 2 of the format; there is Version 1',
      json,
    ],
    [
      'prints no Version',
      `printf '%s' '${JSON.stringify({ ...keys, Version: 'canary' })}'`,
      3,
      'printed no Version of the format; there is Version 1',
      json,
    ],
    [
      'prints without end',
      'while :; do echo canary-canary-canary-canary-canary; done',
      3,
      'printed more than 64 KiB, and was ended',
      byHand,
    ],
  ];

  it.each(refusals)('%s', async (_what, script, exit, what, hint) => {
    tool(script);
    const message = `The credential_process of profile "tool" ${what}`;
    expect(await at.refusal('tool')).toEqual({ exit, code: 'credential-process', message, hint });
  });

  it.each([
    ['half a key', { ...keys, SecretAccessKey: undefined }, 'an access key ID without its secret'],
    ['the other half', { ...keys, AccessKeyId: '' }, 'a secret without its access key ID'],
    ['no key', { Version: 1 }, 'no access key'],
    [
      'a key in two lines',
      { ...keys, SecretAccessKey: 'canary\ncanary' },
      'an access key with characters that no AWS key has',
    ],
    [
      'a key that is no text',
      { ...keys, SecretAccessKey: { canary: 1 } },
      'an access key with characters that no AWS key has',
    ],
    [
      'a session without its token',
      { ...keys, AccessKeyId: 'ASIATOOL' },
      'a temporary access key without its session token',
    ],
    ['a time that is none', { ...keys, Expiration: 'canary' }, 'an invalid expiration'],
    ['a time that is no text', { ...keys, Expiration: 17 }, 'an invalid expiration'],
  ])('prints %s', async (_what, answer, what) => {
    printing(answer);
    expect(await at.refusal('tool')).toEqual({
      exit: 3,
      code: 'unusable-credentials',
      message: `The credential_process of profile "tool" gave ${what}`,
      hint: 'Check the program or service that gives the credentials; awsmfa does not show them.',
    });
  });

  it('prints an expired session', async () => {
    printing({ ...keys, SessionToken: 'canary-token', Expiration: iso(inSeconds(-60)) });
    expect(await at.refusal('tool')).toEqual({
      exit: 5,
      code: 'expired-credentials',
      message: expect.stringMatching(
        /^The credential_process of profile "tool" gave credentials that expired at (\d{4}-\d\d-\d\d )?\d\d:\d\d UTC$/,
      ),
      hint: 'Log in again with that program.',
    });
  });

  it('hangs: it is ended, with what it started', async () => {
    const path = join(at.home, 'children');
    tool(`echo canary\n(trap '' TERM; sleep 30) & echo $! >'${path}'; sleep 30 & echo $! >>'${path}'; wait`);
    timerUntil(9000, () => existsSync(path) && readFileSync(path, 'utf8').split('\n').length === 3);
    expect(await at.refusal('tool', { AWSMFA_PROCESS_TIMEOUT: '9s' })).toEqual({
      exit: 5,
      code: 'credential-process',
      message: 'The credential_process of profile "tool" gave no answer in 9s, and was ended',
      hint: `${byHand} AWSMFA_PROCESS_TIMEOUT=5m gives it longer.`,
    });
    const pids = readFileSync(path, 'utf8').trim().split('\n');
    await until(() => !pids.some(isRunning));
  });

  it('is not there, or cannot be run', async () => {
    const config = (command: string) => at.config(`[profile tool]\ncredential_process = ${command}\n`);
    const whole = 'Give the whole path of the program; one with blanks in quotes.';
    config('/no/such/program --password canary');
    expect(await at.refusal('tool')).toEqual({
      exit: 3,
      code: 'credential-process',
      message:
        'The credential_process of profile "tool" cannot be started: /no/such/program: there is no such program',
      hint: whole,
    });
    config(at.file('plain.txt', 'canary', 0o644));
    expect(await at.refusal('tool')).toMatchObject({ exit: 3, hint: whole });
    config('~/bin/tool');
    expect(await at.refusal('tool')).toMatchObject({
      exit: 3,
      hint: 'As for the AWS CLI no shell reads it: write the path out, without ~ and variables.',
    });
    config('/bin/echo "canary');
    expect(await at.refusal('tool')).toMatchObject({
      exit: 3,
      message: 'The credential_process of profile "tool" has a quote that is not closed',
    });
  });

  it('has a time limit that is none', async () => {
    printing(keys);
    expect(await at.refusal('tool', { AWSMFA_PROCESS_TIMEOUT: 'soon' })).toMatchObject({
      exit: 2,
      message: 'AWSMFA_PROCESS_TIMEOUT: "soon" is no time limit',
    });
  });
});
