import { loadSharedFiles } from '../config/files.ts';
import type { Dialect } from '../export/dialect.ts';
import { clear as cleared } from '../export/environment.ts';
import { printable } from '../printable.ts';
import { configuredRegion } from '../profile/choice.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';

/** `awsmfa clear`: the shell code that takes the session out of this shell again. */
export async function clear(dialect: Dialect, ui: Ui, world: World): Promise<Outcome> {
  const { env } = world;
  const held = env.AWSMFA_PROFILE;
  const change = cleared(env, regionOf(held, world));
  ui.say(
    change
      ? `${held ? `${printable(held, 60)}: ` : ''}taken out of this shell`
      : 'This shell holds no session',
  );
  return { stdout: change ? dialect.render(change) : '', exit: 0 };
}

/** Taking secrets out must not fail because a file cannot be read. */
function regionOf(held: string | undefined, world: World): string | undefined {
  try {
    return held ? configuredRegion(held, loadSharedFiles(world)) : undefined;
  } catch {
    return undefined;
  }
}
