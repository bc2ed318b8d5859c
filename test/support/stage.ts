import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { main } from '../../src/main.ts';
import type { Environment } from '../../src/world.ts';
import { callerIdentity } from '../../tools/local-sts/caller.ts';
import type { Role } from '../../tools/local-sts/directory.ts';
import type { LoggedRequest } from '../../tools/local-sts/listener.ts';
import { alice, bob, roles, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { type Home, keysSection, makeHome } from './home.ts';
import { fakeWorld, type Run, run, type Setting } from './world.ts';

/** A local STS, a home with the profiles of `files`, and awsmfa run in it; fresh for every test, but for the server. */
export interface Stage {
  readonly sts: LocalSts;
  readonly home: Home;
  /** A code of Alice's that STS will take. */
  code(): string;
  /** The calls of this test so far. */
  calls(): readonly LoggedRequest[];
  /** Runs awsmfa against the local STS; `env` is added to that. */
  run(argv: readonly string[], setting?: Setting): Promise<Run>;
  /** The same with a code of Alice's in `AWSMFA_TOKEN_CODE`. */
  runWithCode(argv: readonly string[], setting?: Setting): Promise<Run>;
}

export const aliceSerial = 'arn:aws:iam::123456789012:mfa/alice';

/** `work` is Alice with a device, `play` Bob without one. */
export const files = {
  config: `[profile work]\nmfa_serial = ${aliceSerial}\n`,
  credentials: `${keysSection('work', alice)}\n${keysSection('play', bob)}`,
} as const;

/** To be called at the top of a test file. */
export function stage({ roles = [] }: { readonly roles?: readonly Role[] } = {}): Stage {
  let sts: LocalSts;
  let home: Home;
  let before = 0;
  beforeAll(async () => {
    sts = await startLocalSts({ users, roles });
  });
  beforeEach(() => {
    sts.clearFaults();
    sts.forgetSpentCodes();
    sts.hostileCredentials = undefined;
    sts.sessionSeconds = undefined;
    before = sts.requests.length;
    home = makeHome(files);
  });
  afterAll(() => sts.close());
  const here = (argv: readonly string[], setting: Setting, more: Environment) =>
    run(argv, { home, ...setting, env: { AWS_ENDPOINT_URL_STS: sts.url, ...more, ...setting.env } });
  return {
    get sts() {
      return sts;
    },
    get home() {
      return home;
    },
    code: () => sts.nextCode('alice'),
    calls: () => sts.requests.slice(before),
    run: (argv, setting = {}) => here(argv, setting, {}),
    runWithCode: (argv, setting = {}) => here(argv, setting, { AWSMFA_TOKEN_CODE: sts.nextCode('alice') }),
  };
}

/** What depends on the time of day, taken out of a line for people. */
export function timeless(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/\(until [^)]*\)/, '(until TIME)'));
}

/** Servers in this process, in the home of a stage; each is stopped with its test. */
export interface ServeStage {
  /** An STS that knows roles. */
  readonly sts: LocalSts;
  serve(argv: readonly string[], setting?: Setting): Promise<Served>;
  /** Puts the clocks of the servers and of STS on by so many milliseconds; else they stand still. Timers run as ever. */
  later(ms: number): void;
}

export interface Served {
  readonly stdout: string;
  /** The lines for people so far. */
  readonly said: readonly string[];
  ask(path?: string): Promise<{ readonly status: number; readonly body: Record<string, string> }>;
  /** Whom the credentials belong to that it gives out now. */
  whose(path?: string): Promise<string>;
  /** By SIGTERM; its exit status. */
  stop(): Promise<number>;
}

export const aliceArn = 'arn:aws:iam::123456789012:user/alice';
export const roleArn = 'arn:aws:iam::123456789012:role/team/ops';

/** To be called at the top of a test file: `work` is Alice, `admin` a role of hers, and so is `two words/ü`. */
export function serveStage(at: Stage): ServeStage {
  let sts: LocalSts;
  let start = 0;
  const now = () => start + sts.clockOffsetMs;
  const stops: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    start = Date.now();
    sts = await startLocalSts({ users: [alice], roles, now: () => start });
    const role = 'role_arn = arn:aws:iam::123456789012:role/open\nsource_profile = work\n';
    at.home.write(
      '.aws/config',
      `${files.config}region = eu-west-1\n[profile admin]\n${role}[profile "two words/ü"]\n${role}`,
    );
  });
  afterEach(async () => {
    while (stops.length > 0) await stops.pop()?.();
    await sts.close();
  });
  return {
    get sts() {
      return sts;
    },
    later: (ms) => {
      sts.clockOffsetMs += ms;
    },
    serve: async (argv, setting = {}) => {
      const said: string[] = [];
      const env = { AWS_ENDPOINT_URL_STS: sts.url, AWSMFA_TOKEN_CODE: sts.nextCode('alice'), ...setting.env };
      const world = fakeWorld(['serve', ...argv], { home: at.home, now, ...setting, env }, (line) =>
        said.push(line),
      );
      const { stdout, exit, after } = await main(world);
      expect({ exit, said: exit === 0 ? [] : said }).toEqual({ exit: 0, said: [] });
      let ended: Promise<number> | undefined;
      const stop = () => {
        ended ??= after?.() ?? Promise.resolve(-1);
        process.emit('SIGTERM', 'SIGTERM');
        return ended;
      };
      stops.push(stop);
      return { stdout, said, stop, ...asking(stdout, sts) };
    },
  };
}

/** As an SDK asks, with what stdout says. */
function asking(stdout: string, sts: LocalSts): Pick<Served, 'ask' | 'whose'> {
  const { url, token } = variablesIn(stdout);
  const ask = async (path = '') => {
    const response = await fetch(url + path, { headers: { authorization: token } });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  return {
    ask,
    whose: async (path) => {
      const { AccessKeyId = '', SecretAccessKey = '', Token = '' } = (await ask(path)).body;
      const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token };
      const identity = await callerIdentity(sts.url, keys);
      return identity.ok ? identity.arn : identity.code;
    },
  };
}

export function variablesIn(stdout: string): { readonly url: string; readonly token: string } {
  const value = (name: string) => new RegExp(`${name}[='": ]+([^'"]+)`).exec(stdout)?.[1] ?? '';
  return {
    url: value('AWS_CONTAINER_CREDENTIALS_FULL_URI'),
    token: value('AWS_CONTAINER_AUTHORIZATION_TOKEN'),
  };
}
