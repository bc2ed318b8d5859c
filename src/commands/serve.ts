import { sayDuration } from '../duration.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import type { Dialect } from '../export/dialect.ts';
import { type Change, lead, type Server } from '../export/environment.ts';
import type { SessionRequest } from '../request.ts';
import { type Keeper, type Kept, keep } from '../serve/keep.ts';
import { containerCredentials, type Place, startServer, Unavailable } from '../serve/server.ts';
import { type Chosen, chooseFor, getSession, type Held } from '../session/get-session.ts';
import { isLeftAlone } from '../system/processes.ts';
import { printable } from '../text.ts';
import { silent, type Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { findShadows, hideFromCommand, type Shadow } from './shadows.ts';

interface ServeOptions {
  readonly request: SessionRequest;
  readonly place: Place;
  /** Further profiles, each at `/role/NAME`. */
  readonly also: readonly { readonly name: string; readonly request: SessionRequest }[];
}

/**
 * `awsmfa serve`: sessions for programs that ask for them (AWS SDKs and Tools reference guide, "Container credential
 * provider"), renewed for as long as that goes without a code. stdout is what leads a shell here.
 */
export async function serve(
  options: ServeOptions & { readonly dialect: Dialect },
  ui: Ui,
  world: World,
): Promise<Outcome> {
  const { dialect, place } = options;
  const { server, held, also, close } = await serving(options, ui, world);
  const ended = firstSignal();
  const change = lead(server, { ...held, keepProfile: false }, dialect.kind === 'code' ? world.env : {});
  const left = sayDuration(held.session.expiration - world.now() / 1000);
  // Ctrl-C does not reach a server in the background, whose stdout goes to a shell.
  const until = `until ${world.stdoutIsTerminal() ? 'Ctrl-C or ' : ''}kill ${process.pid}`;
  ui.say(`${printable(held.profile, 60)}: served at ${server.url} ${until}, session ${left} left`);
  for (const [name, url] of also) ui.say(`${printable(name, 60)}: served at ${url}`);
  for (const line of [...warningsOf(place), ...findShadows(world).map(shadowWarning)]) ui.say(line);
  if (world.stdoutIsTerminal() && dialect.kind === 'code') {
    ui.say('Paste this into the shell that is to use it, or start a program with awsmfa exec --serve:');
  }
  return {
    stdout: dialect.render(change),
    exit: Exit.ok,
    after: async () => {
      const exit = await ended;
      await close();
      return exit;
    },
  };
}

function shadowWarning({ file, path }: Shadow): string {
  const [who, what] =
    file === 'boto' ? ['boto3 and the AWS CLI', 'keys'] : ['Programs', 'what [default] has'];
  return `${who} read ${printable(path)}, and take ${what} there before they ask a server`;
}

/** What to know about a server that more than this machine can reach; nothing for loopback. */
function warningsOf({ address }: Place): readonly string[] {
  if (address.startsWith('127.') || address === '::1') return [];
  const refused = containerAddresses.includes(address.toLowerCase())
    ? ''
    : `, and SDKs refuse plain HTTP there (they take loopback, ${containerAddresses.join(', ')})`;
  return [`Whatever reaches ${address} can ask: the token is all that protects it${refused}`];
}

/** ECS, and EKS (botocore's `ContainerMetadataFetcher`, `checkUrl` of the SDK for JavaScript). */
const containerAddresses = ['169.254.170.2', '169.254.170.23', 'fd00:ec2::23'];

function firstSignal(): Promise<number> {
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      if (signal === 'SIGINT' && isLeftAlone()) return;
      process.off('SIGINT', heard).off('SIGTERM', heard);
      resolve(signal === 'SIGINT' ? Exit.interrupted : Exit.terminated);
    };
    process.on('SIGINT', heard).on('SIGTERM', heard);
  });
}

/** Sessions that are kept fresh, and the server that hands them out. */
interface Serving {
  /** Leads to the first profile. */
  readonly server: Server;
  /** The session of that profile, as it was got. */
  readonly held: Held;
  /** Where the profiles of `--also` are, by name. */
  readonly also: ReadonlyMap<string, string>;
  close(): Promise<void>;
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
  for (const line of [...hidden.lines, ...warningsOf(place)]) ui.say(line);
  const applied = { ...running.held, keepProfile: false };
  return { ...running, change: [...lead(running.server, applied, world.env), ...hidden.change] };
}

/**
 * Gets the sessions the usual way, which may ask, and serves them from then on, asking nobody.
 *
 * @throws UserError as for any session; usage for a place that is none; failed when nobody can listen there
 */
async function serving(
  { request, place, also: others }: ServeOptions,
  ui: Ui,
  world: World,
  chosen?: Chosen,
): Promise<Serving> {
  const keepers = new Map<string, Keeper>();
  // First, so that an address that cannot be used does not cost a code. Nobody has the token yet.
  const server = await startServer(place, (path) => {
    const keeper = keepers.get(path === '/' ? path : (nameIn(path) ?? ''));
    return keeper?.current().then(({ body }) => body);
  });
  const close = () => {
    for (const keeper of keepers.values()) keeper.stop();
    return server.close();
  };
  try {
    const first = await kept(request, ui, world, chosen);
    const keeper = keeperOf(first, request, ui, world);
    keepers.set('/', keeper);
    const also = new Map<string, string>();
    for (const { name, request } of others) {
      keepers.set(name, keeperOf(await kept(request, ui, world), request, ui, world));
      also.set(name, `${server.url}role/${encodeURIComponent(name)}`);
    }
    keepers.set(first.held.profile, keeper);
    return { server, held: first.held, also, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function nameIn(path: string): string | undefined {
  const [, name] = /^\/role\/(.+)$/s.exec(path) ?? [];
  return orUndefined(() => name && decodeURIComponent(name));
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

/** Renews a session, and says in the terminal of the server what is wrong and what to do. Nobody is asked there. */
function keeperOf(first: KeptProfile, request: SessionRequest, ui: Ui, world: World): Keeper {
  const { profile } = first.held;
  const name = printable(profile, 60);
  const login = request.cli.loginLine(profile);
  const alone = silent(ui);
  // The renewal uses what the cache has got since. The code that was given was spent on the first session.
  const code = { ...request.code, given: undefined, fromStdin: undefined };
  const keeper = keep(
    first,
    {
      now: world.now,
      minTtl: request.minTtl,
      renew: () =>
        kept({ ...request, refresh: false, code }, alone, { ...world, openTerminal: alone.terminal }),
      onError: (error, secondsLeft) => {
        const left = secondsLeft > 0 ? `, ${sayDuration(secondsLeft)} left` : '';
        const { message, hint } = described(error);
        if (needsCode(error)) {
          ui.warn(`${name}: an MFA code is needed${left}; in any terminal: ${login}`);
          return;
        }
        ui.warn(`${name}: not renewed${left}: ${message}`);
        if (hint) ui.say(`  ${hint}`);
      },
      onMended: ({ session }) =>
        ui.say(`${name}: renewed, ${sayDuration(session.expiration - world.now() / 1000)} left`),
    },
    // Otherwise waiting does not help: somebody has to give a code, or to correct something.
    (error) => !(error instanceof UserError) || error.exit === Exit.unreachable,
  );
  const current = () =>
    keeper.current().catch((error) => {
      throw unavailable(error, name, login);
    });
  return { ...keeper, current };
}

/** The answer to a program that asks for a session that has ended; botocore shows it to its user. */
function unavailable(error: unknown, name: string, login: string): Unavailable {
  const ended = `The session of ${name} has ended and`;
  if (needsCode(error)) {
    return new Unavailable('code-needed', `${ended} an MFA code is needed. Run in a terminal: ${login}`);
  }
  const { code, message } = described(error);
  return new Unavailable(code, `${ended} could not be renewed: ${message}`);
}

function needsCode(error: unknown): boolean {
  return error instanceof UserError && error.exit === Exit.cannotAsk;
}

function described(error: unknown): Pick<UserError, 'code' | 'message' | 'hint'> {
  if (error instanceof UserError) return error;
  return { code: 'unexpected', message: printable(String(error), 200), hint: undefined };
}
