import type { Invocation } from '../cli/invocation.ts';
import type { Outcome, World } from '../world.ts';
import { report } from './report.ts';
import { session } from './session.ts';

/** `awsmfa login`: a session in the cache, for every shell and tool that asks for it later. */
export async function login(invocation: Invocation, world: World): Promise<Outcome> {
  report(await session(invocation, world), invocation, world);
  return { stdout: '', exit: 0 };
}
