import {
  type Call,
  credentialsElement,
  mfaConstraints,
  mfaGiven,
  newSession,
  type Outcome,
} from './actions.ts';
import { type Constraint, checkParams, type Params } from './constraints.ts';
import { identityOf, type Role, roleIdentity, trusts } from './directory.ts';
import { checkMfa, type MfaOutcome } from './mfa.ts';
import { parsePolicy } from './policy.ts';
import {
  explicitlyDenied,
  invalidArn,
  mayNotAssume,
  overChainingLimit,
  overRoleMaximum,
  type Refusal,
  rootMayNotAssume,
} from './refusals.ts';
import { newCredentials, type RoleSessionDetails } from './sessions.ts';
import { element } from './xml.ts';

/**
 * MFA counts when it is in the session of the caller or on the call itself. The order of the checks is ours
 * where AWS does not tell; a code on the call is spent even when the role is then refused.
 */
export function assumeRole(call: Call): Outcome {
  const { state, principal, params } = call;
  const invalid = checkRequest(call);
  if (invalid !== undefined) return invalid;

  const mfa = checkCallMfa(call);
  if (!mfa.ok) return mfa;
  const { arn } = identityOf(principal);
  const roleArn = params.RoleArn ?? '';
  const role = state.roles.find((candidate) => candidate.arn === roleArn);
  const withMfa = mfa.mfa || (principal.kind === 'session' && principal.session.mfa);
  if (!role || !trusts(role, principal, { mfa: withMfa, externalId: params.ExternalId })) {
    return mayNotAssume(arn, roleArn);
  }
  const seconds = Number(params.DurationSeconds ?? 3600);
  const tooLong = checkDuration(call, role, seconds);
  if (tooLong !== undefined) return tooLong;

  const name = params.RoleSessionName ?? '';
  const policy = params.Policy === undefined ? undefined : parsePolicy(params.Policy);
  const session = newSession(call, {
    name,
    seconds,
    mfa: withMfa,
    details: detailsOf(params),
    policies: policy?.ok ? [policy.policy] : [],
    credentials: newCredentials(),
  });
  state.issued.set(session.accessKeyId, { kind: 'role', role, session });

  const assumed = roleIdentity(role, name);
  const { sourceIdentity } = session.details;
  return {
    ok: true,
    result: [
      element('AssumedRoleUser', [element('AssumedRoleId', assumed.userId), element('Arn', assumed.arn)]),
      credentialsElement(session),
      ...(sourceIdentity === undefined ? [] : [element('SourceIdentity', sourceIdentity)]),
    ],
  };
}

function checkRequest({ state, principal, params }: Call): Refusal | undefined {
  const invalid = checkParams(params, [
    { name: 'roleArn', required: true, length: [20, 2048] },
    { name: 'roleSessionName', required: true, length: [2, 64], pattern: '[\\w+=,.@-]*' },
    { name: 'durationSeconds', range: [state.minDuration, 43_200] },
    ...restOfModel,
  ]);
  if (invalid !== undefined) return invalid;
  const roleArn = params.RoleArn ?? '';
  if (!/^arn:[\w-]+:iam::\d{12}:role\/./.test(roleArn)) return invalidArn;
  const policy = params.Policy === undefined ? undefined : parsePolicy(params.Policy);
  if (policy && !policy.ok) return policy;
  if (principal.kind === 'federated') return mayNotAssume(identityOf(principal).arn, roleArn);
  if (principal.kind === 'role') return undefined;
  if (principal.user.root === true) return rootMayNotAssume;
  return principal.user.denied?.includes('sts:AssumeRole')
    ? explicitlyDenied(identityOf(principal).arn, 'sts:AssumeRole', roleArn)
    : undefined;
}

const restOfModel: readonly Constraint[] = [
  { name: 'policy', length: [1, 2048] },
  { name: 'externalId', length: [2, 1224], pattern: '[\\w+=,.@:\\/-]*' },
  ...mfaConstraints,
  { name: 'sourceIdentity', length: [2, 64], pattern: '[\\w+=,.@-]*' },
];

/** A role session has no devices: a serial number with it is nobody's. */
function checkCallMfa({ state, principal, params, now }: Call): MfaOutcome {
  const user = principal.kind === 'role' ? undefined : principal.user;
  return checkMfa(state.spent, user, mfaGiven(params), now);
}

/** A session of `GetSessionToken` counts as chained too. */
function checkDuration({ principal }: Call, role: Role, seconds: number): Refusal | undefined {
  if (principal.kind !== 'user' && seconds > 3600) return overChainingLimit;
  return seconds > (role.maxSessionDuration ?? 3600) ? overRoleMaximum : undefined;
}

function detailsOf(params: Params): RoleSessionDetails {
  const { SourceIdentity: sourceIdentity, ExternalId: externalId, Policy: policy } = params;
  const keys = members(params, 'Tags', '.Key');
  const values = members(params, 'Tags', '.Value');
  return {
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(policy === undefined ? {} : { policy }),
    policyArns: members(params, 'PolicyArns', '.arn'),
    tags: Object.fromEntries(keys.map((key, index) => [key, values[index] ?? ''])),
    transitiveTagKeys: members(params, 'TransitiveTagKeys', ''),
  };
}

/** A list of the query protocol: `Tags.member.1.Key`, `Tags.member.2.Key`, … */
function members(params: Params, list: string, field: string): readonly string[] {
  const found: string[] = [];
  for (let index = 1; ; index++) {
    const value = params[`${list}.member.${index}${field}`];
    if (value === undefined) return found;
    found.push(value);
  }
}
