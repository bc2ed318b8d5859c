import type { Credentials } from '../credentials.ts';
import { hash } from '../files/hash.ts';
import type { SerialNumber } from '../mfa/device.ts';
import { withoutUser } from '../printable.ts';
import { type Profile, type ProvidedProfile, sourceOf } from '../profile/profile.ts';
import { partitionOf, partitionOfArn } from '../profile/region.ts';
import type { RoleParameters } from '../profile/role.ts';
import type { ScopeRequest } from '../request.ts';
import type { StsEndpoint } from '../sts/endpoint.ts';

/**
 * How credentials come about, from the keys up: a tree of steps, each of them with all that shapes its answer. What
 * two profiles have in common is the same step, and so the same session.
 */
export type Plan = Exclude<Step, ScopePlan> | KeysPlan;

/** A step that yields a session, which is kept and shared. */
export type Step = SessionPlan | RolePlan | ProvidedPlan | ScopePlan;

/** Keys as they stand in a file or in the environment. */
export interface KeysPlan {
  readonly step: 'keys';
  readonly profile: string;
  readonly keys: Credentials;
}

/** GetSessionToken. A source that turns out to be temporary is passed on as it is. */
export interface SessionPlan {
  readonly step: 'session';
  readonly profile: string;
  readonly source: KeysPlan | ProvidedPlan;
  /** Undefined: a session without MFA. */
  readonly serialNumber: SerialNumber | undefined;
  /** What a new session is issued for. */
  readonly durationSeconds: number;
  /** The life that was asked for outright; undefined where any live session serves. */
  readonly askedSeconds?: number | undefined;
  readonly endpoint: StsEndpoint;
}

/** AssumeRole. */
export interface RolePlan {
  readonly step: 'role';
  readonly profile: string;
  readonly source: Plan;
  readonly role: RoleParameters;
  /** MFA on AssumeRole itself. */
  readonly serialNumber: SerialNumber | undefined;
  /** Why: an MFA session lasts too short a time for it, `--no-session` asks for it, or no session comes from such a source. */
  readonly ownCode: 'longer' | 'no-session' | 'temporary' | undefined;
  readonly durationSeconds: number;
  readonly askedSeconds?: number | undefined;
  /** The variable that asks for that time, for every role: less will do. */
  readonly asVariable?: string | undefined;
  readonly endpoint: StsEndpoint;
}

/** How a session came about, as far as it matters for who may use it. */
export interface Origin {
  /** The life that it was issued for, in seconds; undefined where nobody knows. */
  readonly issuedFor: number | undefined;
  /** A role that was assumed with a code of its own. */
  readonly hasOwnCode: boolean;
}

/** One of the SDK's own providers. */
export interface ProvidedPlan {
  readonly step: 'provided';
  readonly profile: string;
  readonly from: ProvidedProfile;
}

/** GetScopedCredentials. */
export interface ScopePlan {
  readonly step: 'scope';
  readonly profile: string;
  readonly source: SessionPlan | RolePlan | ProvidedPlan;
  readonly scope: ScopeRequest;
  /** Undefined for the time that the source has left. */
  readonly durationSeconds: number | undefined;
  readonly endpoint: StsEndpoint;
}

/**
 * Two steps with the same key are answered by the same session. No secret is part of it. Neither is the region: tokens
 * of regional endpoints are valid in every region of the partition (IAM user guide, "Manage AWS STS in an AWS Region").
 * Nor is the duration: `serves` compares that.
 */
export function keyOf(plan: Plan | ScopePlan): string {
  return JSON.stringify(identity(plan));
}

function identity(plan: Plan | ScopePlan): unknown {
  switch (plan.step) {
    case 'keys':
      return plan.keys.accessKeyId;
    case 'provided':
      return [plan.from.kind, plan.profile, ...providerKeys.map((key) => shownSetting(plan.from, key))];
    case 'scope':
      return [
        'GetScopedCredentials',
        identity(plan.source),
        // A narrowed session that is to end sooner is another one.
        plan.durationSeconds ?? '',
        place(plan.endpoint, undefined),
        plan.scope.policy,
      ];
    case 'session':
      return [
        'GetSessionToken',
        identity(plan.source),
        plan.serialNumber ?? '',
        place(plan.endpoint, partitionOfArn(plan.serialNumber)),
      ];
    case 'role':
      return [
        'AssumeRole',
        ...withDevice(plan),
        place(plan.endpoint, partitionOfArn(plan.role.roleArn)),
        plan.role,
      ];
  }
}

/**
 * The value of a setting as a key may hold it. A command line may hold a password, and keys stand in files and in what
 * --debug prints: of the command there are twelve bits, enough to notice that it was changed, and too few to confirm a
 * guess of a password in it.
 */
function shownSetting({ setting }: ProvidedProfile, key: string): string {
  const value = setting(key)?.value ?? '';
  return key !== 'credential_process' || value === '' ? value : hash(value).slice(-3);
}

/** A role is the same whether the code goes to AssumeRole or to the session that it is assumed with. */
function withDevice({ source, serialNumber }: RolePlan): readonly [source: unknown, serial: string] {
  return source.step === 'session'
    ? [identity(source.source), source.serialNumber ?? '']
    : [identity(source), serialNumber ?? ''];
}

/** What a session is valid in. The global endpoint and one of the user's have sessions of their own. */
function place({ url, region }: StsEndpoint, partition: string | undefined): string {
  return withoutUser(url ?? '') || (partition ?? partitionOf(region));
}

/**
 * Whether a session that there is answers a step: it was issued for at least the life that is asked for, and with
 * `--no-session` it did not come from an MFA session.
 */
export function serves(step: Step, { issuedFor, hasOwnCode }: Origin): boolean {
  if (step.step === 'role' && step.ownCode === 'no-session' && !hasOwnCode) return false;
  const asked = 'askedSeconds' in step ? step.askedSeconds : undefined;
  return asked === undefined || (issuedFor !== undefined && issuedFor >= asked);
}

/** Whether a new session of a step is a role that was assumed with a code of its own. */
export function hasOwnCode(step: Step): boolean {
  return step.step === 'role' && step.serialNumber !== undefined;
}

/** The settings that tell what a provider gives, beside the name of its profile. */
const providerKeys = [
  'credential_process',
  'sso_session',
  'sso_start_url',
  'sso_account_id',
  'sso_role_name',
  'web_identity_token_file',
  'role_arn',
  'role_session_name',
  'sso_region',
  'login_session',
];

/** What `logout` forgets together: everything that came from one access key, or from one provider's profile. */
export function ownerOf(plan: Plan | ScopePlan): string {
  if (plan.step === 'keys') return plan.keys.accessKeyId;
  return plan.step === 'provided' ? `${plan.from.kind}-${plan.profile}` : ownerOf(plan.source);
}

export function ownerOfProfile(profile: Profile): string {
  const source = sourceOf(profile);
  return 'keys' in source ? source.keys.accessKeyId : `${source.kind}-${source.name}`;
}
