import type { Flags } from '../cli/invocation.ts';
import type { Profile, Setting } from '../profile/profile.ts';
import type { Environment } from '../world.ts';
import { ofProfile } from './device.ts';

/** Whether a token code can come without a question to anybody. */
export function hasCode(flags: Flags, env: Environment, profile: Profile): boolean {
  const given = flags['token-code'] !== undefined || Boolean(env.AWSMFA_TOKEN_CODE);
  return given || configuredProcess(env, profile) !== undefined;
}

/**
 * The command that prints token codes: `AWSMFA_MFA_PROCESS`, else aws-vault's `mfa_process` of the profile or of the
 * profiles it gets its credentials from.
 */
export function configuredProcess(env: Environment, profile: Profile): Setting | undefined {
  const value = env.AWSMFA_MFA_PROCESS;
  return value ? { value, by: 'AWSMFA_MFA_PROCESS' } : ofProfile(profile, 'mfa_process');
}
