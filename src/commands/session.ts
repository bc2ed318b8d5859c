import type { Invocation } from '../cli/options.ts';
import { chooseProfile } from '../config/choice.ts';
import { type AskedDuration, parseDuration, sessionSeconds } from '../config/duration.ts';
import { loadSharedFiles } from '../config/files.ts';
import { configuredRegion, type Profile, resolveProfile } from '../config/profile.ts';
import { checkedRegion } from '../config/region.ts';
import { Exit, UserError } from '../errors.ts';
import { configuredDevice } from '../mfa/device.ts';
import { printable } from '../printable.ts';
import { type Cache, cacheDirectory, openCache } from '../session/cache.ts';
import { stsEndpoint } from '../session/endpoint.ts';
import { type Obtained, obtain, type Sources } from '../session/obtain.ts';
import type { SessionRequest } from '../session/request.ts';
import type { World } from '../world.ts';

/** A session together with what the commands say and export about it. */
export interface Held extends Obtained {
  readonly profile: string;
  /** The region to export, of `--region`, else of the profile. */
  readonly region: string | undefined;
  readonly profileRegion: string | undefined;
  /** The region of the profile whose session this shell holds already. */
  readonly heldRegion: string | undefined;
}

/** The way from the command line to a session: profile, device, endpoint, duration, then cache or STS. */
export async function session(invocation: Invocation, world: World): Promise<Held> {
  const { flags } = invocation;
  const { env } = world;
  const files = loadSharedFiles(world);
  const profile = resolveProfile(chooseProfile(invocation, env), files, env);
  const directory = cacheDirectory(env, world.home);
  const cache = directory === undefined ? undefined : openCache(directory);
  const configured = configuredDevice(flags, env, profile);
  const profileRegion = regionOf(profile);
  const region = flags.region ? checkedRegion(flags.region, '--region') : profileRegion;
  const durationSeconds = sessionSeconds(askedDuration(invocation, world, profile));
  const endpoint = stsEndpoint(flags, env, profile, files);
  const minTtl = leastTimeLeft(env.AWSMFA_MIN_TTL);
  const serialNumber = configured ?? (await unconfiguredDevice(invocation, world, profile, cache));

  const request: SessionRequest = {
    profile: profile.name,
    accessKeyId: profile.accessKeyId,
    secretAccessKey: profile.secretAccessKey,
    serialNumber: serialNumber || undefined,
    durationSeconds,
    endpoint,
  };
  const sources: Sources = {
    cache,
    now: world.now,
    minTtl,
    refresh: flags.refresh ?? false,
    say: (line) => flags.quiet || world.say(line),
    issue: async (request) => {
      const { issue } = await import('../session/issue.ts');
      return issue(request, flags, world);
    },
  };
  const obtained = await obtain(request, sources);
  if (configured === undefined && obtained.from === 'sts') keepDevice(cache, profile, serialNumber);
  const heldRegion = configuredRegion(env.AWSMFA_PROFILE, files);
  return { ...obtained, profile: profile.name, region, profileRegion, heldRegion };
}

function regionOf(profile: Profile): string | undefined {
  const region = profile.setting('region');
  return region && checkedRegion(region.value, region.by);
}

function askedDuration({ flags }: Invocation, { env }: World, profile: Profile): AskedDuration | undefined {
  if (flags.duration !== undefined) return { text: flags.duration, by: '--duration' };
  for (const by of ['AWSMFA_DURATION', 'MFA_STS_DURATION']) {
    const text = env[by];
    if (text) return { text, by };
  }
  const setting = profile.setting('duration_seconds');
  return setting && { text: setting.value, by: setting.by };
}

/** `AWSMFA_MIN_TTL`, as seconds or a duration; 5 minutes, so that nothing expires in the middle of a command. */
function leastTimeLeft(text: string | undefined): number {
  if (!text) return 300;
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new UserError(
    Exit.usage,
    'bad-duration',
    `AWSMFA_MIN_TTL: "${printable(text, 40)}" is no duration`,
    'Write seconds or units: 300, 5m.',
  );
}

/** The device this access key was last used with, else the answer to a question; `''` for none. */
async function unconfiguredDevice(
  { flags }: Invocation,
  world: World,
  profile: Profile,
  cache: Cache | undefined,
): Promise<string> {
  const known = cache?.device(profile.accessKeyId);
  if (known !== undefined) return known;
  const terminal = flags['no-prompt'] ? undefined : world.openTerminal();
  if (!terminal) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `Profile "${printable(profile.name, 60)}" names no MFA device, and ${flags['no-prompt'] ? '--no-prompt forbids asking' : 'there is no terminal to ask on'}`,
      'Add mfa_serial = arn:aws:iam::ACCOUNT:mfa/NAME to the profile, or give --serial-number.',
    );
  }
  terminal.close();
  const { askDevice } = await import('../mfa/prompt.ts');
  return askDevice(world, profile.name);
}

/** Remembered only after STS has taken it. A cache that cannot be written has been reported by then. */
function keepDevice(cache: Cache | undefined, profile: Profile, serialNumber: string): void {
  try {
    cache?.keepDevice(profile.accessKeyId, serialNumber);
  } catch {
    // The next run asks again.
  }
}
