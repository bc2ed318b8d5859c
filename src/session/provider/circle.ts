import type { ProvidedProfile } from '../../config/profile.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { Environment } from '../../world.ts';

/** For a child: the profiles whose `credential_process` it runs below, the outermost first, as a JSON array. */
const marker = 'AWSMFA_CREDENTIAL_PROCESS';

/**
 * Refuses a profile whose `credential_process` is being run already by an awsmfa above this one. To be asked before
 * the lock of the session is taken, which that awsmfa holds: one would wait for the other.
 *
 * @throws UserError configuration
 */
export function refuseCircle({ kind, name }: Pick<ProvidedProfile, 'kind' | 'name'>, env: Environment): void {
  const above = profilesAbove(env);
  if (kind !== 'process' || !above.includes(name)) return;
  const circle = [...above.slice(above.indexOf(name)), name].map((each) => printable(each, 60));
  throw new UserError(
    Exit.configuration,
    'credential-process-circle',
    `The credential_process of profile "${printable(name, 60)}" is awsmfa, and needs itself: ${circle.join(' → ')}`,
    'Let it name another profile, one that has keys or a source of its own.',
  );
}

/** What a child gets, so that it can find the circle. */
export function markedBy(name: string, env: Environment): Environment {
  return { [marker]: JSON.stringify([...profilesAbove(env), name]) };
}

function profilesAbove(env: Environment): readonly string[] {
  try {
    const names: unknown = JSON.parse(env[marker] ?? '[]');
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}

/**
 * Refuses a session that needs a code of a device whose `mfa_process` is what runs this awsmfa: it would wait for the
 * one above, and that for its code. Before the lock, as well.
 *
 * @throws UserError configuration
 */
export function refuseOwnCode({ AWSMFA_MFA_PROFILE: name = '' }: Environment): never {
  throw new UserError(
    Exit.configuration,
    'mfa-process-circle',
    `The mfa_process of profile "${printable(name, 60)}" runs awsmfa, which needs its code`,
    'Let it take the code from somewhere else, without awsmfa.',
  );
}
