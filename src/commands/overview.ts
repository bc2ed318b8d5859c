import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import type { ProfileSection } from '../config/section.ts';
import { sessionIn } from '../config/session-section.ts';
import { parseDuration } from '../duration.ts';
import { UserError } from '../errors.ts';
import { withoutOurRegion } from '../export/memory.ts';
import { type KnownDevice, knownDevice } from '../mfa/device.ts';
import { configuredRegion, type ProfileChoice } from '../profile/choice.ts';
import { callableNames, longTermSection, sourceByName } from '../profile/long-term.ts';
import { intendedKind, listedKind, type Profile, withRole } from '../profile/profile.ts';
import { profileResolver } from '../profile/resolve.ts';
import type { SessionRequest } from '../request.ts';
import { cacheDirectory, type Glance, glance, openCache } from '../session/cache.ts';
import { planOf } from '../session/planning.ts';
import { writtenFrom, writtenIn } from '../session/written.ts';
import type { Environment, World } from '../world.ts';
import type { Cached, Row } from './row.ts';

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
}

function origin(request: SessionRequest, files: SharedFiles, world: World): From {
  const env = copyOf(withoutOurRegion(world.env, configuredRegion(world.env.AWSMFA_PROFILE, files)), world);
  const directory = cacheDirectory(env, world.home);
  const opened = directory === undefined ? undefined : openCache(directory);
  // Nobody sees the errors, and closest names take their time among 2,000.
  const quick = { ...files, names: () => [] };
  return {
    request,
    env,
    files,
    cache: glance(opened),
    resolve: profileResolver(quick, env, writtenFrom(files, directory)),
    directory,
    devices: new Map(),
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
  const duration = get('duration_seconds');
  const { kind, mfaSerial, cached, keyStore, keyCreated } = found(name, get, from);
  const written = get('expiration') === undefined ? undefined : writtenSession(name, longTerm, from);
  return {
    profile: name,
    kind,
    sourceProfile: get('source_profile') ?? written?.source,
    credentialSource: get('credential_source'),
    roleArn: get('role_arn') ?? written?.roleArn,
    account: get('sso_account_id') ?? get('aws_account_id'),
    keyStore,
    keyCreated,
    mfaSerial,
    region: get('region'),
    durationSeconds: duration === undefined ? undefined : parseDuration(duration),
    cached: longTerm ? (cached ?? written?.cached) : (written?.cached ?? cached),
  };
}

/** The session in the section of a profile, which `write` or aws-mfa put there. */
function writtenSession(name: string, longTerm: ProfileSection | undefined, { files, directory }: From) {
  const session = sessionIn((key) => files.credentials(name)?.get(key));
  if (!session) return undefined;
  const { accessKeyId, expiration, roleArn } = session;
  const written = writtenIn(name, files, directory);
  const source = longTerm ? undefined : (written?.profile ?? sourceByName(name, files));
  const issued = written?.at ?? expiration - (roleArn ? 3600 : 43_200);
  return { cached: { accessKeyId, expiration, issued }, roleArn, source };
}

function found(
  name: string,
  get: (key: string) => string | undefined,
  from: From,
): Pick<Row, 'kind' | 'mfaSerial' | 'cached' | 'keyStore' | 'keyCreated'> {
  const { request } = from;
  const profile = attempt(() => withRole(from.resolve({ name, by: 'the argument' }), request.role.arn));
  if (!profile) return { kind: intendedKind(get), mfaSerial: get('mfa_serial'), cached: undefined };
  const device = deviceOf(profile, from);
  const keys = profile.kind === 'long-term' ? profile.keys : undefined;
  return {
    kind: listedKind(profile),
    keyStore: keys?.store?.value,
    keyCreated: keys && from.cache.keyCreated(keys.accessKeyId),
    mfaSerial: device ? device.serialNumber : get('mfa_serial'),
    cached:
      device && from.cache.mayHold(profile)
        ? attempt(() => cachedOf(profile, device.serialNumber, from))
        : undefined,
  };
}

/** A role that says nothing of a device has that of its source, which many roles have in common. */
function deviceOf(profile: Profile, from: From): KnownDevice | undefined {
  const { request, cache, devices } = from;
  if (profile.kind !== 'role' || profile.setting('mfa_serial') || profile.setting('aws_mfa_device')) {
    return attempt(() => knownDevice(request.serialNumber, profile, cache.device));
  }
  const { source } = profile;
  if (!devices.has(source)) {
    const device =
      source.kind === 'role'
        ? deviceOf(source, from)
        : attempt(() => knownDevice(request.serialNumber, profile, cache.device));
    devices.set(source, device);
  }
  return devices.get(source);
}

function cachedOf(profile: Profile, serialNumber: string | undefined, from: From): Cached | undefined {
  const { request, env, files, cache } = from;
  const step = planOf(profile, { request, env, files, serialNumber });
  const session = cache.session(step);
  if (!session) return undefined;
  const { accessKeyId, expiration, issuedFor = 3600 } = session;
  return { accessKeyId, expiration, issued: expiration - issuedFor };
}

/** A profile that leads nowhere is a profile all the same. An error of ours is thrown on. */
function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
