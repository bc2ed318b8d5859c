import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, type TestContext, test } from 'vitest';
import { ada, arnOf, buildCore, type Core, type Desk, desk, yesterday } from '../support/real-core.ts';
import { integrated, missing, needs, type Shell, shells } from '../support/shells.ts';

/** Programs of AWS with their default providers, as command lines that print the ARN STS knows them by. */
type Client = { name: string; find(): string | undefined; line(program: string, desk: Desk): string };

const clients: readonly Client[] = [
  {
    name: 'the AWS CLI',
    find: () => working(['/usr/bin/aws', 'aws'], ['--version']),
    line: (program, { sts }) =>
      `${program} sts get-caller-identity --endpoint-url ${sts.url} --query Arn --output text`,
  },
  {
    name: 'boto3',
    find: () => working(['/usr/bin/python3', 'python3'], ['-c', 'import boto3']),
    line: (program, { home, sts }) => {
      const script = join(home, 'client.py');
      writeFileSync(
        script,
        `import boto3\nprint(boto3.client('sts', endpoint_url='${sts.url}').get_caller_identity()['Arn'])\n`,
      );
      return `${program} ${script}`;
    },
  },
  {
    name: 'the AWS SDK for JavaScript',
    find: () => process.execPath,
    line: (program, { home, sts }) => {
      const sdk = createRequire(import.meta.url).resolve('@aws-sdk/client-sts');
      const script = join(home, 'client.mjs');
      writeFileSync(
        script,
        `import { GetCallerIdentityCommand, STSClient } from '${pathToFileURL(sdk)}';
const client = new STSClient({ endpoint: '${sts.url}' });
console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
`,
      );
      return `${program} ${script}`;
    },
  },
];

/** Its advice about Node versions is not what this is about. */
const quietSdk = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

let core: Core;
let home: Desk;
beforeAll(() => {
  core = buildCore();
});
afterAll(() => core.remove());
beforeEach(async () => {
  home = await desk(core);
});
afterEach(() => home.remove());

describe.each(integrated)('out of $name', (shell) => {
  describe.each(clients)('$name', (client) => {
    test.for(['work', 'no-such-profile', ''])(
      'is whom awsmfa got, whatever was exported before, AWS_PROFILE=%o too',
      (profile, context) =>
        needs(shell, async () => {
          const program = found(client, context);
          const { status, stdout, stderr } = await home.run(
            shell,
            `awsmfa use work --token-code ${home.sts.nextCode('ada')}\n${client.line(program, home)}`,
            { ...yesterday, ...quietSdk, AWS_PROFILE: profile, AWS_DEFAULT_PROFILE: profile },
          );
          expect(stderr).toMatch(/^work: new session, 12h left \(until .*\)\n$/);
          expect({ status, stdout }).toEqual({ status: 0, stdout: `${arnOf(ada)}\n` });
          const [session] = home.sts.sessions();
          expect(session).toMatchObject({ arn: arnOf(ada), mfa: true });
          const [, identity] = home.sts.requests;
          expect(identity).toMatchObject({ action: 'GetCallerIdentity', accessKeyId: session?.accessKeyId });
        })(context),
    );
  });
});

const bash = shells.find(({ name }) => name === 'bash') as Shell;

describe.each(clients)('without awsmfa, $name', (client) => {
  test("is refused with yesterday's token", async (context) => {
    const program = found(client, context);
    const { status } = await home.run(bash, client.line(program, home), {
      ...yesterday,
      AWS_REGION: 'eu-west-1',
    });
    expect(status).not.toBe(0);
  });
});

function found({ name, find }: Client, context: TestContext): string {
  return find() ?? missing(name, context);
}

function working(candidates: readonly string[], args: readonly string[]): string | undefined {
  return candidates.find((candidate) => spawnSync(candidate, [...args]).status === 0);
}
