import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { files, stage } from '../support/stage.ts';

const role = 'arn:aws:iam::123456789012:role/open';
const at = stage({ roles: [{ arn: role }] });

/** Longer than the second after which it has to be seen that awsmfa works. */
const slow = 1500;

test.for<[string, readonly string[], RegExp]>([
  ['GetSessionToken', ['login', 'work'], /^Waiting for STS \(127\.0\.0\.1:\d+\) …$/],
  ['AssumeRole', ['login', 'work', '--role-arn', role], /^Waiting for STS \(127\.0\.0\.1:\d+\) …$/],
  [
    'GetScopedCredentials',
    ['process', 'work', '--scope', 'read-only'],
    /^Waiting for STS \(127\.0\.0\.1:\d+\) …$/,
  ],
  ['GetCallerIdentity', ['status', '--verify'], /^Waiting for STS …$/],
  [
    'getSigninToken',
    ['console', 'work', '--role-arn', role, '--print'],
    /^Waiting for the sign-in endpoint of AWS …$/,
  ],
])('%s takes longer than a second, and it is seen that awsmfa works', async ([action, argv, line]) => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
  const env = { AWS_ENDPOINT_URL_SIGNIN: at.sts.url, ...(argv[0] === 'status' ? keys : {}) };
  at.sts.fault({ slow }, { action });
  const { stderr } = await at.runWithCode(argv, { env, stderrIsTerminal: true });
  expect(stderr.filter((each) => each.startsWith('Waiting'))).toEqual([expect.stringMatching(line)]);
});

test('the same for a container server, but not for a program, which may be asking on the terminal', async () => {
  const server = createServer((_, response) => {
    setTimeout(() => response.end('{}'), slow);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const program = at.home.write('slow.sh', `sleep 1.5\necho '{"Version":1}'\n`);
  at.home.write(
    '.aws/config',
    `${files.config}[profile contained]
role_arn = ${role}
credential_source = EcsContainer
[profile program]
credential_process = sh ${program}
`,
  );
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/` };
  const said = async (profile: string) =>
    (await at.run(['login', profile], { env, stderrIsTerminal: true })).stderr.filter((line) =>
      line.startsWith('Waiting'),
    );
  expect(await said('contained')).toEqual(['Waiting for the credentials of contained …']);
  expect(await said('program')).toEqual([]);
  server.close();
});
