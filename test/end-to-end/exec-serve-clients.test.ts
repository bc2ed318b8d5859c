import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, type TestContext, test } from 'vitest';
import { type Client, clients, found, quietSdk } from '../support/clients.ts';
import { ada, arnOf, desk } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import { type Shell, shells } from '../support/shells.ts';

const role = 'arn:aws:iam::444455556666:role/admin';
const home = desk({ users: [ada], roles: [{ arn: role }] });
beforeEach(async () => {
  home.config(`[profile work]
region = eu-central-1
mfa_serial = arn:aws:iam::111122223333:mfa/ada
[profile admin]
region = eu-central-1
role_arn = ${role}
source_profile = work
`);
  await home.login('work');
});

const bash = shells.find(({ name }) => name === 'bash') as Shell;
const roleCalls = () => home.sts.count('AssumeRole');

const bodies = {
  'is led to the server, whatever else it might find, [default] too': async (
    client: Client,
    context: TestContext,
  ) => {
    const [key] = ada.accessKeys;
    const file = join(home.home, '.aws/credentials');
    appendFileSync(
      file,
      `\n[default]\naws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`,
    );
    const line = client.line(found(client, context), home);
    const result = await home.run(bash, `awsmfa exec --serve work -- ${line}`, {
      ...quietSdk,
      AWS_PROFILE: 'no-such-profile',
      AWS_ACCESS_KEY_ID: 'ASIASTALE',
      AWS_SECRET_ACCESS_KEY: 'stale',
      AWS_SESSION_TOKEN: 'stale',
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/nowhere',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/no/such/file',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/no/such/file',
    });
    expect(result).toMatchObject({
      status: 0,
      stdout: `${arnOf(ada)}\n`,
      stderr: `Hidden from the command, which would take the keys of [default] before it asks: ${file}\n`,
    });
    const [session] = home.sts.sessions();
    expect(home.sts.requests.at(-1)).toMatchObject({
      action: 'GetCallerIdentity',
      accessKeyId: session?.accessKeyId,
    });
  },

  'goes on across the end of its session, again and again': async (client: Client, context: TestContext) => {
    const line = client.line(found(client, context), home, 5);
    // Whoever gets one has three seconds for the call.
    home.sts.sessionSeconds = 6;
    const result = await home.run(bash, `awsmfa exec --serve admin -- ${line}`, {
      ...quietSdk,
      AWSMFA_MIN_TTL: '3',
    });
    expect(result.status).toBe(0);
    expect(result.stdout).toMatch(/^(arn:aws:sts::444455556666:assumed-role\/admin\/.*\n){2,}$/);
    expect(roleCalls()).toBeGreaterThan(1);
    const keys = new Set(
      home.sts.requests
        .filter(({ action }) => action === 'GetCallerIdentity')
        .map((call) => call.accessKeyId),
    );
    expect(keys.size).toBeGreaterThan(1);
    expect(home.sts.count('GetSessionToken')).toBe(1);
  },
};

const cases = clients.flatMap((client) =>
  Object.entries(bodies).map(([what, body]) => [`${client.name} ${what}`, client, body] as const),
);
test.for(some(cases, 3))('%s', ([, client, body], context) => body(client, context));
