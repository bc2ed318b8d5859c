import type { SessionRequest } from '../request.ts';
import { getSession } from '../session/get-session.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { reportSession } from './report.ts';

/** `awsmfa login`: a session in the cache, for every shell and tool that asks for it later. */
export async function login(request: SessionRequest, ui: Ui, world: World): Promise<Outcome> {
  reportSession(await getSession(request, ui, world), ui, world);
  return { stdout: '', exit: 0 };
}
