import { Exit, UserError } from '../errors.ts';
import { isHeldPolicy } from '../export/memory.ts';
import { scopeName } from '../export/names.ts';
import { type Profile, sourceOf } from '../profile/profile.ts';
import { homeRegion, partitionOf, partitionOfArn } from '../profile/region.ts';
import type { SessionRequest } from '../request.ts';
import type { StsEndpoint } from '../sts/endpoint.ts';
import { printable, profileWord } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Environment } from '../world.ts';

/**
 * Refuses options that can have no effect on this profile. A policy that does not reach STS would leave a child with the
 * permissions that the user wants to restrict.
 *
 * @throws UserError usage
 */
export function refuseWithoutEffect(request: SessionRequest, profile: Profile): void {
  const { role, noMfa, noSession } = request;
  const source = sourceOf(profile);
  const isElsewhere = issued.has(source.kind);
  const elsewhere = `gets credentials from elsewhere (${source.kind})`;
  if (profile.kind !== 'role') {
    // Without a role the policy is a scope (`planning.ts`).
    const { arn: _, policy: __, ...ofRole } = role;
    const why = isElsewhere ? `${elsewhere}, which decides that` : 'has no role';
    for (const asked of Object.values(ofRole)) {
      refuse(asked, profile, why, 'Name a role with --role-arn, or a profile that has one.');
    }
    refuse(noSession, profile, 'has no role', 'It is about how a role is assumed.');
  }
  if (!isElsewhere) return;
  if (profile === source) refuseForCall(request, profile, `${elsewhere}, which decides that`);
  refuseCode(request, profile, `${elsewhere}, and needs no MFA code here`, leaveOut);
  refuse(noMfa, profile, `${elsewhere}, and needs no MFA code here`, leaveOut);
}

/** Refuses options that need an MFA device, where the profile has none. */
export function refuseWithoutDevice(request: SessionRequest, profile: Profile): void {
  const hint = 'Name a device with --serial-number, or mfa_serial in the profile; or leave it out.';
  refuseCode({ ...request, serialNumber: undefined }, profile, 'uses no MFA device', hint);
}

/** Refuses options that AWS would not see, where a program gave temporary credentials: they are used as they are. */
export function refuseForTemporary(request: SessionRequest, profile: Profile): void {
  const why = 'gets temporary credentials from its program, which decides that';
  refuseCode(request, profile, why, leaveOut);
  if (profile.kind !== 'role') refuseForCall(request, profile, why);
}

/** Refuses options about a call to STS, unless there is one that narrows the session. */
function refuseForCall(request: SessionRequest, profile: Profile, why: string): void {
  const { command, durations, region, stsRegion, scope, role } = request;
  if (scope !== undefined || role.policy !== undefined) return;
  refuse(durations.option, profile, why, leaveOut);
  // STS takes a web identity, in a region like any other.
  if (profile.kind === 'web-identity') return;
  refuse(stsRegion, profile, why, leaveOut);
  // These two export no region.
  if (command === 'process' || command === 'login') refuse(region, profile, why, leaveOut);
}

/** Refuses options about the MFA device and its code. */
export function refuseCode(
  { serialNumber, code, noSession }: Pick<SessionRequest, 'serialNumber' | 'code' | 'noSession'>,
  profile: Profile,
  why: string,
  hint: string,
): void {
  for (const asked of [serialNumber, code.given, code.fromStdin, noSession])
    refuse(asked, profile, why, hint);
}

const leaveOut = 'Leave it out.';

/** Kinds of profiles whose credentials need neither GetSessionToken nor a token code. */
const issued: ReadonlySet<Profile['kind']> = new Set([
  'sso',
  'login',
  'web-identity',
  'Ec2InstanceMetadata',
  'EcsContainer',
]);

/** Refuses options only: a variable is meant for every profile. */
function refuse(
  asked: { readonly by: string } | undefined,
  { name }: Profile,
  why: string,
  hint: string,
): void {
  if (!asked?.by.startsWith('--')) return;
  throw new UserError(
    Exit.usage,
    'no-effect',
    `${asked.by} can have no effect: profile "${printable(name, 60)}" ${why}`,
    hint,
  );
}

/**
 * Refuses a wider session inside a scope. This is for honest programs: it does not stop a program that removes the
 * variable.
 *
 * @throws UserError refused; cannotAsk, where `--scope none` has nobody to confirm it
 */
export async function checkScope(
  env: Environment,
  { scope, isUnscoped }: SessionRequest,
  profile: string,
  ui: Ui,
): Promise<void> {
  const held = env[scopeName];
  if (!held || (scope?.name === held && isHeldPolicy(scope, env))) return;
  const shown = printable(held, 100);
  const whole = `a whole session of ${printable(profile, 60)}`;
  if (!isUnscoped) {
    throw new UserError(
      Exit.refused,
      'scoped',
      scope?.name === held
        ? `The policy of ${shown} has changed since it narrowed the credentials here`
        : `The credentials here are narrowed to ${shown}, and awsmfa gives out no others inside of that`,
      `On a terminal, awsmfa exec --scope none ${profileWord(profile)} asks whether you want ${whole}; or run it in another shell.`,
    );
  }
  if (!ui.canAsk()) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `${whole} inside the scope ${shown} needs a yes of yours, and ${ui.whyNot}`,
      'Run it in a shell outside of the scope.',
    );
  }
  const { askYes } = await import('../mfa/prompt.ts');
  if (await askYes(ui, `Scope ${shown} narrows the credentials here. Get ${whole}?`, false)) return;
  throw new UserError(Exit.refused, 'scoped', `The credentials stay narrowed to ${shown}`);
}

/**
 * The error for a region of another partition than the role or the device: no key works in two partitions. awsmfa looks
 * before it asks for a code.
 *
 * @param arn of the role or the device
 */
export function partitionError(
  { profile, endpoint }: { readonly profile: string; readonly endpoint: StsEndpoint },
  arn: string | undefined,
): UserError | undefined {
  const { region, regionBy, url } = endpoint;
  const partition = partitionOfArn(arn);
  if (regionBy === undefined || url !== undefined || partition === undefined) return undefined;
  if (partition === partitionOf(region)) return undefined;
  const shown = printable(partition, 20);
  return new UserError(
    Exit.configuration,
    'wrong-partition',
    `${regionBy} is ${printable(region, 40)}, in the partition ${partitionOf(region)}, and profile "${printable(profile, 60)}" is in ${shown} (${printable(arn ?? '', 100)})`,
    /^[A-Z_]+$/.test(regionBy)
      ? `Unset ${regionBy}, or set it to a region of ${shown}: ${homeRegion(partition)}`
      : `Name a region of ${shown}: ${homeRegion(partition)}`,
  );
}
