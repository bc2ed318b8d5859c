import { UserError } from '../../errors.ts';
import { holdingOf } from '../holding.ts';
import { cachedSession } from '../overview.ts';
import { problemsOf } from '../problems.ts';
import { type Check, ok, warning } from './finding.ts';

/** The conflicts among variables that `status` shows. */
export const environment: Check = ({ request, world, files: read }) => {
  const files = read instanceof UserError ? undefined : read;
  const holding = holdingOf(world.env, files);
  const cached = files && holding.profile ? cachedSession(holding.profile, request, files, world) : undefined;
  const problems = problemsOf({ env: world.env, files, holding, cached, now: world.now() / 1000 });
  if (problems.length === 0) return [ok('no conflict among the variables')];
  return problems.map(({ message, hint }) => warning(message, hint));
};
