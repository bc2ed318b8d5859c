import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { type Client, clients, found, quietSdk } from '../support/clients.ts';
import { ada, admin, arnOf, type Desk, makeDesk, project, yesterday } from '../support/desk.ts';
import { isMatrix } from '../support/matrix.ts';
import { locate, type Shell, shells } from '../support/shells.ts';

/**
 * Who is it? Programs with their default providers, in every way that awsmfa hands out a session, in shells where
 * something else has left credentials. The matrix writes `docs/clients.md`; `npm test` tries one program.
 */

/** Only who is it counts: a server that does not know S3 answers with an error. */
const more: readonly Client[] = [
  {
    name: 'the SDK for JavaScript v2',
    find: () => process.env.AWSMFA_TEST_SDK2 || undefined,
    line: (sdk, { home, sts }) => {
      const script = join(home, 'client-v2.cjs');
      writeFileSync(
        script,
        `process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1';
const { STS } = require('${sdk}');
new STS({ endpoint: '${sts.url}', region: 'us-east-1', maxRetries: 0 }).getCallerIdentity().promise().catch(() => process.exit(1));
`,
      );
      return `${process.execPath} ${script}`;
    },
  },
  {
    name: 'rclone (the SDK for Go v1)',
    find: () => locate('rclone'),
    line: (rclone, { sts }) =>
      `${rclone} lsd :s3:bucket --s3-provider Other --s3-env-auth --s3-endpoint ${sts.url} --retries 1 --low-level-retries 1`,
  },
  {
    name: 'the SDK for Ruby',
    find: () => {
      const ruby = locate('ruby');
      const loads = ruby && spawnSync(ruby, ['-e', 'require "aws-sdk-core"']).status === 0;
      return loads ? ruby : undefined;
    },
    line: (ruby, { home, sts }) => {
      const script = join(home, 'client.rb');
      writeFileSync(
        script,
        `require 'aws-sdk-core'\nAws::STS::Client.new(endpoint: '${sts.url}', region: 'us-east-1', retry_limit: 0).get_caller_identity\n`,
      );
      return `${ruby} ${script}`;
    },
  },
  {
    name: 'restic (minio-go)',
    find: () => locate('restic'),
    line: (restic, { sts }) =>
      `timeout 20 env RESTIC_PASSWORD=x ${restic} -r s3:${sts.url}/bucket --no-cache cat config`,
  },
  {
    name: 's3cmd',
    find: () => locate('s3cmd'),
    line: (s3cmd, { sts }) => {
      const host = sts.url.replace('http://', '');
      return `timeout 20 ${s3cmd} --no-ssl --host=${host} --host-bucket=${host} --region=us-east-1 ls s3://bucket`;
    },
  },
];

const short: Readonly<Record<string, string>> = {
  'the AWS CLI': 'AWS CLI',
  boto3: 'boto3',
  'the AWS SDK for JavaScript': 'JavaScript v3',
  'the SDK for JavaScript v2': 'JavaScript v2',
  'rclone (the SDK for Go v1)': 'Go v1 (rclone)',
  'the SDK for Ruby': 'Ruby',
  'restic (minio-go)': 'minio-go (restic)',
};

/** The session of ada's profile `work`, handed out; `client` is the program's command line. */
const ways: Readonly<Record<string, (client: string) => string>> = {
  env: (client) => `eval "$(awsmfa env work)"; ${client}`,
  exec: (client) => `awsmfa exec work -- ${client}`,
  'exec --serve': (client) => `awsmfa exec --serve work -- ${client}`,
  process: (client) => `AWS_SDK_LOAD_CONFIG=1 AWS_PROFILE=tool ${client}`,
  write: (client) => `awsmfa write work; AWS_PROFILE=work-mfa ${client}`,
};

interface Dirt {
  /** The shell holds the session of `prod`. */
  readonly live?: boolean;
  readonly env?: Record<string, string>;
  /** Files that something else has left in the home. */
  readonly prepare?: (home: string) => void;
}

const keysOf = (id: string) => ({ id, secret: 'not-a-secret' });
const dirts: Readonly<Record<string, Dirt>> = {
  nothing: {},
  'the session of yesterday': { env: yesterday },
  '`AWS_PROFILE`, `AWS_DEFAULT_PROFILE` and `AWS_ACCOUNT_ID` of another account': {
    env: { AWS_PROFILE: 'prod', AWS_DEFAULT_PROFILE: 'prod', AWS_ACCOUNT_ID: admin.accountId },
  },
  'another profile’s session, alive': { live: true },
  'an `AWS_PROFILE` that is gone': { env: { AWS_PROFILE: 'no-such-profile' } },
  'older names of keys (`AWS_ACCESS_KEY`, `AMAZON_ACCESS_KEY_ID`, `AWS_CREDENTIAL_FILE`)': {
    env: {
      AWS_ACCESS_KEY: 'AKIAOLDOLDOLDOLDOLD1',
      AWS_SECRET_KEY: 'not-a-secret',
      AMAZON_ACCESS_KEY_ID: 'AKIAOLDOLDOLDOLDOLD2',
      AMAZON_SECRET_ACCESS_KEY: 'not-a-secret',
      AWS_CREDENTIAL_FILE: '/tmp/awsmfa-test-no-such-file',
    },
  },
  'keys of `[default]` in the credentials file': {
    prepare: (home) =>
      appendFileSync(join(home, '.aws/credentials'), section('default', keysOf('AKIADEFAULTDEFAULT12'))),
  },
  'keys in `~/.boto`': {
    prepare: (home) =>
      writeFileSync(join(home, '.boto'), section('Credentials', keysOf('AKIABOTOBOTOBOTOBOT1'))),
  },
  'the variables of a container and of a web identity': {
    env: {
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/nowhere',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/no/such/file',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/no/such/file',
      AWS_ROLE_ARN: 'arn:aws:iam::444455556666:role/admin',
    },
  },
};

/** Whose an access key is that is not of a session. */
const others: Readonly<Record<string, string>> = {
  ASIAYESTERDAYSTALE12: 'yesterday',
  AKIAOLDOLDOLDOLDOLD1: 'older names',
  AKIAOLDOLDOLDOLDOLD2: 'older names',
  AKIADEFAULTDEFAULT12: '`[default]`',
  AKIABOTOBOTOBOTOBOT1: '`~/.boto`',
  [admin.accessKeys[0]?.id ?? '']: '`prod`',
  [ada.accessKeys[0]?.id ?? '']: 'long-term keys',
};

const bash = shells.find(({ name }) => name === 'bash') as Shell;
const cells = new Map<string, string>();

function section(name: string, { id, secret }: { id: string; secret: string }): string {
  return `\n[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
}

/** `right`, or who it is instead; `said` where awsmfa names the reason, `status` where `awsmfa status` does. */
async function whoIsIt(
  client: Client,
  line: string,
  way: string,
  dirtName: string,
  home: Desk,
): Promise<string> {
  const dirt = dirts[dirtName] as Dirt;
  const before = home.sts.requests.length;
  const env = {
    ...quietSdk,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    ...dirt.env,
  };
  const first = dirt.live ? 'eval "$(awsmfa env prod)"; ' : '';
  const { stderr } = await home.run(bash, first + ways[way]?.(line), env);
  const key = home.sts.requests
    .slice(before)
    .findLast(({ action }) => action === undefined || action === 'GetCallerIdentity')?.accessKeyId;
  const session = home.sts.sessions().find(({ accessKeyId }) => accessKeyId === key);
  if (session?.arn === arnOf(ada)) return 'right';
  const who = session ? '`prod`' : key === undefined ? 'fails' : (others[key] ?? key);
  if (who === 'fails' && (dirtName === 'nothing' || cells.get(`nothing|${way}|${client.name}`) === 'cannot'))
    return 'cannot';
  // What awsmfa says comes before what the program says.
  const [said = ''] = stderr.split('Traceback');
  if (/^work: .* before it|first|in place of/.test(said) && way === 'write') return `${who}, said`;
  const profile = way === 'write' ? 'work-mfa' : 'tool';
  const { stdout } = await home.run(bash, `${first}AWS_PROFILE=${profile} awsmfa status --json`, env);
  const { problems } = JSON.parse(stdout) as { problems: readonly { code: string }[] };
  return problems.some(({ code }) => reasons.has(code)) ? `${who}, status` : who;
}

/** The problems of `status` that make a program somebody else. */
const reasons: ReadonlySet<string> = new Set([
  'profile-and-keys',
  'profiles-differ',
  'old-names',
  'web-identity-and-profile',
]);

async function column(client: Client, context: TestContext, wanted = Object.keys(dirts)): Promise<void> {
  const program = found(client, context);
  for (const name of wanted) {
    const dirt = dirts[name] as Dirt;
    const home = await makeDesk();
    try {
      appendFileSync(
        join(home.home, '.aws/config'),
        `\n[profile tool]\ncredential_process = awsmfa process --profile work\n`,
      );
      await home.login('work');
      if (dirt.live) await home.login('prod');
      dirt.prepare?.(home.home);
      for (const way of Object.keys(ways)) {
        const line = client.line(program, home);
        cells.set([name, way, client.name].join('|'), await whoIsIt(client, line, way, name, home));
      }
    } finally {
      await home.remove();
    }
  }
}

/** All that a shell can export against us, and another session that is alive. */
const telling = Object.keys(dirts).filter((name) => /yesterday|another account/.test(name));
const all = [...clients, ...more];
const tried = isMatrix ? all : clients.filter(({ name }) => name === 'boto3');

// Side by side: a client waits for others most of the time.
test.concurrent.for(tried)(
  'env, exec and exec --serve lead $name to the session, whatever was left in the shell',
  { timeout: 1_200_000 },
  async (client, context) => {
    await column(client, context, isMatrix ? undefined : telling);
    const own = [...cells].filter(([cell]) => cell.endsWith(`|${client.name}`));
    const ofShell = own.filter(([cell]) => /\|(env|exec[^|]*)\|/.test(cell));
    expect(ofShell.filter(([, who]) => who !== 'right' && who !== 'cannot')).toEqual([]);
    // What the program chooses by itself is right, or said.
    expect(own.filter(([, who]) => !/^right$|^cannot$|, (?:said|status)$/.test(who))).toEqual([]);
  },
);

// Only the matrix asks every client.
if (isMatrix) {
  test('docs/clients.md says how it is', async () => {
    await expect(page()).toMatchFileSnapshot(join(project, 'docs/clients.md'));
  });
}

function page(): string {
  const names = all.map(({ name }) => name);
  const rows = Object.keys(dirts).flatMap((dirt) =>
    Object.keys(ways).map((way) => {
      const found = names.map((name) => cells.get(`${dirt}|${way}|${name}`) ?? '');
      return `| ${[dirt, `\`${way}\``, ...found.map((who) => (who === 'right' ? '✓' : who))].join(' | ')} |`;
    }),
  );
  return `# Who is it?

Made by \`npm run test:matrix\`: programs with their default providers, asked whose credentials they use, in a shell where
something else has left credentials. ✓ is the session that awsmfa got; anything else is what the program used
instead. *Said* means that awsmfa names the reason when it hands out the session; *status* that \`awsmfa status\` and
\`awsmfa doctor\` name it, because the program never starts awsmfa. *Cannot*: this program knows no such way, and says
that it finds no credentials.

\`process\` is \`AWS_PROFILE=tool\` with \`credential_process = awsmfa process --profile work\`, \`write\` is \`awsmfa write work\` and
\`AWS_PROFILE=work-mfa\`: there the program itself chooses between the profile and what the shell exports, and awsmfa
takes nothing out of its environment. \`env\`, \`exec\` and \`exec --serve\` do. \`AWS_SDK_LOAD_CONFIG=1\` is set for \`process\`,
because the SDKs for JavaScript v2 and Go v1 read the config file only then.

| the shell has | way | ${names.map((name) => short[name] ?? name).join(' | ')} |
|---|---|${names.map(() => '---|').join('')}
${rows.join('\n')}
`;
}
