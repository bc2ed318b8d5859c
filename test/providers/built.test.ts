import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerIdentity } from '../../tools/local-sts/caller.ts';
import { ask, credentialsIn, keysOf } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { ada, programFile, yesterday } from '../support/desk.ts';
import { account, configFile, giveSessions, mfaRole, named, plainRole } from '../support/every-source.ts';
import { spawn } from '../support/pty.ts';
import { collect } from '../support/shells.ts';
import { type Sources, sources, webIdentityAnswer } from '../support/sources.ts';

/** The bundle has its own copy of the SDK, shaken and without a chain of credentials: each kind is tried there. */
let at: Sources;
let sts: LocalSts;
/** A session that STS accepts, for the stand-ins to give. */
let session: ReturnType<typeof credentialsIn>;

beforeAll(async () => {
  at = await sources();
  sts = await startLocalSts({
    users: [ada],
    roles: [{ arn: plainRole }, { arn: mfaRole, trust: { requireMfa: true } }],
  });
  session = credentialsIn(await ask(sts.url, { Action: 'GetSessionToken' }, keysOf(ada)));
  at.config(configFile);
  giveSessions(at, session);
});
afterAll(async () => {
  await sts?.close();
  await at?.remove();
});

describe('the built program', () => {
  it.each(named)('%s as the profile itself', async (name) => {
    webIdentity();
    const { AccessKeyId, SessionToken } = await given(name);
    expect({ AccessKeyId, SessionToken }).toEqual({
      AccessKeyId: session.accessKeyId,
      SessionToken: session.sessionToken,
    });
  });

  it.each([...named, 'instance', 'container'])('%s as the source of a role', async (name) => {
    webIdentity();
    const role = await given(`role of ${name}`);
    expect(await callerIdentity(sts.url, callerOf(role))).toMatchObject({
      ok: true,
      arn: expect.stringMatching(`^arn:aws:sts::${account}:assumed-role/Plain/`),
    });
  });

  it('long-term keys of a program and one MFA code: a session, and a role that wants MFA', async () => {
    const code = ['--token-code', sts.nextCode('ada')];
    const role = await given('role with MFA', ...code);
    expect(await callerIdentity(sts.url, callerOf(role))).toMatchObject({
      arn: expect.stringContaining(':assumed-role/Mfa/'),
    });
    const itself = await given('keys');
    expect(await callerIdentity(sts.url, callerOf(itself))).toMatchObject({
      arn: `arn:aws:iam::${account}:user/ada`,
    });
  });

  it('a second run asks nobody', async () => {
    await given('sso');
    const { length } = at.server.asked;
    await given('sso');
    expect(at.server.asked).toHaveLength(length);
  });

  it('a program may ask on the terminal, also when stdout and stderr are none', async () => {
    const script = `"$0" "$1" env asking --format process >out 2>err; echo "and $?"`;
    const terminal = spawn('/bin/sh', ['-c', script, process.execPath, programFile], {
      env: env(),
      cwd: at.home,
    });
    await terminal.waitFor('Touch your key: ');
    terminal.type('done\r');
    await terminal.waitFor('and 0');
    await terminal.close();
    const { SecretAccessKey } = JSON.parse(readFileSync(join(at.home, 'out'), 'utf8'));
    expect(SecretAccessKey).toBe('canary-done');
    expect(readFileSync(join(at.home, 'err'), 'utf8')).not.toContain('Touch');
  });

  it('a failure is one message and one hint, without a trace of the child', async () => {
    expect(await run('failing')).toEqual({
      status: 5,
      signal: null,
      stdout: '',
      stderr: `awsmfa: The credential_process of profile "failing" failed: exit status 3
  Run it by hand to see what it says; awsmfa shows nothing of it, as it may hold secrets.
`,
    });
  });
});

function run(profile: string, ...args: readonly string[]) {
  return collect(process.execPath, [programFile, 'env', profile, '--format', 'process', '--quiet', ...args], {
    cwd: at.home,
    env: env(),
  });
}

function env(): Record<string, string> {
  return {
    ...yesterday,
    HOME: at.home,
    PATH: process.env.PATH ?? '',
    AWS_PROFILE: 'gone',
    AWS_ENDPOINT_URL: at.server.url,
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: at.server.url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${at.server.url}/container`,
  };
}

async function given(profile: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = await run(profile, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
}

function callerOf({ AccessKeyId, SecretAccessKey, SessionToken }: Awaited<ReturnType<typeof given>>) {
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** The local STS knows no identity provider: it is told what to answer. */
function webIdentity(): void {
  sts.clearFaults();
  sts.fault({ answer: webIdentityAnswer(session) }, { action: 'AssumeRoleWithWebIdentity' });
}
