import type { Invocation } from '../cli/options.ts';
import type { Dialect } from '../dialect/dialect.ts';
import { clear as cleared } from '../environment.ts';
import { printable } from '../printable.ts';
import type { Outcome, World } from '../world.ts';

/** `awsmfa clear`: the shell code that takes the session out of this shell again. */
export async function clear({ flags }: Invocation, world: World, dialect: Dialect): Promise<Outcome> {
  const change = cleared(world.env);
  if (!flags.quiet) {
    const held = world.env.AWSMFA_PROFILE;
    world.say(
      change ? `${held ? `${printable(held, 60)}: ` : ''}taken out of this shell` : 'This shell holds no session',
    );
  }
  return { stdout: change ? dialect.render(change) : '', exit: 0 };
}
