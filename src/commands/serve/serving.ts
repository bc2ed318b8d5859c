import type { Server } from '../../export/environment.ts';
import type { SessionRequest } from '../../request.ts';
import { containerCredentials } from '../../serve/credentials.ts';
import { type Keeper, type Kept, keep } from '../../serve/keep.ts';
import { type Place, startServer } from '../../serve/server.ts';
import { type Chosen, chooseFor, getSession, type Held } from '../../session/get-session.ts';
import { silent, type Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { needsPerson, saidToClient, sayMended, sayTrouble } from './trouble.ts';

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
    onTrouble: (trouble: unknown, secondsLeft: number) => sayTrouble(trouble, secondsLeft, about),
    onMended: (mended: Kept) => sayMended(mended.session, about),
  };
  const renewed = keep(first, keeping, (trouble) => !needsPerson(trouble));
  return {
    ...renewed,
    current: () =>
      renewed.current().catch((trouble) => {
        throw saidToClient(trouble, about);
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
