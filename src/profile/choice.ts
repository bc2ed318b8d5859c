import type { Invocation } from '../cli/invocation.ts';
import type { Environment } from '../world.ts';

/** Which profile is wanted, and who said so: the error messages name it. */
export interface ProfileChoice {
  readonly name: string;
  readonly by: string;
}

/** `AWSMFA_PROFILE` of a shell whose session came from long-term keys in the environment. */
export const environmentProfile = '(environment)';

/**
 * Argument, option, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, what the shell holds already, `default`; an empty
 * variable counts as unset, as for the AWS CLI.
 */
export function chooseProfile({ argument, flags }: Invocation, env: Environment): ProfileChoice {
  return (
    choice(argument, 'the argument') ??
    choice(flags.profile, '--profile') ??
    fromEnvironment('AWS_PROFILE', env) ??
    fromEnvironment('AWS_DEFAULT_PROFILE', env) ??
    fromEnvironment('AWSMFA_PROFILE', env) ?? { name: 'default', by: byDefault }
  );
}

/** `by` of a choice that nobody made. */
export const byDefault = 'nothing';

function choice(name: string | undefined, by: string): ProfileChoice | undefined {
  return name ? { name, by } : undefined;
}

function fromEnvironment(variable: string, env: Environment): ProfileChoice | undefined {
  return choice(env[variable], variable);
}
