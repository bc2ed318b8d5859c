import type { SharedFiles } from '../config/files.ts';
import type { Credentials } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import type { Environment } from '../world.ts';
import { environmentProfile } from './choice.ts';
import { checkExportedToken, exportedKeys } from './keys.ts';
import {
  checkedSections,
  type KeysProfile,
  type ProvidedProfile,
  type Setting,
  settingsIn,
  settingsOf,
} from './profile.ts';
import { noRoleForToken } from './unresolved.ts';

/**
 * What the environment itself gives a user who names no profile: long-term keys, else a web identity. With a name,
 * also one from `AWS_PROFILE`, the profile alone counts, and so it does as a source of another.
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
  // [default] may be another user's: its device helps only when its keys are these keys, or when it has none.
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
 * botocore's `AssumeRoleWithWebIdentityProvider`: a variable outranks the key of `[default]` that it stands for, one by
 * one. A role in `[default]` that has another source comes before it (`create_credential_resolver`).
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
