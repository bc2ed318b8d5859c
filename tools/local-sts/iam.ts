import type { Call, Outcome } from './actions.ts';
import { identityOf } from './directory.ts';
import { invalidClientToken, noSuchUser, notAllowed } from './refusals.ts';
import { element } from './xml.ts';

/** IAM's list of a user's devices, security keys included; IAM names no device's kind but in its serial. */
export function listMfaDevices({ state, principal, params }: Call): Outcome {
  // AWS answers so when a session of GetSessionToken without MFA calls IAM, misleading as it is.
  if (principal.kind === 'session' && !principal.session.mfa) return invalidClientToken;
  const { arn, accountId } = identityOf(principal);
  const name = params.UserName ?? (principal.kind === 'role' ? '' : principal.user.name);
  if (principal.kind === 'role' || principal.user.denied?.includes('iam:ListMFADevices')) {
    return notAllowed(arn, 'iam:ListMFADevices', `user ${name}`);
  }
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
