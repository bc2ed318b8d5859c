import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type Profile, sourceOf } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';

/**
 * Refuses what was asked for on the command line and can have no effect on this profile. A policy that does not reach
 * STS leaves a child with everything that its owner believes restricted.
 *
 * @throws UserError usage
 */
export function refuseWithoutEffect(request: SessionRequest, profile: Profile): void {
  const { role, durations, stsRegion, serialNumber, code } = request;
  if (profile.kind !== 'role') {
    // A policy narrows a session without a role too: planning makes a scope of it.
    const { arn: _, policy: __, ...ofRole } = role;
    for (const asked of Object.values(ofRole)) {
      refuse(asked, profile, 'has no role', 'Name a role with --role-arn, or a profile that has one.');
    }
    refuse(request.noSession, profile, 'has no role', 'It is about how a role is assumed.');
  }
  const source = sourceOf(profile);
  const isNarrowed = request.scope !== undefined || (profile.kind !== 'role' && role.policy !== undefined);
  if (profile === source && issued.has(profile.kind) && !isNarrowed) {
    const why = `gets credentials from elsewhere (${profile.kind}), which decides that`;
    refuse(durations.option, profile, why, 'Leave it out.');
    refuse(stsRegion, profile, why, 'Leave it out.');
  }
  if (issued.has(source.kind)) {
    const why = `gets credentials from elsewhere (${source.kind}), and needs no MFA code here`;
    refuse(serialNumber, profile, why, 'Leave it out.');
    refuse(code.given, profile, why, 'Leave it out.');
    refuse(request.noSession, profile, why, 'Leave it out.');
  }
}

/** The same for what needs an MFA device, once it is known that there is none. */
export function refuseWithoutDevice({ code, noSession }: SessionRequest, profile: Profile): void {
  const hint = 'Name a device with --serial-number, or mfa_serial in the profile; or leave it out.';
  refuse(code.given, profile, 'uses no MFA device', hint);
  refuse(noSession, profile, 'uses no MFA device', hint);
}

/** Kinds of profiles whose credentials neither GetSessionToken nor a code has a part in. */
const issued: ReadonlySet<Profile['kind']> = new Set([
  'sso',
  'login',
  'web-identity',
  'Ec2InstanceMetadata',
  'EcsContainer',
]);

/** Only what was typed is refused: a variable is meant for every profile. */
function refuse(
  asked: { readonly by: string } | undefined,
  { name }: Profile,
  why: string,
  hint: string,
): void {
  if (!asked?.by.startsWith('--')) return;
  const [option] = asked.by.split(' ');
  throw new UserError(
    Exit.usage,
    'no-effect',
    `${option} can have no effect: profile "${printable(name, 60)}" ${why}`,
    hint,
  );
}
