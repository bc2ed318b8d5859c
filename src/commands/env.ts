import type { Invocation } from '../cli/invocation.ts';
import type { Dialect } from '../export/dialect.ts';
import { apply } from '../export/environment.ts';
import type { Outcome, World } from '../world.ts';
import { report } from './report.ts';
import { session } from './session.ts';
import { isOn } from './switch.ts';

/** `awsmfa env`: the session as shell code, or in a format, for `eval "$(awsmfa env)"`. */
export async function env(invocation: Invocation, world: World, dialect: Dialect): Promise<Outcome> {
  const held = await session(invocation, world);
  const keep = invocation.flags['keep-profile'] ?? isOn(world.env.AWSMFA_KEEP_PROFILE);
  // Data says what the session is; only code has a shell's state to keep.
  const before = dialect.kind === 'code' ? world.env : {};
  const change = apply(held.session, { ...held, keepProfile: keep }, before);
  report(held, invocation, world);
  return { stdout: dialect.render(change), exit: 0 };
}
