import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import type { ProfileSection } from '../config/section.ts';
import { accountOf } from '../credentials.ts';
import { parseDuration, sayAge } from '../duration.ts';
import { expected } from '../errors.ts';
import { withoutOurRegion } from '../export/memory.ts';
import { type KnownDevice, knownDevice } from '../mfa/device.ts';
import { configuredRegion, type ProfileChoice } from '../profile/choice.ts';
import { callableNames, longTermSection } from '../profile/long-term.ts';
import {
  intendedKind,
  type ListedKind,
  listedKind,
  type Profile,
  type Settings,
  withRole,
} from '../profile/profile.ts';
import { profileResolver } from '../profile/resolve.ts';
import type { SessionRequest } from '../request.ts';
import { cacheDirectory, cacheOf, type Glance, glance } from '../session/cache.ts';
import { planOf } from '../session/planning.ts';
import { sessionSection, writtenFrom } from '../session/written.ts';
import type { Environment, World } from '../world.ts';

/** One profile, as far as it is known without a question or a call. */
export interface Row {
  readonly profile: string;
  readonly kind: ListedKind;
  readonly sourceProfile: string | undefined;
  readonly credentialSource: string | undefined;
  readonly roleArn: string | undefined;
  /** The account that the profile names, by a key of its own. */
  readonly account: string | undefined;
  /** The key store that has the secret of its long-term key. */
  readonly keyStore?: string | undefined;
  /** When its long-term key was made, in epoch seconds, as IAM once told. */
  readonly keyCreated?: number | undefined;
  /** The device that would be used, where that is known. */
  readonly mfaSerial: string | undefined;
  readonly region: string | undefined;
  readonly durationSeconds: number | undefined;
  /** The session that `env` would use, or would have used before it expired. */
  readonly cached: Cached | undefined;
}

export interface Cached {
  readonly accessKeyId: string;
  /** Epoch seconds. */
  readonly expiration: number;
  /** Epoch seconds, as far as it can be told. */
  readonly issued: number;
}

export interface Overview {
  readonly files: SharedFiles;
  /** In file order. */
  readonly rows: readonly Row[];
}

/** Every profile, with the session it has now. Nothing is asked or sent, and no profile fails the others. */
export function overview(request: SessionRequest, world: World): Overview {
  const files = loadSharedFiles(world);
  const from = origin(request, files, world);
  return { files, rows: callableNames(files).map((name) => rowOf(name, from)) };
}

/** One profile, likewise. */
export function rowFor(name: string, request: SessionRequest, files: SharedFiles, world: World): Row {
  return rowOf(name, origin(request, files, world));
}

interface From {
  readonly request: SessionRequest;
  /** Without the region that awsmfa put there. */
  readonly env: Environment;
  readonly files: SharedFiles;
  readonly cache: Glance;
  /** Of the cache; undefined where there is none. */
  readonly directory: string | undefined;
  readonly resolve: (choice: ProfileChoice) => Profile;
  /** The devices of roles by their source (`deviceOf`). */
  readonly devices: Map<Profile, KnownDevice | undefined>;
  /** The settings that the plan of an access key has asked for so far. */
  readonly asked: string[];
  /** By access key, device and the answers to those: profiles that have them in common have the session in common. */
  readonly sessions: Map<string, Cached | undefined>;
}

function origin(request: SessionRequest, files: SharedFiles, world: World): From {
  const env = copyOf(withoutOurRegion(world.env, configuredRegion(world.env.AWSMFA_PROFILE, files)), world);
  const directory = cacheDirectory(env, world.home);
  // Nobody sees the errors, and closest names take their time among 2,000.
  const quick = { ...files, names: () => [] };
  return {
    request,
    env,
    files,
    cache: glance(cacheOf({ env, home: world.home })),
    resolve: profileResolver(quick, env, writtenFrom(files, directory)),
    directory,
    devices: new Map(),
    asked: [],
    sessions: new Map(),
  };
}

/**
 * The environment as a plain object: each look at `process.env` asks the operating system, and 2,000 profiles take many.
 * On Windows only `process.env` ignores the case of a name.
 */
function copyOf(env: Environment, { platform }: World): Environment {
  return platform === 'win32' ? env : { ...env };
}

function rowOf(name: string, from: From): Row {
  const own = from.files.profile(name);
  const longTerm = from.files.profile(longTermSection(name));
  const get = (key: string) => own?.get(key) ?? longTerm?.get(key);
  const profile = resolved(name, from);
  const device = profile && deviceOf(profile, from);
  const cached = profile && device && cachedOf(profile, device.serialNumber, from);
  const keys = profile?.kind === 'long-term' ? profile.keys : undefined;
  const duration = get('duration_seconds');
  const written = get('expiration') === undefined ? undefined : writtenSession(name, longTerm, from);
  return {
    profile: name,
    kind: profile ? listedKind(profile) : intendedKind(get),
    sourceProfile: get('source_profile') ?? written?.source,
    credentialSource: get('credential_source'),
    roleArn: get('role_arn') ?? written?.roleArn,
    account: get('sso_account_id') ?? get('aws_account_id'),
    keyStore: keys?.store?.value,
    keyCreated: keys && from.cache.keyCreated(keys.accessKeyId),
    mfaSerial: device ? device.serialNumber : get('mfa_serial'),
    region: get('region'),
    durationSeconds: duration === undefined ? undefined : parseDuration(duration),
    cached: longTerm ? (cached ?? written?.cached) : (written?.cached ?? cached),
  };
}

/** The session in the section of a profile, which `write` or aws-mfa put there. */
function writtenSession(name: string, longTerm: ProfileSection | undefined, { files, directory }: From) {
  const there = sessionSection(name, files, directory);
  if (!there) return undefined;
  const { accessKeyId, expiration, roleArn } = there.session;
  const issued = there.written?.at ?? expiration - (roleArn ? 3600 : 43_200);
  const source = longTerm ? undefined : there.profile;
  return { cached: { accessKeyId, expiration, issued }, roleArn, source };
}

function resolved(name: string, { request, resolve }: From): Profile | undefined {
  try {
    return withRole(resolve({ name, by: 'the argument' }), request.role.arn);
  } catch (error) {
    return passOver(error);
  }
}

/** A role that says nothing of a device has that of its source, which many roles have in common. */
function deviceOf(profile: Profile, from: From): KnownDevice | undefined {
  const { devices } = from;
  if (profile.kind !== 'role' || profile.setting('mfa_serial') || profile.setting('aws_mfa_device')) {
    return ownDevice(profile, from);
  }
  const { source } = profile;
  if (!devices.has(source)) {
    devices.set(source, source.kind === 'role' ? deviceOf(source, from) : ownDevice(profile, from));
  }
  return devices.get(source);
}

function ownDevice(profile: Profile, { request, cache }: From): KnownDevice | undefined {
  try {
    return knownDevice(request.serialNumber, profile, cache.device);
  } catch (error) {
    return passOver(error);
  }
}

function cachedOf(profile: Profile, serialNumber: string | undefined, from: From): Cached | undefined {
  if (!from.cache.mayHold(profile)) return undefined;
  if (profile.kind !== 'long-term') return plannedSession(profile, serialNumber, from);
  const { asked, sessions } = from;
  const marks = [profile.keys.accessKeyId, serialNumber];
  for (const key of asked) marks.push(profile.setting(key)?.value);
  const mark = JSON.stringify(marks);
  if (sessions.has(mark)) return sessions.get(mark);
  const setting: Settings = (key) => {
    if (!asked.includes(key)) asked.push(key);
    return profile.setting(key);
  };
  const cached = plannedSession({ ...profile, setting }, serialNumber, from);
  if (asked.length === marks.length - 2) sessions.set(mark, cached);
  return cached;
}

function plannedSession(
  profile: Profile,
  serialNumber: string | undefined,
  { request, env, files, cache }: From,
): Cached | undefined {
  try {
    const session = cache.session(planOf(profile, { request, env, files, serialNumber }));
    if (!session) return undefined;
    const { accessKeyId, expiration, issuedFor = 3600 } = session;
    return { accessKeyId, expiration, issued: expiration - issuedFor };
  } catch (error) {
    return passOver(error);
  }
}

/** A profile that leads nowhere has a row too. */
function passOver(error: unknown): undefined {
  expected(error);
}

/** @param now epoch seconds */
export function shownKey({ keyStore, keyCreated }: Row, now: number): string | undefined {
  const age = keyCreated === undefined ? undefined : sayAge(keyCreated, now);
  return [keyStore, age].filter(Boolean).join(', ') || undefined;
}

/** The account of a profile as far as the files tell: of its role, else of its device. */
export function accountIn({ account, roleArn, mfaSerial }: Row): string | undefined {
  return account ?? ((roleArn && accountOf(roleArn)) || accountOf(mfaSerial));
}

/** The name of its role, with the path. */
export function roleName({ roleArn }: Row): string | undefined {
  return roleArn?.replace(/^arn:[^/]*:role\//, '');
}

/** What a person may type to find a profile, in lower case. */
export function wordsIn(row: Row): string {
  return [row.profile, roleName(row), accountIn(row)].filter(Boolean).join('\n').toLowerCase();
}
