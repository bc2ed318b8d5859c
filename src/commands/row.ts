import type { Flags } from '../cli/invocation.ts';
import type { SharedFiles } from '../config/files.ts';
import { parseDuration } from '../duration.ts';
import { UserError } from '../errors.ts';
import type { AllFiles } from '../profile/bulk.ts';
import { intendedKind, type ListedKind, listedKind } from '../profile/kind.ts';
import { plainProfile } from '../profile/plain.ts';
import { type Profile, resolveProfile } from '../profile/profile.ts';
import type { Glance } from '../session/glance.ts';
import { planOf } from '../session/planning.ts';
import type { Environment } from '../world.ts';
import { knownDevice } from './device.ts';
import { withRole } from './session.ts';

/** What is known about one profile without asking anybody. */
export interface Row {
  readonly profile: string;
  readonly kind: ListedKind;
  readonly sourceProfile: string | undefined;
  readonly credentialSource: string | undefined;
  readonly roleArn: string | undefined;
  readonly ssoAccount: string | undefined;
  /** The device that would be used, where that is known. */
  readonly mfaSerial: string | undefined;
  readonly region: string | undefined;
  readonly durationSeconds: number | undefined;
  /** The one that `env` would use, or would have used before it expired. */
  readonly cached: Cached | undefined;
}

export interface Cached {
  readonly accessKeyId: string;
  /** Epoch seconds. */
  readonly expiration: number;
  /** Epoch seconds, as far as it can be told. */
  readonly issued: number;
}

export interface From {
  readonly flags: Flags;
  /** Without the region that awsmfa put there. */
  readonly env: Environment;
  readonly files: SharedFiles;
  readonly cache: Glance;
  /** Undefined where the files were read in the usual way. */
  readonly plain: AllFiles['plain'] | undefined;
  /** Neither options nor the environment say what a profile's role or device is. */
  readonly isPlainUse: boolean;
  /** What was found out for a profile with the same text. */
  readonly twins: Map<string, Row>;
  /** The MFA device of a source profile, by its name. */
  readonly sources: Map<string, string | undefined>;
}

/** Of 2,000 profiles nearly all are plain and have no session: for them neither keys nor plans are worked out. */
export function rowOf(name: string, from: From): Row {
  const { plain, isPlainUse, files, cache } = from;
  const text = isPlainUse && !files.has(`${name}-long-term`) ? plain?.(name) : undefined;
  if (!text) return resolved(name, from);
  const same = `${text.config}\0${text.credentials}`;
  const twin = from.twins.get(same);
  if (twin) return { ...twin, profile: name };
  const profile = plainProfile(text);
  if (!profile) return resolved(name, from);
  const { kind, roleArn, accessKeyId, duration } = profile;
  const mfaSerial = profile.mfaSerial ?? sourceDevice(profile.sourceProfile, from);
  const mayHaveSession =
    kind === 'role' ? cache.mayHoldRole(roleArn as string) : cache.mayHoldSession(accessKeyId as string);
  if (mfaSerial !== undefined && !mayHaveSession) {
    return {
      profile: name,
      kind,
      sourceProfile: profile.sourceProfile,
      credentialSource: undefined,
      roleArn,
      ssoAccount: undefined,
      mfaSerial,
      region: profile.region,
      durationSeconds: duration === undefined ? undefined : parseDuration(duration),
      cached: undefined,
    };
  }
  if (kind === 'role') return resolved(name, from);
  const row = resolved(name, from);
  from.twins.set(same, row);
  return row;
}

/** Of a source with keys of its own, which hundreds of roles may have in common. */
function sourceDevice(source: string | undefined, from: From): string | undefined {
  if (source === undefined) return undefined;
  const { sources } = from;
  if (!sources.has(source)) {
    const { kind, mfaSerial } = resolved(source, from);
    sources.set(source, kind === 'long-term' ? mfaSerial : undefined);
  }
  return sources.get(source);
}

type Get = (key: string) => string | undefined;

function getter(name: string, files: SharedFiles): Get {
  const own = files.profile(name);
  const longTerm = files.profile(`${name}-long-term`);
  return (key) => own?.get(key) || longTerm?.get(key);
}

function resolved(name: string, from: From): Row {
  const { files, env, flags } = from;
  const profile = attempt(() =>
    withRole(resolveProfile({ name, by: 'the argument' }, files, env), flags['role-arn']),
  );
  const get = getter(name, files);
  if (!profile) return row(name, intendedKind(get), get, get('mfa_serial'), undefined);
  const device = attempt(() => knownDevice(flags, env, profile, from.cache));
  const cached = device ? attempt(() => cachedOf(profile, device.serialNumber, from)) : undefined;
  const serial = device ? device.serialNumber : get('mfa_serial');
  return row(name, listedKind(profile), get, serial, cached);
}

function row(
  name: string,
  kind: ListedKind,
  get: Get,
  mfaSerial: string | undefined,
  cached: Cached | undefined,
): Row {
  const duration = get('duration_seconds');
  return {
    profile: name,
    kind,
    sourceProfile: get('source_profile'),
    credentialSource: get('credential_source'),
    roleArn: get('role_arn'),
    ssoAccount: get('sso_account_id'),
    mfaSerial,
    region: get('region'),
    durationSeconds: duration === undefined ? undefined : parseDuration(duration),
    cached,
  };
}

function cachedOf(profile: Profile, serialNumber: string | undefined, from: From): Cached | undefined {
  const { flags, env, files, cache } = from;
  const step = planOf(profile, { flags, env, files, serialNumber });
  const session = cache.session(step);
  if (!session) return undefined;
  const { accessKeyId, expiration } = session;
  const issued = expiration - (step.step === 'provided' ? 3600 : step.durationSeconds);
  return { accessKeyId, expiration, issued };
}

/** A profile that leads nowhere is a profile all the same; what is a bug of ours stays one. */
function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
