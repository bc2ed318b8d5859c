import type { Invocation } from '../cli/invocation.ts';
import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { leastTimeLeft } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { withoutOurRegion } from '../export/environment.ts';
import { hasCode } from '../mfa/unattended.ts';
import { printable } from '../printable.ts';
import { chooseProfile } from '../profile/choice.ts';
import { configuredRegion, type Profile } from '../profile/profile.ts';
import { checkedRegion } from '../profile/region.ts';
import { resolveProfile } from '../profile/resolve.ts';
import { cacheDirectory, openCache } from '../session/cache.ts';
import { type Obtained, obtain, type Sources } from '../session/obtain.ts';
import { keyOf, rootOf, type Step } from '../session/plan.ts';
import { planOf } from '../session/planning.ts';
import type { Environment, World } from '../world.ts';
import { deviceFor } from './device.ts';

/** A session together with what the commands say and export about it. */
export interface Held extends Obtained {
  readonly profile: string;
  /** The region to export, of `--region`, else of the profile. */
  readonly region: string | undefined;
  readonly profileRegion: string | undefined;
  /** The region of the profile whose session this shell holds already. */
  readonly heldRegion: string | undefined;
}

/** What a command line is about, before anything is asked or sent. */
export interface Chosen {
  readonly profile: Profile;
  readonly files: SharedFiles;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  /** As in `Held`. */
  readonly region: string | undefined;
  readonly profileRegion: string | undefined;
  readonly heldRegion: string | undefined;
}

/**
 * The profile that a command line means, and what it is made of.
 *
 * @throws UserError configuration, for everything that is wrong in the files
 */
export function choose(invocation: Invocation, world: World): Chosen {
  const { flags } = invocation;
  const files = loadSharedFiles(world);
  const heldRegion = configuredRegion(world.env.AWSMFA_PROFILE, files);
  const env = withoutOurRegion(world.env, heldRegion);
  const choice = chooseProfile(invocation, env);
  debugging(
    flags,
    world,
  )(`profile ${choice.name}, named by ${choice.by}; files ${files.configPath}, ${files.credentialsPath}`);
  const profile = withRole(resolveProfile(choice, files, env), flags['role-arn']);
  const setting = profile.setting('region');
  const profileRegion = setting && checkedRegion(setting.value, setting.by);
  const region = flags.region ? checkedRegion(flags.region, '--region') : profileRegion;
  return { profile, files, env, region, profileRegion, heldRegion };
}

/** The way from the command line to a session: profile, device, plan, then cache or STS. */
export async function session(
  invocation: Invocation,
  outside: World,
  chosen = choose(invocation, outside),
): Promise<Held> {
  const { flags } = invocation;
  // Programs that a setting names are given the terminal, and ask there.
  const world = flags['no-prompt'] ? { ...outside, openTerminal: () => undefined } : outside;
  const { profile, files, env, region, profileRegion, heldRegion } = chosen;
  const debug = debugging(flags, world);
  const root = rootOf(profile);
  if (root.kind === 'process') {
    // Before the lock: the awsmfa that runs the program holds it, and each would wait for the other.
    (await import('../providers/circle.ts')).refuseCircle(root, { env, files });
  }
  const directory = cacheDirectory(env, world.home);
  const cache = directory === undefined ? undefined : openCache(directory);
  const sources: Omit<Sources, 'issue'> = {
    cache,
    now: world.now,
    minTtl: leastTimeLeft(flags['min-ttl'], env.AWSMFA_MIN_TTL),
    refresh: flags.refresh ?? false,
    command: invocation.command ?? 'use',
    mayWait: !flags['no-prompt'] || hasCode(flags, world.env, profile),
    say: (line) => flags.quiet || world.say(line),
    debug,
  };
  const device = await deviceFor(invocation, chosen, world, cache, debug);
  if (device.serialNumber && env.AWSMFA_MFA_SERIAL === device.serialNumber) {
    (await import('../providers/circle.ts')).refuseOwnCode(env);
  }
  const step = planOf(profile, { flags, env, files, serialNumber: device.serialNumber });
  debug(`plan ${keyOf(step)}`);
  const obtained = await obtain(step, {
    ...sources,
    issue: (step) => issue(step, sources, invocation, world, profile),
  }).catch((error) => {
    throw onTheWay(error, profile);
  });
  if (obtained.from === 'sts') await device.keep();
  return { ...obtained, profile: profile.name, region, profileRegion, heldRegion };
}

/** What a profile further down was refused says for whom it was. */
function onTheWay(error: unknown, { kind, name }: Profile): unknown {
  const named = `"${printable(name, 60)}"`;
  if (kind !== 'role' || !(error instanceof UserError) || error.exit !== Exit.refused) return error;
  if (error.message.includes(named)) return error;
  return new UserError(error.exit, error.code, `${error.message} (on the way to ${named})`, error.hint);
}

/** `--role-arn` makes a role of any profile; of one that is a role already it replaces the ARN. */
export function withRole(profile: Profile, roleArn: string | undefined): Profile {
  if (!roleArn) return profile;
  const setting = { value: roleArn, by: '--role-arn' };
  if (profile.kind === 'role') return { ...profile, roleArn: setting };
  // How long the keys' own session lives says nothing about the role.
  const ofRole: Profile['setting'] = (key) => (key === 'duration_seconds' ? undefined : profile.setting(key));
  return { kind: 'role', name: profile.name, setting: ofRole, roleArn: setting, source: profile };
}

/** A step further down is obtained the same way, but refreshed only if it is worn out: that would cost a code. */
async function issue(
  step: Step,
  sources: Omit<Sources, 'issue'>,
  invocation: Invocation,
  world: World,
  profile: Profile,
) {
  const { issue: issueStep } = await import('../session/issue.ts');
  const below = (refresh: boolean): Sources => ({
    ...sources,
    refresh,
    issue: (source) => issue(source, sources, invocation, world, profile),
  });
  return issueStep(step, {
    flags: invocation.flags,
    world,
    profile,
    directory: sources.cache?.directory,
    debug: sources.debug,
    obtain: async (source, refresh) => (await obtain(source, below(refresh))).session,
  });
}

/** What `--debug` says goes through here; no secret is ever given to it. */
function debugging(flags: Invocation['flags'], world: World): (line: string) => void {
  return flags.debug ? (line) => world.say(`debug: ${printable(line, 1000)}`) : () => {};
}
