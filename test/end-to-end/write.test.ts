import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { working } from '../support/clients.ts';
import { ada, arnOf, type Desk, desk, project, serialOf } from '../support/desk.ts';
import { sectionOf } from '../support/home.ts';
import { runs } from '../support/matrix.ts';
import { collect, missing } from '../support/shells.ts';

/** Programs of AWS that know nothing but `AWS_PROFILE`: each prints the ARN STS knows it by, and its region. */
type Client = { name: string; find(): string | undefined; args(desk: Desk): string[] };

const clients: readonly Client[] = [
  {
    name: 'the AWS CLI',
    find: () => working(['/usr/bin/aws', 'aws'], ['--version']),
    args: ({ sts }) => [
      ...['sts', 'get-caller-identity', '--endpoint-url', sts.url, '--output', 'text', '--debug'],
      ...['--query', 'Arn'],
    ],
  },
  {
    name: 'boto3',
    find: () => working(['/usr/bin/python3', 'python3'], ['-c', 'import boto3']),
    args: ({ home, sts }) => [
      script(
        join(home, 'client.py'),
        `import boto3
print(boto3.client('sts', endpoint_url='${sts.url}').get_caller_identity()['Arn'])
print(boto3.session.Session().region_name)
`,
      ),
    ],
  },
  {
    name: 'the AWS SDK for JavaScript',
    find: () => process.execPath,
    args: ({ home, sts }) => [
      script(
        join(home, 'client.mjs'),
        `import { GetCallerIdentityCommand, STSClient } from '${pathToFileURL(createRequire(import.meta.url).resolve('@aws-sdk/client-sts'))}';
const client = new STSClient({ endpoint: '${sts.url}' });
console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
console.log(await client.config.region());
`,
      ),
    ],
  },
];

const home = desk();

const credentialsFile = () => join(home.home, '.aws/credentials');
const credentials = () => readFileSync(credentialsFile(), 'utf8');

describe.each(clients)('$name with AWS_PROFILE=work-mfa', (client) => {
  test('is whom awsmfa got, in the region of the profile', async (context) => {
    const program = client.find() ?? missing(client.name, context);
    await home.login('work');
    await home.awsmfa(['write', 'work']);
    const env = {
      ...home.env,
      AWS_PROFILE: 'work-mfa',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    };
    const { status, stdout, stderr } = await collect(program, client.args(home), { env, cwd: home.home });
    expect(status, stderr).toBe(0);
    expect(stdout.split('\n')[0]).toBe(arnOf(ada));
    // The AWS CLI of those days has no word for the region it uses, but signs with it.
    const region = stdout.split('\n')[1] || /Credential=[^/]+\/\d+\/([\w-]+)\//.exec(stderr)?.[1];
    expect(region).toBe('eu-central-1');
    const [session] = home.sts.sessions();
    expect(session).toMatchObject({ arn: arnOf(ada), mfa: true });
    expect(home.sts.requests.at(-1)).toMatchObject({
      action: 'GetCallerIdentity',
      accessKeyId: session?.accessKeyId,
    });
  });
});

test('the program aws-mfa, with the profile of AWS_PROFILE', async () => {
  const [key] = ada.accessKeys;
  const keys = `aws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
  writeFileSync(credentialsFile(), `# mine\n[work-long-term]\n${keys}aws_mfa_device = ${serialOf(ada)}\n`);
  home.config('');
  const awsMfa = (...args: string[]) =>
    collect(process.execPath, [join(project, 'dist/aws-mfa.cjs'), ...args], {
      env: { ...home.env, AWS_PROFILE: 'work', USER: 'ada' },
      cwd: home.home,
    });
  const first = await awsMfa('--dur', '3600', '--token', home.sts.nextCode('ada'));
  expect(first).toMatchObject({ status: 0, stdout: '' });
  expect(first.stderr).toMatch(/^This aws-mfa is awsmfa.*\nINFO - Validating[\s\S]*\nINFO - Success! .*\n$/);
  expect(credentials()).toMatch(/^# mine\n\[work-long-term]\n[\s\S]*\n\n\[work]\nassumed_role = False\n/);
  const second = await awsMfa('--log-level', 'ERROR');
  expect(second).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(await awsMfa('--force')).toMatchObject({ status: 1, stdout: '' });
  expect(await awsMfa('--nonsense')).toMatchObject({ status: 2, stdout: '' });
  expect(await awsMfa('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^Usage: aws-mfa \[options][\s\S]*--short-term-suffix/),
  });
});

test('aws-mfa takes the code that is piped into it, as `yes CODE` too, and the one in a file', async () => {
  const [key] = ada.accessKeys;
  const keys = `aws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
  writeFileSync(credentialsFile(), `[default-long-term]\n${keys}aws_mfa_device = ${serialOf(ada)}\n`);
  home.config('');
  const awsMfa = `'${process.execPath}' '${join(project, 'dist/aws-mfa.cjs')}'`;
  for (const line of ['echo CODE | awsMfa', 'yes CODE | awsMfa', 'echo CODE >file; awsMfa <file']) {
    writeFileSync(credentialsFile(), credentials().replace(/\n\[default][\s\S]*/, ''));
    home.sts.forgetSpentCodes();
    rmSync(join(home.home, '.aws/awsmfa'), { recursive: true, force: true });
    const script = line.replace('CODE', home.sts.nextCode('ada')).replace('awsMfa', awsMfa);
    const ran = await collect('/bin/sh', ['-c', script], { env: home.env, cwd: home.home });
    expect(ran, line).toMatchObject({ status: 0 });
    expect(Object.keys(sectionOf(credentials(), 'default'))).toHaveLength(7);
  }
});

test('some at once, each its section, one code', async () => {
  const sections = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, runs(3, 6));
  const code = home.sts.nextCode('ada');
  const ran = await Promise.all(
    sections.map((to) => home.awsmfa(['write', 'work', '--to', to, '--token-code', code])),
  );
  expect(ran.map(({ status }) => status)).toEqual(sections.map(() => 0));
  expect(home.sts.count('GetSessionToken')).toBe(1);
  const [first, ...others] = sections.map((to) => sectionOf(credentials(), to));
  expect(first?.aws_access_key_id).toBe(home.sts.sessions()[0]?.accessKeyId);
  expect(others).toEqual(others.map(() => first));
});

test('nothing is left beside the file, and the file is for its owner alone', async () => {
  await home.awsmfa(['write', 'work', '--token-code', home.sts.nextCode('ada')]);
  const { stdout } = await collect('ls', ['-lA', join(home.home, '.aws')], { env: home.env, cwd: home.home });
  expect(stdout.match(/\S+$/gm)?.slice(1)).toEqual(['awsmfa', 'config', 'credentials']);
  expect(stdout).toMatch(/^-rw------- .* credentials$/m);
});

function script(path: string, text: string): string {
  writeFileSync(path, text);
  return path;
}
