import type { SharedFiles } from '../config/files.ts';
import { cutTo, parsedDuration, roleSeconds, sessionSeconds } from '../duration.ts';
import { Exit, UserError, usage } from '../errors.ts';
import type { SerialNumber } from '../mfa/device.ts';
import { at, leftoverToken } from '../profile/keys.ts';
import { sourceByName } from '../profile/long-term.ts';
import type { KeysProfile, Profile, ProvidedProfile, RoleProfile } from '../profile/profile.ts';
import { checkedPolicy, roleParameters } from '../profile/role.ts';
import type { AskedDuration, ScopeRequest, SessionRequest } from '../request.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import { printable } from '../text.ts';
import type { Environment } from '../world.ts';
import type { KeysPlan, Plan, ProvidedPlan, RolePlan, ScopePlan, SessionPlan, Step } from './plan.ts';

/** What a plan is made from, beside the profile. */
interface Wishes {
  readonly request: Pick<
    SessionRequest,
    'region' | 'stsRegion' | 'durations' | 'role' | 'scope' | 'noSession'
  >;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  readonly files: SharedFiles;
  /** The MFA device of the source credentials; undefined for none. */
  readonly serialNumber: SerialNumber | undefined;
}

/**
 * The steps to the session of a profile.
 *
 * @throws UserError for a duration that AWS would refuse, and for temporary keys, which AWS gives no session for
 */
export function planOf(profile: Profile, wishes: Wishes): Step {
  const scope = scopeFor(profile, wishes);
  return scope ? scopePlan(profile, scope, wishes) : wholePlan(profile, wishes);
}

/** Without a role, `--policy` means the same as `--scope`: there is no AssumeRole that could take it. */
function scopeFor({ kind }: Profile, { request: { scope, role } }: Wishes): ScopeRequest | undefined {
  if (kind === 'role') return scope;
  const { policy } = role;
  if (!policy) return scope;
  if (scope) {
    throw usage('--policy and --scope mean the same for a profile without a role', 'Leave out one.');
  }
  return { name: policy.by.replace(/^--policy /, ''), policy: checkedPolicy(policy.value, policy.by) };
}

/** `--duration` is about the narrowed session. Its source gets the same duration only where its own is too short. */
function scopePlan(profile: Profile, scope: ScopeRequest, wishes: Wishes): ScopePlan {
  const { request, env, files } = wishes;
  const { option } = request.durations;
  const asUsual: Wishes = {
    ...wishes,
    request: { ...request, durations: { ...request.durations, option: undefined } },
  };
  const usual = wholePlan(profile, asUsual);
  const isEnough =
    !option ||
    !('durationSeconds' in usual) ||
    option.seconds <= (usual.durationSeconds ?? Number.POSITIVE_INFINITY);
  return {
    step: 'scope',
    profile: profile.name,
    source: isEnough ? usual : wholePlan(profile, wishes),
    scope,
    durationSeconds: option?.seconds,
    endpoint: stsEndpoint(request, env, profile, files),
  };
}

function wholePlan(profile: Profile, wishes: Wishes): SessionPlan | RolePlan | ProvidedPlan {
  const { option, variable } = wishes.request.durations;
  if (profile.kind === 'role') return rolePlan(profile, wishes, option ?? hourAtMost(variable), true);
  if (profile.kind === 'temporary') throw temporaryKeys(profile, wishes.files);
  return 'keys' in profile || profile.kind === 'process'
    ? sessionPlan(profile, wishes, option)
    : provided(profile);
}

/**
 * All roles share one MFA session: its endpoint and its duration come from the profile with the keys. With those of the
 * role's profile, forty roles would need a code for each of their regions.
 */
function sessionPlan(
  profile: KeysProfile | ProvidedProfile,
  wishes: Wishes,
  duration: AskedDuration | undefined,
  vault = wishes.request.durations.vault.session,
): SessionPlan {
  return {
    step: 'session',
    profile: profile.name,
    source: 'keys' in profile ? keysPlan(profile) : provided(profile),
    serialNumber: wishes.serialNumber,
    askedSeconds: duration?.seconds,
    durationSeconds: sessionSeconds(
      duration ?? wishes.request.durations.variable ?? cutTo(129_600, vault) ?? askedByProfile(profile),
    ),
    endpoint: stsEndpoint(wishes.request, wishes.env, profile, wishes.files),
  };
}

/** @param chosen true for the profile that was named: options do not apply to its sources */
function rolePlan(
  profile: RoleProfile,
  wishes: Wishes,
  duration: AskedDuration | undefined,
  chosen: boolean,
): RolePlan {
  const { request, env, files, serialNumber } = wishes;
  const { source } = profile;
  // A program may give long-term keys.
  const isKeys = source.kind === 'long-term' || source.kind === 'process';
  // A longer duration would need a code for every role.
  const most = isKeys && serialNumber === undefined ? 43_200 : 3600;
  const vault = chosen ? cutTo(most, request.durations.vault.role) : undefined;
  const durationSeconds = roleSeconds(duration ?? vault ?? askedByProfile(profile), !isKeys);
  const ownCode = serialNumber === undefined ? undefined : whyOwnCode(source, durationSeconds, request);
  return {
    step: 'role',
    profile: profile.name,
    source: ownCode && source.kind !== 'role' ? ownCredentials(source) : sourcePlan(source, wishes),
    role: roleParameters(profile.roleArn, profile, chosen ? request.role : {}),
    serialNumber: ownCode && serialNumber,
    ownCode,
    durationSeconds,
    askedSeconds: chosen ? request.durations.option?.seconds : undefined,
    ...(duration === undefined && vault ? { asVariable: vault.by } : {}),
    endpoint: stsEndpoint(request, env, profile, files),
  };
}

/** The reason for a code with AssumeRole itself; undefined where the role is assumed with an MFA session. */
function whyOwnCode(
  { kind }: Profile,
  durationSeconds: number,
  { noSession }: Wishes['request'],
): RolePlan['ownCode'] {
  // AWS gives no session for temporary keys. botocore sends the code with AssumeRole then (`AssumeRoleCredentialFetcher`).
  if (kind === 'temporary') return 'temporary';
  if (kind !== 'long-term' && kind !== 'process') return undefined;
  if (noSession) return 'no-session';
  // A session from a session lives an hour at most (IAM user guide, "role chaining"; it counts GetSessionToken).
  return durationSeconds > 3600 ? 'longer' : undefined;
}

/** Without a device a session adds nothing: the keys assume the role. */
function sourcePlan(source: Profile, wishes: Wishes): Plan {
  if (source.kind === 'role') return rolePlan(source, wishes, undefined, false);
  const renewable = source.kind === 'long-term' || source.kind === 'process';
  if (renewable && wishes.serialNumber !== undefined) {
    return sessionPlan(source, wishes, undefined, wishes.request.durations.vault.chained);
  }
  return ownCredentials(source);
}

function ownCredentials(source: KeysProfile | ProvidedProfile): KeysPlan | ProvidedPlan {
  return 'keys' in source ? keysPlan(source) : provided(source);
}

function keysPlan({ name, keys }: KeysProfile): KeysPlan {
  return { step: 'keys', profile: name, keys };
}

function provided(from: ProvidedProfile): ProvidedPlan {
  return { step: 'provided', profile: from.name, from };
}

/** The variables are about the MFA session. A role keeps to an hour, so that it needs no code of its own. */
function hourAtMost(duration: AskedDuration | undefined): AskedDuration | undefined {
  return duration && duration.seconds > 3600 ? undefined : duration;
}

function askedByProfile(profile: Profile): AskedDuration | undefined {
  const setting = profile.setting('duration_seconds');
  return setting && parsedDuration(setting);
}

function temporaryKeys({ name, keys, file }: KeysProfile, files: SharedFiles): UserError {
  const section = printable(file?.section ?? name, 60);
  if (keys.accessKeyId.startsWith('AKIA')) throw leftoverToken(section, file?.tokenPlace());
  const own = file && files.credentials(file.section);
  const isAwsume = own?.get('manager') === 'awsume' || own?.get('autoawsume') !== undefined;
  const source = file && (isAwsume ? awsumeSource(file.section) : sourceByName(file.section, files));
  return new UserError(
    Exit.configuration,
    'session-keys',
    `${file ? at(file.place()) : 'environment'}: [${section}] holds temporary keys with a session token; a session needs long-term keys`,
    source
      ? `It came from ${printable(source, 60)}${isAwsume ? ', by awsume' : ''}: name that profile.`
      : isAwsume
        ? 'awsume wrote it: name the profile that it came from.'
        : `Put the long-term keys (AKIA…) into [${section}-long-term], or name the profile that has them.`,
  );
}

/** `awsume -a NAME` writes `[autoawsume-NAME]`, older versions `[auto-refresh-NAME]`. */
function awsumeSource(section: string): string | undefined {
  return /^(?:autoawsume|auto-refresh)-(.+)$/.exec(section)?.[1];
}
