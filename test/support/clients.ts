import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestContext } from 'vitest';
import type { Desk } from './desk.ts';
import { locate, missing } from './shells.ts';

/**
 * Programs of AWS with their default providers, as command lines that print the ARN STS knows them by; with a number, for
 * so many seconds again and again, with the same client where there is one.
 */
export type Client = {
  name: string;
  find(): string | undefined;
  line(program: string, desk: Desk, seconds?: number): string;
};

export const clients: readonly Client[] = [
  {
    name: 'the AWS CLI',
    find: () => working(['/usr/bin/aws', 'aws'], ['--version']),
    line: (program, { sts }, seconds = 0) => {
      const call = `${program} sts get-caller-identity --endpoint-url ${sts.url} --query Arn --output text`;
      return seconds === 0
        ? call
        : `sh -c 'for i in $(seq ${Math.ceil(seconds / 2)}); do test $i = 1 || sleep 2; ${call} || exit; done'`;
    },
  },
  {
    name: 'boto3',
    find: () => working(['/usr/bin/python3', 'python3'], ['-c', 'import boto3']),
    line: (program, { home, sts }, seconds = 0) => {
      const script = join(home, `client-${seconds}.py`);
      writeFileSync(
        script,
        `import boto3, time
client = boto3.client('sts', endpoint_url='${sts.url}')
for i in range(${seconds} + 1):
    if i: time.sleep(1)
    print(client.get_caller_identity()['Arn'])
`,
      );
      return `${program} ${script}`;
    },
  },
  {
    name: 'the AWS SDK for JavaScript',
    find: () => process.execPath,
    line: (program, { home, sts }, seconds = 0) => {
      const script = join(home, `client-${seconds}.mjs`);
      writeFileSync(
        script,
        `import { GetCallerIdentityCommand, STSClient } from '${sdkModule('client-sts')}';
const client = new STSClient({ endpoint: '${sts.url}' });
for (let i = 0; i <= ${seconds}; i++) {
  if (i) await new Promise((resolve) => setTimeout(resolve, 1000));
  console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
}
`,
      );
      return `${program} ${script}`;
    },
  },
];

/** For an import in a script that lies elsewhere. */
export function sdkModule(name: string): string {
  return pathToFileURL(createRequire(import.meta.url).resolve(`@aws-sdk/${name}`)).href;
}

/** Its advice about Node versions is not what this is about. */
export const quietSdk = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

export function found({ name, find }: Client, context: TestContext): string {
  return find() ?? missing(name, context);
}

const known = new Map<string, string | undefined>();

/** The first that works. Each is tried once: the AWS CLI takes a second to start. */
export function working(candidates: readonly string[], args: readonly string[]): string | undefined {
  const [name = ''] = candidates;
  if (!known.has(name)) {
    const paths = candidates.map((candidate) => (candidate.startsWith('/') ? candidate : locate(candidate)));
    known.set(
      name,
      paths.find((path) => path !== undefined && spawnSync(path, [...args]).status === 0),
    );
  }
  return known.get(name);
}
