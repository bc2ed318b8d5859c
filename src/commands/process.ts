import { process as protocol } from '../export/dialects/data.ts';
import { apply } from '../export/environment.ts';
import type { SessionRequest } from '../request.ts';
import { getSession } from '../session/get-session.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';

/** `awsmfa process`: a `credential_process` (AWS SDKs and Tools reference guide, "Process credential provider"). */
export async function process(request: SessionRequest, ui: Ui, world: World): Promise<Outcome> {
  const held = await getSession(request, ui, world);
  const change = apply(held.session, { ...held, keepProfile: false }, {});
  return { stdout: protocol.render(change), exit: 0 };
}
