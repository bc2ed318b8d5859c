import type { SharedFiles } from '../config/files.ts';
import type { Credentials } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import type { ProfileChoice, Setting } from '../request.ts';
import type { Environment } from '../world.ts';
import { checkExportedToken, exportedKeys } from './keys.ts';
import {
  checkedSections,
  type KeysProfile,
  type ProvidedProfile,
  settingsIn,
  settingsOf,
} from './profile.ts';

export type { ProfileChoice } from '../request.ts';

/** `AWSMFA_PROFILE` of a shell whose session came from long-term keys in the environment. */
export const environmentProfile = '(environment)';

/**
 * The profile on the command line, else in `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, the one that the shell holds, `default`.
 * An empty variable counts as unset, as for the AWS CLI.
 */
export function chooseProfile(named: ProfileChoice | undefined, env: Environment): ProfileChoice {
  return (
    named ??
    fromEnvironment('AWS_PROFILE', env) ??
    fromEnvironment('AWS_DEFAULT_PROFILE', env) ??
    fromEnvironment('AWSMFA_PROFILE', env) ?? { name: 'default', by: byDefault }
  );
}

/** `by` of the profile `default`, when the user names none. */
export const byDefault = 'nothing';

function fromEnvironment(variable: string, env: Environment): ProfileChoice | undefined {
  const name = env[variable];
  return name ? { name, by: variable } : undefined;
}

/** The region of a profile in the files; undefined for none, and for a profile that does not exist. */
export function configuredRegion(name: string | undefined, files: SharedFiles): string | undefined {
  if (!name) return undefined;
  return settingsOf(name === environmentProfile ? 'default' : name, files)('region')?.value;
}

/**
 * The credentials in the environment of a user who names no profile: long-term keys, else a web identity. If a profile is
 * named, also by `AWS_PROFILE`, only that profile counts. The same is true for a source of another profile.
 *
 * @throws UserError configuration: half a pair of keys, a long-term key beside a session token, a token without a role
 */
export function unnamedProfile(
  files: SharedFiles,
  env: Environment,
): KeysProfile | ProvidedProfile | undefined {
  checkExportedToken(env);
  const keys = exportedKeys(env);
  return keys ? environmentKeys(keys, files) : webIdentity(files, env);
}

function environmentKeys(keys: Credentials, files: SharedFiles): KeysProfile {
  const [section, longTerm] = checkedSections('default', files);
  // [default] may belong to another user. Its device helps only when its keys are these keys, or when it has none.
  const defaultId = section?.get('aws_access_key_id');
  const sameUser = defaultId === undefined || defaultId === keys.accessKeyId;
  const setting = settingsIn(section, longTerm);
  return {
    kind: 'long-term',
    name: environmentProfile,
    keys,
    file: undefined,
    setting: (key) => (sameUser || !devices.has(key) ? setting(key) : undefined),
  };
}

const devices = new Set(['mfa_serial', 'aws_mfa_device']);

/**
 * botocore's `AssumeRoleWithWebIdentityProvider`: each variable comes before the key of `[default]` with the same
 * meaning. A role in `[default]` that has another source comes before it (`create_credential_resolver`).
 */
function webIdentity(files: SharedFiles, env: Environment): ProvidedProfile | undefined {
  if (!Object.values(variables).some((variable) => env[variable])) return undefined;
  const ofDefault = settingsOf('default', files);
  if (ofDefault('role_arn') && !ofDefault('web_identity_token_file')) return undefined;
  const setting = (key: string): Setting | undefined => {
    const variable = variables[key];
    const value = variable && env[variable];
    return value ? { value, by: variable } : ofDefault(key);
  };
  const token = setting('web_identity_token_file');
  if (!token) return undefined;
  checkedSections('default', files);
  if (!setting('role_arn')) throw noRoleForToken(token.by);
  return { kind: 'web-identity', name: environmentProfile, setting };
}

const variables: Readonly<Record<string, string>> = {
  web_identity_token_file: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  role_arn: 'AWS_ROLE_ARN',
  role_session_name: 'AWS_ROLE_SESSION_NAME',
};

export function noLongerExported(): UserError {
  return new UserError(
    Exit.configuration,
    'no-environment-keys',
    "This shell's session came from credentials in the environment, and they are no longer there",
    'Export them again, or name a profile: awsmfa use NAME',
  );
}

/** @param by the origin of the token file, for the message */
export function noRoleForToken(by: string): UserError {
  const isVariable = by.startsWith('AWS_');
  return new UserError(
    Exit.configuration,
    'no-role-for-token',
    `${by} is set, and there is no ${isVariable ? 'AWS_ROLE_ARN' : 'role_arn beside it'}`,
    isVariable
      ? 'Export AWS_ROLE_ARN too, or name a profile.'
      : 'Add role_arn: the role that the web identity token is for.',
  );
}
