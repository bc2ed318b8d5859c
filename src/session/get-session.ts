import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { attempt, Exit, UserError } from '../errors.ts';
import { withoutOurRegion } from '../export/memory.ts';
import { type KnownDevice, knownDevice } from '../mfa/device.ts';
import { hasCode } from '../mfa/program.ts';
import { configuredRegion, environmentProfile } from '../profile/choice.ts';
import { type Profile, sourceOf, withRole } from '../profile/profile.ts';
import { checkedRegion } from '../profile/region.ts';
import { resolveProfile } from '../profile/resolve.ts';
import type { ProfileChoice, ScopeRequest, SessionRequest } from '../request.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Environment, World } from '../world.ts';
import { cacheDirectory, cacheOf } from './cache.ts';
import { checkScope, refuseWithoutDevice, refuseWithoutEffect } from './checks.ts';
import type { Creating } from './new-session.ts';
import { keyOf, type Step } from './plan.ts';
import { planOf } from './planning.ts';
import { getSharedSession, type SharedSession, type Sharing } from './shared-session.ts';
import { writtenFrom } from './written.ts';

/** A session, and the facts that the commands report and export. */
export interface Held extends SharedSession {
  readonly profile: string;
  /** The region to export: the one asked for, else that of the profile. */
  readonly region: string | undefined;
  readonly profileRegion: string | undefined;
  /** Whether `--region` asks for the region: then it takes the place of one that the user has set. */
  readonly isRegionAsked: boolean;
  /** The region of the profile whose session this shell holds already. */
  readonly heldRegion: string | undefined;
  /** Whether the cache still has this very session. */
  readonly isCurrent: () => boolean;
  /** The scope that narrows the session. */
  readonly scope?: ScopeRequest | undefined;
}

type Regions = Pick<Held, 'region' | 'profileRegion' | 'isRegionAsked' | 'heldRegion'>;

/** The profile of a request, and what the files say about it. Nothing was asked or sent yet. */
export interface Chosen extends Regions {
  readonly profile: Profile;
  readonly files: SharedFiles;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  /** Undefined when it is still to be found. */
  readonly device?: DeviceOfProfile;
}

/**
 * Resolves the profile of a request.
 *
 * @throws UserError configuration, for everything that is wrong in the files
 */
export function chooseFor(request: SessionRequest, ui: Ui, world: World): Chosen {
  const { choice, role } = request;
  const files = loadSharedFiles(world);
  const heldRegion = configuredRegion(world.env.AWSMFA_PROFILE, files);
  const env = withoutOurRegion(world.env, heldRegion);
  ui.debug(
    `profile ${choice.name}, named by ${choice.by}; files ${files.configPath}, ${files.credentialsPath}`,
  );
  const memory = writtenFrom(files, cacheDirectory(env, world.home));
  const profile = withRole(resolveProfile(choice, files, env, memory), role.arn);
  for (const line of differences(choice, profile, env)) ui.say(line);
  return { profile, files, env, heldRegion, ...regionsOf(request, profile) };
}

/** Variables that other tools read in another way: they would use another profile or role. */
function differences({ name, by }: ProfileChoice, profile: Profile, env: Environment): readonly string[] {
  const { AWS_DEFAULT_PROFILE: other, AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: token } = env;
  const lines: string[] = [];
  if (by === 'AWS_PROFILE' && other && other !== name) {
    lines.push(
      `AWS_PROFILE is ${printable(name, 60)}, which is used here; the AWS CLI and boto3 read AWS_DEFAULT_PROFILE, ${printable(other, 60)}: unset it`,
    );
  }
  if (role && !token && sourceOf(profile).kind !== 'web-identity') {
    lines.push(
      `AWS_ROLE_ARN, which aws-vault would assume, is read only beside AWS_WEB_IDENTITY_TOKEN_FILE: use --role-arn, or unset it`,
    );
  }
  return lines;
}

/** The region to export, and that of the profile, checked. */
export function regionsOf(
  { region }: Pick<SessionRequest, 'region'>,
  profile: Profile,
): Omit<Regions, 'heldRegion'> {
  const setting = profile.setting('region');
  const profileRegion = setting && checkedRegion(setting.value, setting.by);
  return {
    profileRegion,
    region: region ? checkedRegion(region.value, region.by) : profileRegion,
    isRegionAsked: region !== undefined,
  };
}

/** Gets the session of a request: profile, device, plan, then cache or STS. */
export async function getSession(
  request: SessionRequest,
  ui: Ui,
  world: World,
  chosen: Chosen = chooseFor(request, ui, world),
): Promise<Held> {
  const { profile, files, env, region, profileRegion, isRegionAsked, heldRegion } = chosen;
  refuseWithoutEffect(request, profile);
  await checkScope(env, request, profile.name, ui);
  const source = sourceOf(profile);
  if (source.kind === 'process') {
    // Before the lock, which the awsmfa that runs the program holds: each would wait for the other.
    const { refuseCircle } = await import('../providers/circle.ts');
    refuseCircle(source, { env, files, profileOf: request.cli.profileOf });
  }
  const cache = cacheOf({ env, home: world.home });
  const device = chosen.device ?? (await findDevice(request, chosen, ui, world));
  if (device.serialNumber === undefined) refuseWithoutDevice(request, profile);
  if (device.serialNumber && env.AWSMFA_MFA_SERIAL === device.serialNumber) {
    (await import('../providers/circle.ts')).refuseOwnCode(env);
  }
  const step = planOf(device.profile, { request, env, files, serialNumber: device.serialNumber });
  ui.debug(`plan ${keyOf(step)}`);
  const sharing: Omit<Sharing, 'create'> = {
    cache,
    now: world.now,
    minTtl: request.minTtl,
    refresh: request.refresh,
    command: request.command,
    mayWait: ui.mayAsk || hasCode(request.code, profile),
    hasCode: hasCode(request.code, profile),
    ui,
  };
  const create = creator(sharing, { request, ui, world, profile });
  const get = (step: Step) => getSharedSession(step, { ...sharing, create });
  const shared = await get(step)
    .catch((error) => get(shortened(step, error, ui)))
    .catch((error) => {
      throw explain(error, request, profile);
    });
  if (shared.from === 'sts') await device.keep();
  const isCurrent = () => cache?.session(step)?.accessKeyId === shared.session.accessKeyId;
  const scope = step.step === 'scope' ? step.scope : undefined;
  const regions = { region, profileRegion, isRegionAsked, heldRegion };
  return { ...shared, profile: profile.name, ...regions, isCurrent, scope };
}

/**
 * The same step for an hour, which every role allows. A variable for all roles may ask for more than the maximum of this
 * one, which only IAM knows.
 *
 * @throws the error, where that is not the reason
 */
function shortened(step: Step, error: unknown, ui: Ui): Step {
  const isTooLong = error instanceof UserError && error.code === 'duration-over-maximum';
  if (!isTooLong || step.step !== 'role' || step.asVariable === undefined) throw error;
  ui.say(
    `${printable(step.profile, 60)}: the role does not allow the time that ${step.asVariable} asks for; it gets 1h`,
  );
  return { ...step, durationSeconds: 3600, asVariable: undefined };
}

/**
 * Creates the session of a step. The sessions of its sources are shared too. `--refresh` does not renew them: that would
 * cost a code.
 */
function creator(
  sharing: Omit<Sharing, 'create'>,
  creating: Omit<Creating, 'directory' | 'getSource'>,
): Sharing['create'] {
  const create: Sharing['create'] = async (step) => {
    const { createSession } = await import('./new-session.ts');
    return createSession(step, {
      ...creating,
      directory: sharing.cache?.directory,
      getSource: async (source, refresh) =>
        (await getSharedSession(source, { ...sharing, refresh, create })).session,
    });
  };
  return create;
}

/** The MFA device of a profile, and the profile with its secret where that was read from a key store. */
export interface DeviceOfProfile extends KnownDevice {
  /** Remembers the device. Call it after STS has accepted the device. */
  readonly keep: () => Promise<void>;
  readonly profile: Profile;
}

/** The known device, else the one that AWS lists, else the answer of the user. */
export async function findDevice(
  request: SessionRequest,
  { profile, env, files }: Pick<Chosen, 'profile' | 'env' | 'files'>,
  ui: Ui,
  world: World,
): Promise<DeviceOfProfile> {
  const keep = async () => {};
  if (request.noMfa) return { serialNumber: undefined, profile, keep };
  const cache = cacheOf({ env, home: world.home });
  const known = attempt(() => knownDevice(request.serialNumber, profile, (id) => cache?.device(id)));
  if (known && !(known instanceof UserError)) return { ...known, profile, keep };
  try {
    // AWS is asked with the keys. The session uses the secret of the store too, which is read once.
    const source = sourceOf(profile);
    const isStored = 'keys' in source && source.keys.store;
    const opened = isStored
      ? await (await import('../stores/stores.ts')).openProfile(profile, ui, world)
      : profile;
    const remember = (accessKeyId: string, serial: string) => cache?.keepDevice(accessKeyId, serial);
    const search = { request, profile: opened, env, files, ui, world, remember };
    const { deviceInstead, findDevice: find } = await import('../mfa/find-device.ts');
    const found = await (known ? deviceInstead(known, search) : find(search));
    return { ...found, profile: opened };
  } catch (error) {
    throw explain(error, request, profile);
  }
}

/** In an IDE or an SDK nobody can answer. The hint names the command that gets the session in a terminal. */
function explain(error: unknown, { cli }: SessionRequest, { kind, name }: Profile): unknown {
  if (!(error instanceof UserError)) return error;
  // Keys in the environment are in this one alone.
  if (error.exit === Exit.cannotAsk && name !== environmentProfile) {
    const hint = `In any terminal: ${cli.loginLine(name)}. ${error.hint ?? ''}`.trim();
    return new UserError(error.exit, error.code, error.message, hint);
  }
  // An error about a source profile does not name the profile of the request.
  const quoted = `"${printable(name, 60)}"`;
  if (error.exit !== Exit.refused || kind !== 'role' || error.message.includes(quoted)) return error;
  return new UserError(error.exit, error.code, `${error.message} (on the way to ${quoted})`, error.hint);
}
