import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { Profile } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';

/** In an IDE or an SDK nobody can be asked. A person who reads the error can get the session in any terminal. */
export function explained(error: unknown, { cli }: SessionRequest, profile: Profile): unknown {
  if (!(error instanceof UserError) || error.exit !== Exit.cannotAsk) return onTheWay(error, profile);
  // Keys in the environment are in this one alone.
  if (profile.name === environmentProfile) return error;
  const hint = `In any terminal: ${cli.loginLine(profile.name)}. ${error.hint ?? ''}`.trim();
  return new UserError(error.exit, error.code, error.message, hint);
}

/** What a profile further down was refused says for whom it was. */
function onTheWay(error: unknown, { kind, name }: Profile): unknown {
  const named = `"${printable(name, 60)}"`;
  if (kind !== 'role' || !(error instanceof UserError) || error.exit !== Exit.refused) return error;
  if (error.message.includes(named)) return error;
  return new UserError(error.exit, error.code, `${error.message} (on the way to ${named})`, error.hint);
}
