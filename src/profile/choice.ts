import type { ProfileChoice } from '../request.ts';
import type { Environment } from '../world.ts';

export type { ProfileChoice } from '../request.ts';

/** `AWSMFA_PROFILE` of a shell whose session came from long-term keys in the environment. */
export const environmentProfile = '(environment)';

/**
 * What the command line names, else `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, what the shell holds already, `default`. An
 * empty variable counts as unset, as for the AWS CLI.
 */
export function chooseProfile(named: ProfileChoice | undefined, env: Environment): ProfileChoice {
  return (
    named ??
    fromEnvironment('AWS_PROFILE', env) ??
    fromEnvironment('AWS_DEFAULT_PROFILE', env) ??
    fromEnvironment('AWSMFA_PROFILE', env) ?? { name: 'default', by: byDefault }
  );
}

/** `by` of a choice that nobody made. */
export const byDefault = 'nothing';

function fromEnvironment(variable: string, env: Environment): ProfileChoice | undefined {
  const name = env[variable];
  return name ? { name, by: variable } : undefined;
}
