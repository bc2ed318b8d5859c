import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from 'vitest';
import { main } from '../../src/main.ts';
import { type CallerCredentials, type CallerIdentity, callerIdentity } from '../../tools/local-sts/caller.ts';
import type { Role, User } from '../../tools/local-sts/directory.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { noDialog } from './home.ts';
import { spawn, type Terminal } from './pty.ts';
import { collect, type IntegratedShell, type RunResult, run, type Shell } from './shells.ts';
import { fakeWorld } from './world.ts';

/** Where package.json lies. The tests' own build is in its `dist`: `build.ts` makes it once, before the first test. */
export const project = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** The programs as users get them. */
export const programFile = join(project, 'dist/awsmfa.cjs');

/** One person with long-term keys in two accounts, and a profile that names no MFA device. */
export const ada = user('111122223333', 'ada', 'AKIAWORKWORKWORKWORK', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
export const admin = user(
  '444455556666',
  'admin',
  'AKIAPRODPRODPRODPROD',
  'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU',
);

export const arnOf = ({ accountId, name }: User) => `arn:aws:iam::${accountId}:user/${name}`;
export const serialOf = ({ accountId, name }: User) => `arn:aws:iam::${accountId}:mfa/${name}`;

/** Nobody's keys: what a shell of yesterday still exports. */
export const yesterday = {
  AWS_ACCESS_KEY_ID: 'ASIAYESTERDAYSTALE12',
  AWS_SECRET_ACCESS_KEY: 'canary-stale-secret',
  AWS_SESSION_TOKEN: 'canary-stale-token',
  AWS_SECURITY_TOKEN: 'canary-stale-security-token',
  AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z',
  AWS_SESSION_EXPIRATION: '2020-01-01T00:00:00Z',
  AWS_VAULT: 'old',
  AWSUME_PROFILE: 'old',
  AWSUME_EXPIRATION: '2020-01-01T00:00:00Z',
};

export type Held = Record<string, string>;

/** A home with two accounts, an STS that knows them, and the real core on PATH. */
export type Desk = {
  sts: LocalSts;
  home: string;
  env: Record<string, string>;
  /** How often the program was started so far. */
  starts(): number;
  config(text: string): void;
  /** A command that writes down all that the shell exports; `held` reads it. */
  snap(name: string): string;
  held(name: string): Held;
  /** Runs a script, with the integration sourced before it where the shell has one. */
  run(shell: Shell, script: string, env?: Held): Promise<RunResult>;
  /** Runs the program itself, without a terminal. */
  awsmfa(args: readonly string[], env?: Held): Promise<RunResult>;
  /** Puts a session into the cache without a process, for a test of what comes after; admin's for `prod`, else Ada's. */
  login(profile: string, more?: readonly string[]): Promise<void>;
  /** An interactive shell with the integration, at its first prompt. */
  open(shell: IntegratedShell, options?: { columns?: number; env?: Held }): Promise<Terminal>;
  /** Whose credentials these are, as STS says. */
  whose(held: Held): Promise<CallerIdentity>;
  remove(): Promise<void>;
};

/** What an interactive shell of `open` shows when it waits for a line. */
export const prompt = 'ready> ';

/** Whom STS knows, and the roles. */
export type Setup = { users?: readonly User[]; roles?: readonly Role[] };

/** A desk for each test, to be called at the top of a test file. */
export function desk(setup: Setup = {}): Desk {
  let current: Desk | undefined;
  beforeEach(async () => {
    current = await makeDesk(setup);
  });
  afterEach(() => current?.remove());
  return new Proxy({} as Desk, { get: (_, name) => current?.[name as keyof Desk] });
}

/** A desk for whoever removes it. */
export async function makeDesk({ users = [ada, admin], roles = [] }: Setup = {}): Promise<Desk> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-desk-')));
  const [home, bin, log] = [join(root, 'home'), join(root, 'bin'), join(root, 'starts')];
  for (const directory of [bin, home, join(home, '.aws')]) mkdirSync(directory, { recursive: true });
  writeFileSync(log, '');
  writeFileSync(join(bin, 'awsmfa'), wrapper(log));
  chmodSync(join(bin, 'awsmfa'), 0o755);
  writeFileSync(join(home, '.aws/config'), configFile);
  writeFileSync(join(home, '.aws/credentials'), credentialsFile);
  const sts = await startLocalSts({ users, roles });
  const env = {
    HOME: home,
    PATH: `${bin}:/usr/bin:/bin`,
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_ENDPOINT_URL_IAM: sts.url,
    ...noDialog,
  };
  const path = (name: string) => join(root, `snap-${name}`);
  return {
    sts,
    home,
    env,
    starts: () => readFileSync(log, 'utf8').length,
    config: (text) => writeFileSync(join(home, '.aws/config'), text),
    snap: (name) => `/usr/bin/env -0 >'${path(name)}'`,
    held: (name) => exported(readFileSync(path(name), 'utf8')),
    run: (shell, script, more = {}) => {
      const source = shell.integration ? `source ${shell.quote(shell.integration)}\n` : '';
      return run(shell, `${source}${script}`, { env: { ...env, ...more }, cwd: home });
    },
    awsmfa: (args, more = {}) =>
      collect(join(bin, 'awsmfa'), args, { env: { ...env, SHELL: '/bin/sh', ...more }, cwd: home }),
    login: async (profile, more = []) => {
      const code = sts.nextCode(serialOf(profile === 'prod' ? admin : ada));
      const argv = ['login', profile, '--token-code', code, ...more];
      const { exit } = await main({ ...fakeWorld(argv, { env }), home });
      expect(exit).toBe(0);
    },
    open: async (shell, { columns, env: more = {} } = {}) => {
      const size = columns === undefined ? {} : { columns };
      const t = spawn(shell.command, shell.interactive, { env: { ...env, ...more }, cwd: home, ...size });
      // Broken in two on the way in, since a terminal echoes what is typed.
      const ask = shell.name === 'fish' ? "function fish_prompt; echo 're''ady> '; end" : "PS1='re''ady> '";
      t.type(`source ${shell.quote(shell.integration)}; ${ask}\r`);
      await t.waitFor(prompt);
      return t;
    },
    whose: (held) => callerIdentity(sts.url, credentials(held), held.AWS_REGION),
    remove: async () => {
      await sts.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const configFile = `[profile work]
region = eu-central-1
mfa_serial = ${serialOf(ada)}

[profile prod]
region = us-west-2
mfa_serial = ${serialOf(admin)}

[profile bare]
region = eu-west-1
`;

const credentialsFile = [section('work', ada), section('prod', admin), section('bare', ada)].join('\n');

function section(name: string, { accessKeys: [key] }: User): string {
  return `[${name}]\naws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
}

function user(accountId: string, name: string, id: string, secret: string): User {
  const device = { serial: `arn:aws:iam::${accountId}:mfa/${name}`, secret };
  return {
    accountId,
    name,
    accessKeys: [{ id, secret: `canary-long-term+${name}/secret` }],
    devices: [device],
  };
}

/** As package managers make them, with a tally of its starts. */
function wrapper(log: string): string {
  return `#!/bin/sh\nprintf x >>'${log}'\nexec '${process.execPath}' '${programFile}' "$@"\n`;
}

/** NUL-separated, since no value can hold a NUL. */
function exported(text: string): Held {
  const pairs = text.split('\0').slice(0, -1);
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

function credentials(held: Held): CallerCredentials {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = held;
  const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return AWS_SESSION_TOKEN === undefined ? keys : { ...keys, sessionToken: AWS_SESSION_TOKEN };
}
