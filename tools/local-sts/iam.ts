import type { Call, Outcome } from './actions.ts';
import { identityOf, userArn } from './directory.ts';
import { evaluate, matches } from './policy.ts';
import {
  explicitlyDenied,
  invalidClientToken,
  limitedBySession,
  noSuchUser,
  notAllowed,
  type Refusal,
} from './refusals.ts';
import { element } from './xml.ts';

/**
 * What stands in the way of a call before it is carried out: the kind of its credentials, the policies of the user,
 * and those of the session. Undefined when nothing does. No policy is asked about GetCallerIdentity, nor about
 * GetScopedCredentials, of which AWS does not say it.
 */
export function checkPermission(call: Call, service: string): Refusal | undefined {
  const { principal, params } = call;
  const { Action: name = '' } = params;
  // AWS answers so when a session of GetSessionToken without MFA, or a federated user, calls IAM.
  const isIam = service === 'iam';
  if (isIam && principal.kind === 'session' && !principal.session.mfa) return invalidClientToken;
  if (isIam && principal.kind === 'federated') return invalidClientToken;
  if (['GetCallerIdentity', 'GetScopedCredentials'].includes(name)) return undefined;

  const action = `${service}:${name}`;
  const { arn } = identityOf(principal);
  const mfa = principal.kind !== 'user' && principal.session.mfa;
  const { resource, shown } = resourceOf(call, isIam);
  if (isIam && principal.kind !== 'role' && principal.user.denied?.includes(action)) {
    return notAllowed(arn, action, shown);
  }
  const withoutMfa = (principal.kind !== 'role' && principal.user.deniedWithoutMfa) || [];
  if (!mfa && withoutMfa.some((pattern) => matches(pattern, action))) {
    return explicitlyDenied(arn, action, shown);
  }
  const policies = principal.kind === 'user' ? [] : principal.session.policies;
  for (const policy of policies) {
    const verdict = evaluate(policy, { action, resource, mfa });
    if (verdict !== 'allow') return limitedBySession(arn, action, shown, verdict === 'deny');
  }
  return undefined;
}

/** What a call is about, for policies and in AWS's words. */
function resourceOf({ state, principal, params }: Call, isIam: boolean) {
  const { arn } = identityOf(principal);
  if (!isIam) {
    const resource = params.RoleArn ?? arn;
    return { resource, shown: resource };
  }
  const { accountId } = identityOf(principal);
  const name = params.UserName ?? (principal.kind === 'role' ? '' : principal.user.name);
  const user = state.users.find((each) => each.accountId === accountId && each.name === name);
  return { resource: user ? userArn(user) : '*', shown: `user ${name}` };
}

/** IAM's list of a user's devices, security keys included; IAM names no device's kind but in its serial. */
export function listMfaDevices({ state, principal, params }: Call): Outcome {
  const { arn, accountId } = identityOf(principal);
  const name = params.UserName ?? (principal.kind === 'role' ? '' : principal.user.name);
  if (principal.kind === 'role') return notAllowed(arn, 'iam:ListMFADevices', `user ${name}`);
  const user =
    params.UserName === undefined
      ? principal.user
      : state.users.find((candidate) => candidate.accountId === accountId && candidate.name === name);
  if (user === undefined) return noSuchUser(name);
  const devices = (user.devices ?? []).map((device) =>
    element('member', [
      element('UserName', user.name),
      element('SerialNumber', device.serial),
      element('EnableDate', device.enableDate ?? '2024-02-29T09:30:00Z'),
    ]),
  );
  return { ok: true, result: [element('MFADevices', devices), element('IsTruncated', 'false')] };
}
