import type { Credentials } from '../credentials.ts';
import { hash } from '../files/entries.ts';
import type { SerialNumber } from '../mfa/device.ts';
import { type Profile, type ProvidedProfile, sourceOf } from '../profile/profile.ts';
import { partitionOf, partitionOfArn } from '../profile/region.ts';
import type { RoleParameters } from '../profile/role.ts';
import type { ScopeRequest } from '../request.ts';
import type { StsEndpoint } from '../sts/endpoint.ts';
import { withoutUser } from '../text.ts';

/**
 * The way to credentials: a tree of steps from the keys up, each with all parameters that change its answer. A step that
 * two profiles share gives both the same session.
 */
export type Plan = Exclude<Step, ScopePlan> | KeysPlan;

/** A step that gives a session, which is cached and shared. */
export type Step = SessionPlan | RolePlan | ProvidedPlan | ScopePlan;

/** Keys from a file or the environment. */
export interface KeysPlan {
  readonly step: 'keys';
  readonly profile: string;
  readonly keys: Credentials;
}

/** GetSessionToken. Temporary credentials of a source are used as they are. */
export interface SessionPlan {
  readonly step: 'session';
  readonly profile: string;
  readonly source: KeysPlan | ProvidedPlan;
  /** Undefined: a session without MFA. */
  readonly serialNumber: SerialNumber | undefined;
  /** The life of a new session. */
  readonly durationSeconds: number;
  /** The life that `--duration` asks for; undefined where any valid session will do. */
  readonly askedSeconds?: number | undefined;
  readonly endpoint: StsEndpoint;
}

/** AssumeRole. */
export interface RolePlan {
  readonly step: 'role';
  readonly profile: string;
  readonly source: Plan;
  readonly role: RoleParameters;
  /** Of a code that goes with AssumeRole itself; undefined for none. */
  readonly serialNumber: SerialNumber | undefined;
  /** The reason for that: the role lasts longer than an MFA session allows, `--no-session`, or temporary source credentials. */
  readonly ownCode: 'longer' | 'no-session' | 'temporary' | undefined;
  readonly durationSeconds: number;
  readonly askedSeconds?: number | undefined;
  /** The variable that asks for this duration for all roles. A shorter one will do. */
  readonly asVariable?: string | undefined;
  readonly endpoint: StsEndpoint;
}

/** The facts about a session that decide which requests it answers. */
export interface Origin {
  /** Its life when it was issued, in seconds; undefined where that is not known. */
  readonly issuedFor: number | undefined;
  /** A token code went with AssumeRole itself. */
  readonly hasOwnCode: boolean;
}

/** A provider of `providers/`. */
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
 * The key of a step in the cache: two steps with the same key share a session. It has no secret. It has no region: tokens
 * of regional endpoints are valid in every region of the partition (IAM user guide, "Manage AWS STS in an AWS Region").
 * It has no duration, which `serves` compares.
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
        // Another duration makes another narrowed session.
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
 * The value of a setting for a key, which is written to files and printed by --debug. A command line may have a password,
 * so the key has twelve bits of its hash: enough to notice a change, and too few to confirm a guess of the password.
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

/** Where a session is valid: the partition, or the endpoint if it is the global one or the user's. */
function place({ url, region }: StsEndpoint, partition: string | undefined): string {
  return withoutUser(url ?? '') || (partition ?? partitionOf(region));
}

/**
 * Whether an existing session answers a step: its life is at least the one that is asked for, and with `--no-session` it
 * did not come from an MFA session.
 */
export function serves(step: Step, { issuedFor, hasOwnCode }: Origin): boolean {
  if (step.step === 'role' && step.ownCode === 'no-session' && !hasOwnCode) return false;
  const asked = 'askedSeconds' in step ? step.askedSeconds : undefined;
  return asked === undefined || (issuedFor !== undefined && issuedFor >= asked);
}

/** Whether a token code goes with AssumeRole itself. */
export function hasOwnCode(step: Step): boolean {
  return step.step === 'role' && step.serialNumber !== undefined;
}

/** The settings that change what a provider gives. */
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

/** The access key, or the profile of a provider, that a plan starts from. `logout` forgets all sessions of an owner. */
export function ownerOf(plan: Plan | ScopePlan): string {
  if (plan.step === 'keys') return plan.keys.accessKeyId;
  return plan.step === 'provided' ? `${plan.from.kind}-${plan.profile}` : ownerOf(plan.source);
}

export function ownerOfProfile(profile: Profile): string {
  const source = sourceOf(profile);
  return 'keys' in source ? source.keys.accessKeyId : `${source.kind}-${source.name}`;
}
