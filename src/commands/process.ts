import type { Invocation } from '../cli/invocation.ts';
import { process as protocol } from '../export/dialects/data.ts';
import { apply } from '../export/environment.ts';
import type { Outcome, World } from '../world.ts';
import { session } from './session.ts';

/** `awsmfa process`: a `credential_process` (AWS SDKs and Tools reference guide, "Process credential provider"). */
export async function process(invocation: Invocation, world: World): Promise<Outcome> {
  const held = await session(invocation, world);
  const change = apply(held.session, { ...held, keepProfile: false }, {});
  return { stdout: protocol.render(change), exit: 0 };
}
