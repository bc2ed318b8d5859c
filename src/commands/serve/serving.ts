import type { Session } from '../../credentials.ts';
import { sayDuration } from '../../duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { type Change, lead, type Server } from '../../export/environment.ts';
import { printable } from '../../printable.ts';
import type { SessionRequest } from '../../request.ts';
import { type Keeper, type Kept, keep } from '../../serve/keep.ts';
import { containerCredentials, type Place, startServer, Unavailable } from '../../serve/server.ts';
import { type Chosen, chooseFor, getSession, type Held } from '../../session/get-session.ts';
import { silent, type Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { hideFromCommand } from './hidden.ts';
import { warningOf } from './place.ts';

export interface ServingOptions {
  readonly request: SessionRequest;
  readonly place: Place;
  /** Further profiles, each at `/role/NAME`. */
  readonly also: readonly AlsoServed[];
}

export interface AlsoServed {
  readonly name: string;
  readonly request: SessionRequest;
}

/** Sessions that are kept fresh, and the server that hands them out. */
export interface Serving {
  /** Leads to the first profile. */
  readonly server: Server;
  /** The session of that profile, as it was got. */
  readonly held: Held;
  /** Where the profiles of `--also` are, by name. */
  readonly also: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/**
 * Gets the sessions the usual way, which may ask, and serves them from then on, asking nobody.
 *
 * @throws UserError as for any session; usage for a place that is none; failed when nobody can listen there
 */
export async function serving(
  { request, place, also: others }: ServingOptions,
  ui: Ui,
  world: World,
  chosen?: Chosen,
): Promise<Serving> {
  const keepers = new Map<string, Keeper>();
  // First of all: that nobody can listen there must not cost a code. Who could ask yet does not have the token.
  const server = await startServer(place, (path) => {
    const keeper = keepers.get(path === '/' ? path : (nameIn(path) ?? ''));
    return keeper && bodyOf(keeper);
  });
  const close = () => {
    for (const keeper of keepers.values()) keeper.stop();
    return server.close();
  };
  try {
    const first = await kept(request, ui, world, chosen);
    keepers.set('/', keeper(first, request, ui, world));
    const also = new Map<string, string>();
    for (const { name, request } of others) {
      keepers.set(name, keeper(await kept(request, ui, world), request, ui, world));
      also.set(name, `${server.url}role/${encodeURIComponent(name)}`);
    }
    keepers.set(first.held.profile, keepers.get('/') as Keeper);
    return { server, held: first.held, also, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * `awsmfa exec --serve`: a server for a command that outlives its session, and the change that leads the command there.
 *
 * @throws UserError configuration where the command would never ask, because it finds something else before
 */
export async function servingCommand(
  request: SessionRequest,
  place: Place,
  chosen: Chosen,
  ui: Ui,
  world: World,
): Promise<Serving & { readonly change: Change }> {
  const hidden = hideFromCommand(world);
  const running = await serving({ request, place, also: [] }, ui, world, chosen);
  for (const line of [hidden.line, warningOf(place)]) if (line) ui.say(line);
  const applied = { ...running.held, keepProfile: false };
  return { ...running, change: [...lead(running.server, applied, world.env), ...hidden.change] };
}

interface KeptProfile extends Kept {
  readonly held: Held;
}

async function kept(
  request: SessionRequest,
  ui: Ui,
  world: World,
  chosen = chooseFor(request, ui, world),
): Promise<KeptProfile> {
  const held = await getSession(request, ui, world, chosen);
  const { profile } = chosen;
  const roleArn = profile.kind === 'role' ? profile.roleArn.value : undefined;
  return { held, session: held.session, body: containerCredentials(held.session, roleArn) };
}

function keeper(first: KeptProfile, request: SessionRequest, ui: Ui, world: World): Keeper {
  const { profile } = first.held;
  const about = { profile, login: request.cli.loginLine(profile), ui, world };
  const alone = silent(ui);
  const keeping = {
    now: world.now,
    minTtl: request.minTtl,
    renew: () => kept(withoutCode(request), alone, { ...world, openTerminal: alone.terminal }),
    onError: (error: unknown, secondsLeft: number) => sayError(error, secondsLeft, about),
    onMended: (mended: Kept) => sayMended(mended.session, about),
  };
  const renewed = keep(first, keeping, (error) => !needsPerson(error));
  return {
    ...renewed,
    current: () =>
      renewed.current().catch((error) => {
        throw saidToClient(error, about);
      }),
  };
}

/** A renewal uses what the cache has got since. The code that was given was spent on the first session. */
function withoutCode(request: SessionRequest): SessionRequest {
  return { ...request, refresh: false, code: { ...request.code, given: undefined, fromStdin: false } };
}

async function bodyOf(keeper: Keeper): Promise<string> {
  return (await keeper.current()).body;
}

function nameIn(path: string): string | undefined {
  const [, name] = /^\/role\/(.+)$/s.exec(path) ?? [];
  try {
    return name && decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** The session that could not be renewed. */
interface About {
  readonly profile: string;
  /** The command that gets the session in a terminal. */
  readonly login: string;
  readonly ui: Ui;
  readonly world: World;
}

/** Waiting does not help: somebody has to give a code, or to mend something. */
function needsPerson(error: unknown): boolean {
  return error instanceof UserError && error.exit !== Exit.unreachable;
}

/** In the terminal of the server: what is wrong, and what to do; nobody is asked there, programs are waiting. */
function sayError(error: unknown, secondsLeft: number, about: About): void {
  const { profile, login, ui } = about;
  const name = printable(profile, 60);
  const left = secondsLeft > 0 ? `, ${sayDuration(secondsLeft)} left` : '';
  if (needsCode(error)) {
    ui.warn(`${name}: an MFA code is needed${left}; in any terminal: ${login}`);
    return;
  }
  const { message, hint } = described(error);
  ui.warn(`${name}: not renewed${left}: ${message}`);
  if (hint) ui.say(`  ${hint}`);
}

function sayMended({ expiration }: Session, { profile, ui, world }: About): void {
  ui.say(`${printable(profile, 60)}: renewed, ${sayDuration(expiration - world.now() / 1000)} left`);
}

/** What a program is told that asks for a session that has ended; botocore shows it to its user. */
function saidToClient(error: unknown, about: About): Unavailable {
  const name = printable(about.profile, 60);
  if (needsCode(error)) {
    return new Unavailable(
      'code-needed',
      `The session of ${name} has ended and an MFA code is needed. Run in a terminal: ${about.login}`,
    );
  }
  const { code, message } = described(error);
  return new Unavailable(code, `The session of ${name} has ended and could not be renewed: ${message}`);
}

function needsCode(error: unknown): boolean {
  return error instanceof UserError && error.exit === Exit.cannotAsk;
}

function described(error: unknown): Pick<UserError, 'code' | 'message' | 'hint'> {
  if (error instanceof UserError) return error;
  return { code: 'unexpected', message: printable(String(error), 200), hint: undefined };
}
