import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { rfc3339 } from '../credentials.ts';
import { sayDuration, sayTimeAndZone } from '../duration.ts';
import { attempt, Exit, UserError } from '../errors.ts';
import { serverOf } from '../export/memory.ts';
import { environmentCredentials } from '../profile/keys.ts';
import { type Profile, settingsOf } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import { type Paints, plain, screen } from '../screen.ts';
import { cacheDirectory } from '../session/cache.ts';
import { type SessionSection, sessionSections } from '../session/written.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import type { Identity } from '../sts/identity.ts';
import { printable, profileWord } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { rowFor, shownKey } from './overview.ts';
import { type Holding, holdingOf, type Problem, problemsOf } from './problems.ts';

interface StatusOptions {
  readonly request: SessionRequest;
  readonly json: boolean;
  /** Ask STS whose the keys are. */
  readonly verify: boolean;
}

/** `awsmfa status`: what this shell holds, and what is wrong with it. Offline, but for `--verify`. */
export async function status(
  { request, json: isJson, verify: isVerified }: StatusOptions,
  ui: Ui,
  world: World,
): Promise<Outcome> {
  const { env } = world;
  const now = world.now() / 1000;
  const read = attempt(() => loadSharedFiles(world));
  // Files that cannot be read are one more problem: the environment can be shown in any case.
  const files = read instanceof UserError ? undefined : read;
  const holding = holdingOf(env, files);
  const row = files && holding.profile ? rowFor(holding.profile, request, files, world) : undefined;
  const section = files && holding.accessKeyId === undefined ? sectionInUse(files, world) : undefined;
  const problems = [
    ...(read instanceof UserError ? [{ code: read.code, message: read.message, hint: read.hint ?? '' }] : []),
    ...(section && section.session.expiration <= now ? [endedSection(section, now)] : []),
    ...problemsOf({ env, files, holding, cached: row?.cached, now }),
  ];
  const identity = isVerified ? await ui.sayIfSlow('Waiting for STS …', verify(holding, world)) : undefined;
  if (isJson) {
    const inUse = section && { section: { ...sectionJson(section), ...expiry(section.session, now) } };
    const object = { ...json(holding, now), ...inUse, problems, ...identity };
    return { stdout: `${JSON.stringify(object, undefined, 2)}\n`, exit: 0 };
  }
  const { paint = plain } = screen(world);
  const server = serverOf(env);
  const key = row && shownKey(row, now);
  const lines = [
    ...(section && !server ? [sectionLine(section, now, paint)] : []),
    ...facts(holding, server, identity, now, paint),
    ...(key === undefined ? [] : [fact('key store', key, paint)]),
    ...problems.flatMap(({ message, hint }) => ['', `${paint.yellow('!')} ${message}`, `  ${hint}`]),
  ];
  return { stdout: `${lines.join('\n')}\n`, exit: 0 };
}

/** The section that programs read here, if `write` has put a session there. */
function sectionInUse(files: SharedFiles, { env, home }: World): SessionSection | undefined {
  const name = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || 'default';
  return sessionSections(files, cacheDirectory(env, home)).find(({ section }) => section === name);
}

function endedSection({ section, session }: SessionSection, now: number): Problem {
  const ago = sayDuration(now - session.expiration);
  return {
    code: 'expired-section',
    message: `The session in [${printable(section, 60)}] ended ${ago} ago`,
    hint: `Renew it: awsmfa write ${profileWord(section)}`,
  };
}

function json({ profile, accessKeyId, region, scope, ...held }: Holding, now: number) {
  return {
    profile: profile ?? null,
    access_key_id: accessKeyId ?? null,
    region: region ?? null,
    ...(scope === undefined ? {} : { scope }),
    ...expiry(held, now),
  };
}

function sectionJson({ section, profile }: SessionSection) {
  return { name: section, source_profile: profile ?? null };
}

function expiry({ expiration }: Pick<Holding, 'expiration'>, now: number) {
  if (expiration === undefined) return { expiration: null, expires_in: null };
  return { expiration: rfc3339(expiration), expires_in: Math.max(0, Math.floor(expiration - now)) };
}

function sectionLine({ section, session, profile }: SessionSection, now: number, paint: Paints): string {
  const whose = profile === undefined ? '' : ` of ${printable(profile, 60)}`;
  return `Programs here read [${printable(section, 60)}], a session${whose} until ${until(session.expiration, now, paint)}.`;
}

function facts(
  { profile, accessKeyId, region, expiration, scope }: Holding,
  server: string | undefined,
  identity: Identity | undefined,
  now: number,
  paint: Paints,
): readonly string[] {
  const lines = [
    fact('profile', profile, paint),
    fact('access key', accessKeyId, paint),
    fact('region', region, paint),
    ...(scope === undefined ? [] : [fact('scope', scope, paint)]),
    `${label('expires', paint)}${expiration === undefined ? '-' : until(expiration, now, paint)}`,
    ...(identity ? [fact('account', identity.account, paint), fact('arn', identity.arn, paint)] : []),
  ];
  if (accessKeyId !== undefined) return lines;
  const instead = server ? `Programs in this shell ask a server: ${printable(server)}` : undefined;
  return [instead ?? 'This shell holds no session.', ...lines];
}

function fact(name: string, value: string | undefined, paint: Paints): string {
  return `${label(name, paint)}${value ? printable(value) : '-'}`;
}

function label(name: string, { dim }: Paints): string {
  return `${dim(name.padEnd(10))}  `;
}

/** The time, and in brackets what is left until then. */
function until(expiration: number, now: number, { green, yellow, red }: Paints): string {
  const seconds = expiration - now;
  const paint = seconds <= 0 ? red : seconds < 600 ? yellow : green;
  const left = seconds <= 0 ? 'expired' : `${sayDuration(seconds)} left`;
  return `${sayTimeAndZone(expiration, now * 1000)} (${paint(left)})`;
}

/**
 * Asks STS whose keys the shell holds.
 *
 * @throws UserError when there are none, and when STS does not take them
 */
async function verify({ profile = 'default' }: Holding, world: World): Promise<Identity> {
  const credentials = environmentCredentials(world.env);
  const hint = 'Get a session: awsmfa use';
  if (!credentials) {
    throw new UserError(
      Exit.failed,
      'no-keys',
      'This shell holds no keys that STS could be asked about',
      hint,
    );
  }
  const files = loadSharedFiles(world);
  // Only what the endpoint is made of: the profile may be gone from the files, and its keys are in the environment.
  const named: Profile = { kind: 'login', name: profile, setting: settingsOf(profile, files) };
  const endpoint = stsEndpoint({}, world.env, named, files);
  const { identify } = await import('../sts/identity.ts');
  return identify(credentials, profile, endpoint, world.now).catch((error) => {
    // An error about a source is about the shell's own keys here.
    if (error instanceof UserError && error.code === 'source-expired') {
      throw new UserError(
        Exit.refused,
        'expired',
        'The session of this shell has expired',
        'Run: awsmfa use',
      );
    }
    if (!(error instanceof UserError) || error.code !== 'unknown-key') throw error;
    const message = 'AWS does not know the keys of this shell: deleted, disabled, or of another partition';
    throw error.with({ message, hint });
  });
}
