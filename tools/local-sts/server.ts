import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Device, identityOf, type Role, type User } from './directory.ts';
import type { ServerState } from './dispatch.ts';
import { type Fault, type FaultScope, faultQueue } from './faults.ts';
import { type LoggedRequest, stsListener } from './listener.ts';
import { codeOf, openWindows } from './mfa.ts';
import type { AccessKey, Credentials, RoleSessionDetails } from './sessions.ts';
import { windowAt } from './totp.ts';

export type LocalStsOptions = {
  readonly users: readonly User[];
  readonly roles?: readonly Role[];
  /** Epoch milliseconds; the machine's clock by default. */
  readonly now?: () => number;
  /** The least `DurationSeconds` accepted: 900 as in AWS by default, less for tests of expiry. */
  readonly minDuration?: number;
  /** When given, every session lives this many seconds, whatever was asked for. */
  readonly sessionSeconds?: number;
  /** Regions where the accounts have not activated STS. */
  readonly disabledRegions?: readonly string[];
  /** True for the answers of the legacy global endpoint, which has no GetScopedCredentials. */
  readonly isGlobalEndpoint?: boolean;
};

export type LocalSts = {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly LoggedRequest[];
  /** How often an action was called, refused and failed calls included. */
  readonly count: (action: string) => number;
  /** The sessions it has issued, oldest first, without their secrets. */
  readonly sessions: () => readonly IssuedSession[];
  /** The server's clock with its offset, epoch milliseconds. */
  readonly now: () => number;
  /** What the device (a serial, or a user's name for his first) shows at this instant, spent or not. */
  readonly code: (serialOrUser: string, at?: number) => string;
  /**
   * A code that will be accepted: of the present 30 s window, or where that is spent of the next or the
   * previous one. Throws when all three are spent; `forgetSpentCodes` frees them.
   */
  readonly nextCode: (serialOrUser: string) => string;
  readonly forgetSpentCodes: () => void;
  readonly fault: (fault: Fault, scope?: FaultScope) => void;
  readonly clearFaults: () => void;
  readonly close: () => Promise<void>;
  /** Added to the clock: with a positive one the clients are behind. */
  clockOffsetMs: number;
  /** See the option. */
  sessionSeconds: number | undefined;
  /** Milliseconds until STS and IAM take notice of a key that was made, changed or deleted; 0 by default. */
  iamDelayMs: number;
  /** The long-term keys that a user has now, with their secrets, the oldest first. */
  readonly accessKeys: (userName: string) => readonly AccessKey[];
  /**
   * Takes the place of what `GetSessionToken` would make up; what is not given is made up as ever. The server
   * accepts such credentials like its own.
   */
  hostileCredentials: Partial<Credentials> | undefined;
};

export type IssuedSession = {
  readonly accessKeyId: string;
  readonly arn: string;
  readonly mfa: boolean;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly details: RoleSessionDetails;
  /** The policies that limit it, as they were sent. */
  readonly policies: readonly string[];
};

/** Starts an STS on a free port of 127.0.0.1. It needs nothing but Node. */
export async function startLocalSts(options: LocalStsOptions): Promise<LocalSts> {
  const { now = Date.now } = options;
  let clockOffsetMs = 0;
  const clock = () => now() + clockOffsetMs;
  const state = initialState(options);
  const faults = faultQueue();
  const requests: LoggedRequest[] = [];

  const server = createServer(stsListener({ state, faults, log: requests, clock }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    count: (action) => requests.filter((request) => request.action === action).length,
    sessions: () => issuedSessions(state),
    now: clock,
    code: (serialOrUser, at = clock()) => codeOf(deviceOf(options.users, serialOrUser), windowAt(at)),
    nextCode: (serialOrUser) => {
      const device = deviceOf(options.users, serialOrUser);
      const [window] = openWindows(state.spent, device, clock());
      if (window === undefined) throw new Error(`${device.serial}: all codes of this minute are spent`);
      return codeOf(device, window);
    },
    forgetSpentCodes: () => state.spent.clear(),
    fault: faults.add,
    clearFaults: faults.clear,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    get clockOffsetMs() {
      return clockOffsetMs;
    },
    set clockOffsetMs(offset) {
      clockOffsetMs = offset;
    },
    get iamDelayMs() {
      return state.iamDelayMs;
    },
    set iamDelayMs(delay) {
      state.iamDelayMs = delay;
    },
    accessKeys: (userName) => {
      const [, keys = []] = [...state.accessKeys].find(([user]) => user.name === userName) ?? [];
      return keys.filter(({ status }) => status !== 'Deleted');
    },
    get sessionSeconds() {
      return state.sessionSeconds;
    },
    set sessionSeconds(seconds) {
      state.sessionSeconds = seconds;
    },
    get hostileCredentials() {
      return state.hostileCredentials;
    },
    set hostileCredentials(credentials) {
      state.hostileCredentials = credentials;
    },
  };
}

function initialState(options: LocalStsOptions): ServerState {
  return {
    users: options.users,
    roles: options.roles ?? [],
    accessKeys: new Map(options.users.map((user) => [user, user.accessKeys.map(accessKey)])),
    iamDelayMs: 0,
    isGlobalEndpoint: options.isGlobalEndpoint ?? false,
    issued: new Map(),
    spent: new Map(),
    minDuration: options.minDuration ?? 900,
    sessionSeconds: options.sessionSeconds,
    hostileCredentials: undefined,
    disabledRegions: options.disabledRegions ?? [],
  };
}

function accessKey({ id, secret, status = 'Active', created }: User['accessKeys'][number]): AccessKey {
  return {
    id,
    secret,
    status,
    createdAt: created === undefined ? Date.now() - 30 * 86_400_000 : Date.parse(created),
    works: [{ from: 0, value: status === 'Active' }],
  };
}

function issuedSessions(state: ServerState): readonly IssuedSession[] {
  return Array.from(state.issued.values(), (principal) => {
    const { accessKeyId, mfa, expiresAt, details, policies } = principal.session;
    const texts = policies.map(({ text }) => text);
    return { accessKeyId, arn: identityOf(principal).arn, mfa, expiresAt, details, policies: texts };
  });
}

function deviceOf(users: readonly User[], serialOrUser: string): Device {
  const bySerial = users
    .flatMap((user) => user.devices ?? [])
    .find((device) => device.serial === serialOrUser);
  const device = bySerial ?? users.find((user) => user.name === serialOrUser)?.devices?.[0];
  if (device === undefined) throw new Error(`no MFA device ${serialOrUser}`);
  return device;
}
