import type { Flags, Invocation } from '../../cli/invocation.ts';
import { leastTimeLeft } from '../../duration.ts';
import type { Server } from '../../export/environment.ts';
import { containerCredentials } from '../../serve/credentials.ts';
import { type Keeper, type Kept, keep } from '../../serve/keep.ts';
import { startServer } from '../../serve/server.ts';
import type { World } from '../../world.ts';
import { type Chosen, choose, type Held, session } from '../session.ts';
import { placeOf } from './place.ts';
import { needsPerson, saidToClient, sayMended, sayTrouble } from './trouble.ts';

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
export async function serving(invocation: Invocation, world: World, chosen?: Chosen): Promise<Serving> {
  const { flags } = invocation;
  const keepers = new Map<string, Keeper>();
  // First of all: that nobody can listen there must not cost a code. Who could ask yet does not have the token.
  const server = await startServer(placeOf(flags), (path) => {
    const keeper = keepers.get(path === '/' ? path : (nameIn(path) ?? ''));
    return keeper && bodyOf(keeper);
  });
  const close = () => {
    for (const keeper of keepers.values()) keeper.stop();
    return server.close();
  };
  try {
    const first = await kept(invocation, world, chosen);
    keepers.set('/', keeper(first, invocation, world));
    const also = new Map<string, string>();
    for (const name of flags.also ?? []) {
      const another = forAnother(name, flags);
      keepers.set(name, keeper(await kept(another, world), another, world));
      also.set(name, `${server.url}role/${encodeURIComponent(name)}`);
    }
    keepers.set(first.held.profile, keepers.get('/') as Keeper);
    return { server, held: first.held, also, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What shapes the session of the first profile says nothing about another one. */
function forAnother(argument: string, flags: Flags): Invocation {
  const common = Object.entries(flags).filter(([name]) => ['quiet', 'debug', 'no-prompt'].includes(name));
  return { command: 'serve', argument, flags: Object.fromEntries(common) };
}

interface KeptProfile extends Kept {
  readonly held: Held;
}

async function kept(
  invocation: Invocation,
  world: World,
  chosen = choose(invocation, world),
): Promise<KeptProfile> {
  const held = await session(invocation, world, chosen);
  const { profile } = chosen;
  const roleArn = profile.kind === 'role' ? profile.roleArn.value : undefined;
  return { held, session: held.session, body: containerCredentials(held.session, roleArn) };
}

function keeper(first: KeptProfile, invocation: Invocation, world: World): Keeper {
  const { profile } = first.held;
  const about = { profile, invocation, world };
  const keeping = {
    now: world.now,
    minTtl: leastTimeLeft(invocation.flags['min-ttl'], world.env.AWSMFA_MIN_TTL),
    renew: () => kept(unasked(invocation), withoutCode(world)),
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

/** For a renewal: nothing is asked or said, and what the cache has got since is welcome. */
function unasked({ command, argument, flags }: Invocation): Invocation {
  const { 'token-code': _spent, refresh: _refresh, ...rest } = flags;
  return { command, argument, flags: { ...rest, quiet: true, 'no-prompt': true } };
}

/** It was spent on the first session. */
function withoutCode(world: World): World {
  return { ...world, env: { ...world.env, AWSMFA_TOKEN_CODE: undefined } };
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
