import { Exit, UserError } from '../../errors.ts';
import { type Change, lead } from '../../export/environment.ts';
import { printable } from '../../printable.ts';
import type { SessionRequest } from '../../request.ts';
import type { Place } from '../../serve/server.ts';
import type { Chosen } from '../../session/get-session.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { warningOf } from '../serve/place.ts';
import { type Serving, serving } from '../serve/serving.ts';
import { nothing, shadowing } from '../serve/shadow.ts';

/**
 * `awsmfa exec --serve`: a server for a command that outlives its session, and the change that leads it there.
 *
 * @throws UserError configuration where the command would never ask, because it finds something else before
 */
export async function served(
  request: SessionRequest,
  place: Place,
  chosen: Chosen,
  ui: Ui,
  world: World,
): Promise<Serving & { readonly change: Change }> {
  const hidden = hide(world);
  const running = await serving({ request, place, also: [] }, ui, world, chosen);
  for (const line of [hidden.line, warningOf(place)]) if (line) ui.say(line);
  const applied = { ...running.held, keepProfile: false };
  return { ...running, change: [...lead(running.server, applied, world.env), ...hidden.change] };
}

/** Programs look into the profile `default` before they ask a server: its keys are hidden from them. */
function hide(world: World): { readonly line?: string; readonly change: Change } {
  const shadow = shadowing(world);
  if (!shadow) return { change: [] };
  const path = printable(shadow.path, 100);
  if (shadow.file === 'config') {
    throw new UserError(
      Exit.configuration,
      'default-comes-first',
      `[default] of ${path} has credentials, and programs take those before they ask a server`,
      'Give that section another name, or leave --serve out.',
    );
  }
  return {
    line: `Hidden from the command, which would take the keys of [default] before it asks: ${path}`,
    change: [{ set: 'AWS_SHARED_CREDENTIALS_FILE', value: nothing(world) }],
  };
}
