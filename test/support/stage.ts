import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Environment } from '../../src/world.ts';
import type { Role } from '../../tools/local-sts/directory.ts';
import type { LoggedRequest } from '../../tools/local-sts/listener.ts';
import { alice, bob, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { type Home, keysSection, makeHome } from './home.ts';
import { type Run, run, type Setting } from './world.ts';

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
