import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { rfc3339 } from '../credentials.ts';
import { sayDuration, sayTimeAndZone } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { serverOf } from '../export/memory.ts';
import { printable } from '../printable.ts';
import { environmentCredentials } from '../profile/keys.ts';
import type { Profile } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import { cacheDirectory } from '../session/cache.ts';
import { type SessionSection, sessionSections } from '../session/written.ts';
import { profileWord } from '../shell-word.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import type { Identity } from '../sts/identity.ts';
import type { Outcome, World } from '../world.ts';
import { cachedSession, keptKeyOf } from './overview.ts';
import { type Holding, holdingOf, type Problem, problemsOf } from './problems.ts';
import { type Paints, plain, screen } from './screen.ts';

interface StatusOptions {
  readonly request: SessionRequest;
  readonly json: boolean;
  /** Ask STS whose the keys are. */
  readonly verify: boolean;
}

/** `awsmfa status`: what this shell holds, and what is wrong with it. Offline, but for `--verify`. */
export async function status(
  { request, json: isJson, verify: isVerified }: StatusOptions,
  world: World,
): Promise<Outcome> {
  const { env } = world;
  const now = world.now() / 1000;
  const { files, unread } = readable(world);
  const holding = holdingOf(env, files);
  const cached = files && holding.profile ? cachedSession(holding.profile, request, files, world) : undefined;
  const section = files && holding.accessKeyId === undefined ? sectionInUse(files, world) : undefined;
  const ended = section && endedSection(section, now);
  const found = problemsOf({ env, files, holding, cached, now });
  const problems = [...unread, ...(ended ? [ended] : []), ...found];
  const identity = isVerified ? await verify(holding, world) : undefined;
  if (isJson) {
    const object = {
      ...json(holding, now),
      ...(section && { section: sectionJson(section, now) }),
      problems,
      ...identity,
    };
    return { stdout: `${JSON.stringify(object, undefined, 2)}\n`, exit: 0 };
  }
  const { paint = plain } = screen(world);
  const key = files && holding.profile ? keptKeyOf(holding.profile, request, files, world) : undefined;
  const lines = [
    ...(section && !serverOf(env) ? [sectionLine(section, now, paint)] : []),
    ...facts(holding, serverOf(env), identity, now, paint),
    ...(key === undefined ? [] : [`${paint.dim('key store'.padEnd(10))}  ${printable(key, 100)}`]),
    ...problems.flatMap((one) => complaint(one, paint)),
  ];
  return { stdout: `${lines.join('\n')}\n`, exit: 0 };
}

/** Files that cannot be read are one more problem: what the environment holds can be told all the same. */
function readable(world: World): { files: SharedFiles | undefined; unread: readonly Problem[] } {
  try {
    return { files: loadSharedFiles(world), unread: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, hint = '' } = error;
    return { files: undefined, unread: [{ code, message, hint }] };
  }
}

/** The section that programs read here, if `write` has put a session there. */
function sectionInUse(files: SharedFiles, { env, home }: World): SessionSection | undefined {
  const name = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || 'default';
  return sessionSections(files, cacheDirectory(env, home)).find(({ section }) => section === name);
}

function sectionLine({ section, session, profile }: SessionSection, now: number, paint: Paints): string {
  const whose = profile === undefined ? '' : ` of ${printable(profile, 60)}`;
  return `Programs here read [${printable(section, 60)}], a session${whose} until ${sayTimeAndZone(session.expiration, now * 1000)}${left(session.expiration - now, paint)}.`;
}

function sectionJson({ section, session, profile }: SessionSection, now: number) {
  return {
    name: section,
    source_profile: profile ?? null,
    expiration: rfc3339(session.expiration),
    expires_in: Math.max(0, Math.floor(session.expiration - now)),
  };
}

function endedSection({ section, session }: SessionSection, now: number): Problem | undefined {
  if (session.expiration > now) return undefined;
  return {
    code: 'expired-section',
    message: `The session in [${printable(section, 60)}] ended ${sayDuration(now - session.expiration)} ago`,
    hint: `Renew it: awsmfa write ${profileWord(section)}`,
  };
}

function json({ profile, accessKeyId, region, expiration, scope }: Holding, now: number) {
  return {
    profile: profile ?? null,
    access_key_id: accessKeyId ?? null,
    region: region ?? null,
    ...(scope === undefined ? {} : { scope }),
    expiration: expiration === undefined ? null : rfc3339(expiration),
    expires_in: expiration === undefined ? null : Math.max(0, Math.floor(expiration - now)),
  };
}

function facts(
  { profile, accessKeyId, region, expiration, scope }: Holding,
  server: string | undefined,
  identity: Identity | undefined,
  now: number,
  paint: Paints,
): readonly string[] {
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['profile', profile && printable(profile, 100)],
    ['access key', accessKeyId && printable(accessKeyId, 100)],
    ['region', region && printable(region, 60)],
    ...(scope === undefined ? [] : ([['scope', printable(scope, 100)]] as const)),
    [
      'expires',
      expiration === undefined
        ? undefined
        : `${sayTimeAndZone(expiration, now * 1000)}${left(expiration - now, paint)}`,
    ],
    ...(identity
      ? ([
          ['account', printable(identity.account)],
          ['arn', printable(identity.arn)],
        ] as const)
      : []),
  ];
  const shown = lines.map(([label, value]) => `${paint.dim(label.padEnd(10))}  ${value ? value : '-'}`);
  if (accessKeyId !== undefined) return shown;
  const instead = server ? `Programs in this shell ask a server: ${printable(server)}` : undefined;
  return [instead ?? 'This shell holds no session.', ...shown];
}

function left(seconds: number, { green, yellow, red }: Paints): string {
  if (seconds <= 0) return ` (${red('expired')})`;
  return ` (${(seconds < 600 ? yellow : green)(`${sayDuration(seconds)} left`)})`;
}

function complaint({ message, hint }: Problem, { yellow }: Paints): readonly string[] {
  return ['', `${yellow('!')} ${message}`, `  ${hint}`];
}

/**
 * Asks STS whose keys the shell holds.
 *
 * @throws UserError when there are none, and when STS does not take them
 */
async function verify({ profile = 'default' }: Holding, world: World): Promise<Identity> {
  const credentials = environmentCredentials(world.env);
  if (!credentials) {
    throw new UserError(
      Exit.failed,
      'no-keys',
      'This shell holds no keys that STS could be asked about',
      'Get a session: awsmfa use',
    );
  }
  const files = loadSharedFiles(world);
  const endpoint = stsEndpoint({}, world.env, settingsOf(profile, files), files);
  const { identify } = await import('../sts/identity.ts');
  return identify(credentials, profile, endpoint, world.now).catch((error) => {
    throw ofThisShell(error);
  });
}

/** An error about a source is about the shell's own keys here. */
function ofThisShell(error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  if (error.code === 'source-expired') {
    return new UserError(Exit.refused, 'expired', 'The session of this shell has expired', 'Run: awsmfa use');
  }
  if (error.code === 'unknown-key') {
    return new UserError(
      Exit.refused,
      'unknown-key',
      'AWS does not know the keys of this shell: deleted, disabled, or of another partition',
      'Get a session: awsmfa use',
    );
  }
  return error;
}

/** Only what the endpoint is made of: the profile may be gone from the files, and its keys are in the environment. */
function settingsOf(name: string, files: SharedFiles): Profile {
  return {
    kind: 'login',
    name,
    setting: (key) => {
      const value = (files.profile(name) ?? files.profile(`${name}-long-term`))?.get(key);
      return value ? { value, by: `${key} of profile` } : undefined;
    },
  };
}
