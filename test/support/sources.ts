import { createHash, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Flags } from '../../src/cli/commands.ts';
import { settle } from '../../src/cli/settle.ts';
import { loadSharedFiles } from '../../src/config/files.ts';
import type { Provided } from '../../src/credentials.ts';
import { UserError } from '../../src/errors.ts';
import { type ProvidedProfile, sourceOf } from '../../src/profile/profile.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { getProvided } from '../../src/providers/provided.ts';
import { createUi } from '../../src/ui.ts';
import type { World } from '../../src/world.ts';
import { type Answers, startAnswers } from './answers.ts';

/** A home with a config file, and a server that stands in for what gives credentials. */
export type Sources = {
  readonly home: string;
  readonly server: Answers;
  /** Writes a file below the home and returns its path. */
  file(name: string, text: string, mode?: number): string;
  config(text: string): void;
  world(env?: World['env']): World;
  /** The credentials of a profile, or of the far end of its roles, as plain text. */
  provide(name: string, env?: World['env'], flags?: Flags): Promise<Plain>;
  /** The same with everything that comes with them. */
  given(name: string): Promise<Provided>;
  /** Why there are none. */
  refusal(name: string, env?: World['env']): Promise<Refusal>;
  remove(): Promise<void>;
};

export type Plain = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly expiration?: number;
  readonly accountId?: string | undefined;
};

export type Refusal = Pick<UserError, 'exit' | 'code' | 'message' | 'hint'>;

export async function sources(): Promise<Sources> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-sources-')));
  const server = await startAnswers();
  const file = (name: string, text: string, mode = 0o600) => {
    const path = join(home, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const world = (env: World['env'] = {}) => worldOf(home, { ...here(server.url), ...env });
  const ask = async (name: string, env?: World['env'], flags: Flags = {}) => {
    const { env: all } = world(env);
    const files = loadSharedFiles({ env: all, home });
    const profile = sourceOf(resolveProfile({ name, by: '--profile' }, files, all));
    return getProvided(
      profile as ProvidedProfile,
      createUi({}, world(env)),
      world(env),
      settle('process', name, flags, all),
    );
  };
  return {
    home,
    server,
    file,
    config: (text) => file('.aws/config', text),
    world,
    provide: async (name, env, flags) => plain(await ask(name, env, flags)),
    given: ask,
    refusal: async (name, env) => {
      const before = process.env;
      const error = await ask(name, env).then(
        () => new Error(`${name} was given credentials`),
        (error: unknown) => error,
      );
      if (process.env !== before) throw new Error('the environment was not put back');
      // The canary: what a program or a server says, and what the caches hold, is in no error.
      if (/canary/.test(inspect(error, { depth: 9, showHidden: true })))
        throw new Error('a secret in an error');
      if (!(error instanceof UserError)) throw error;
      const { exit, code, message, hint } = error;
      return { exit, code, message, hint };
    },
    remove: async () => {
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A shell that holds yesterday's session of another profile, which is nobody's business here. */
function here(url: string): World['env'] {
  return {
    PATH: process.env.PATH,
    AWS_PROFILE: 'another',
    AWS_DEFAULT_PROFILE: 'another',
    AWS_ACCESS_KEY_ID: 'ASIAYESTERDAY',
    AWS_SECRET_ACCESS_KEY: 'canary-yesterday',
    AWS_SESSION_TOKEN: 'canary-yesterday',
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
  };
}

function worldOf(home: string, env: World['env']): World {
  return {
    argv: [],
    env,
    home,
    platform: process.platform,
    now: Date.now,
    say: () => {},
    stdoutIsTerminal: () => false,
    stderrIsTerminal: () => false,
    readStdin: () => '',
    ancestors: () => [],
    openTerminal: () => undefined,
    shellDirectory: '/nowhere',
  };
}

function plain({ accessKeyId, secretAccessKey, sessionToken, ...rest }: Provided): Plain {
  return {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken?.reveal(),
    ...rest,
  };
}

/** Epoch seconds from now, whole. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

export function iso(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Where `aws login` keeps a session. */
export function loginCacheFile(session: string): string {
  return `.aws/login/cache/${createHash('sha256').update(session).digest('hex')}.json`;
}

/** What `aws login` keeps there. */
export function loginToken(accessToken: object): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    accessToken: { accountId: '111122223333', ...accessToken },
    tokenType: 'urn:aws:params:oauth:token-type:access_token_sigv4',
    clientId: 'arn:aws:signin:::devtools/same-device',
    refreshToken: 'canary-refresh-token',
    dpopKey: privateKey.export({ format: 'pem', type: 'sec1' }),
  };
}

/** STS's answer to AssumeRoleWithWebIdentity; the local STS knows no identity provider. */
export function webIdentityAnswer(
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string },
  seconds = 3600,
): { status: number; headers: Record<string, string>; body: string } {
  const body = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId>
<SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>${keys.sessionToken}</SessionToken>
<Expiration>${iso(inSeconds(seconds))}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}
