import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { Secret } from '../secret.ts';
import type { Environment } from '../world.ts';
import { byDefault, environmentProfile, type ProfileChoice } from './choice.ts';
import { closestNames } from './closest.ts';
import type { SharedFiles } from './files.ts';
import type { PlacedValue, ProfileSection } from './section.ts';

/** Long-term credentials: an access key of an IAM user, and what the files say beside it. */
export interface Profile {
  readonly kind: 'long-term';
  /** The name the user calls it by. */
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** A setting of the profile, else of the section that holds its keys; lower-case key. */
  setting(key: string): Setting | undefined;
}

export interface Setting {
  readonly value: string;
  /** Where it stands, for messages: `mfa_serial of profile "work"`. */
  readonly by: string;
}

/**
 * The profile that was chosen, with its keys.
 *
 * @throws UserError configuration: no such profile, no keys, half of a pair of keys, session keys
 */
export function resolveProfile(choice: ProfileChoice, files: SharedFiles, env: Environment): Profile {
  const exported = exportedKeys(env);
  if (choice.by === byDefault && exported) return environmentKeys(exported, files);
  if (choice.name === environmentProfile) {
    if (exported) return environmentKeys(exported, files);
    throw new UserError(
      Exit.configuration,
      'no-environment-keys',
      "This shell's session came from long-term keys in the environment, and they are no longer there",
      'Export the keys again, or name a profile: awsmfa use NAME',
    );
  }

  const { name } = choice;
  const longTermName = `${name}-long-term`;
  if (!files.has(name) && !files.has(longTermName)) throw noSuchProfile(choice, files);

  const own = keysOf(name, files);
  const keys = own && !own.temporary ? own : (keysOf(longTermName, files) ?? own);
  if (!keys) throw noKeys(name, files);
  if (keys.temporary) throw sessionKeys(keys);
  return {
    kind: 'long-term',
    name,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    setting: settingsOf([name, keys.section], files),
  };
}

/** The region that the files give a profile; undefined for none, and for a profile that is gone. */
export function configuredRegion(name: string | undefined, files: SharedFiles): string | undefined {
  if (!name) return undefined;
  const sections = name === environmentProfile ? ['default'] : [name, `${name}-long-term`];
  return settingsOf(sections, files)('region')?.value;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly temporary: boolean;
  readonly section: string;
  /** `path:line` of the key, for messages. */
  readonly where: string;
}

/** The keys of one section, from one file: the credentials file before the config file, as botocore looks. */
function keysOf(section: string, files: SharedFiles): Keys | undefined {
  return keysIn(files.credentials(section)) ?? keysIn(files.config(section));
}

function keysIn(from: ProfileSection | undefined): Keys | undefined {
  const id = from?.value('aws_access_key_id');
  const secret = from?.value('aws_secret_access_key');
  if (!from || (!id?.value && !secret?.value)) return undefined;
  if (!id?.value || !secret?.value) {
    const [there, missing] = id?.value ? [id, 'aws_secret_access_key'] : [secret, 'aws_access_key_id'];
    throw new UserError(
      Exit.configuration,
      'half-a-key',
      `${at(there)}: [${printable(from.name, 60)}] has no ${missing}`,
      'An access key is a pair: add the missing half, or run `aws configure`.',
    );
  }
  checkKey(id.value, secret.value, at(id));
  const token = from.value('aws_session_token')?.value || from.value('aws_security_token')?.value;
  return {
    accessKeyId: id.value,
    secretAccessKey: new Secret(secret.value),
    temporary: Boolean(token) || isTemporary(id.value),
    section: from.name,
    where: at(id),
  };
}

/** A blank or a control character in a key breaks the signature, and STS's answer would show the key. */
function checkKey(id: string, secret: string, where: string): void {
  if (/^[\x21-\x7e]+$/.test(id) && /^[\x21-\x7e]+$/.test(secret)) return;
  throw new UserError(
    Exit.configuration,
    'malformed-key',
    `${where}: the access key has a blank or a character that no AWS key has`,
    'Copy the access key and its secret again, each on one line, without quotes.',
  );
}

/** `ASIA…` is the prefix of temporary access keys (IAM user guide, "unique ID prefixes"). */
function isTemporary(accessKeyId: string): boolean {
  return accessKeyId.startsWith('ASIA');
}

/** Long-term keys in the environment. Temporary ones are never a source: they may be yesterday's. */
function exportedKeys(env: Environment): { id: string; secret: string } | undefined {
  const id = env.AWS_ACCESS_KEY_ID;
  const secret = env.AWS_SECRET_ACCESS_KEY;
  if (!id || isTemporary(id) || env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN) return undefined;
  if (secret) return { id, secret };
  throw new UserError(
    Exit.configuration,
    'half-a-key',
    'AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not',
    'Export both, or unset both to use a profile.',
  );
}

function environmentKeys({ id, secret }: { id: string; secret: string }, files: SharedFiles): Profile {
  checkKey(id, secret, 'environment');
  // [default] may be another user's: its device helps only when its keys are these keys, or when it has none.
  const defaultId = keysOf('default', files)?.accessKeyId;
  const sameUser = defaultId === undefined || defaultId === id;
  const setting = settingsOf(['default'], files);
  return {
    kind: 'long-term',
    name: environmentProfile,
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    setting: (key) => (sameUser || !devices.has(key) ? setting(key) : undefined),
  };
}

const devices = new Set(['mfa_serial', 'aws_mfa_device']);

function settingsOf(sections: readonly string[], files: SharedFiles): Profile['setting'] {
  return (key) => {
    for (const section of new Set(sections)) {
      const value = files.profile(section)?.get(key);
      if (value) return { value, by: `${key} of profile "${printable(section, 60)}"` };
    }
    return undefined;
  };
}

function noSuchProfile({ name, by }: ProfileChoice, files: SharedFiles): UserError {
  const known = files.names().map((known) => known.replace(/-long-term$/, ''));
  const read = paths(files, 'and');
  if (by === byDefault) {
    return new UserError(
      Exit.configuration,
      'no-such-profile',
      `No profile was named, and there is no [default] in ${read}`,
      known.length > 0
        ? `Name one: awsmfa use ${some(known)}`
        : 'Put your access key there first: aws configure --profile NAME',
    );
  }
  const close = closestNames(name, known);
  return new UserError(
    Exit.configuration,
    'no-such-profile',
    `No profile "${printable(name, 60)}" (from ${by}) in ${read}`,
    close.length > 0
      ? `Did you mean ${some(close)}?`
      : known.length > 0
        ? `There is ${some(known)}.`
        : 'Put your access key there first: aws configure --profile NAME',
  );
}

function paths({ configPath, credentialsPath }: SharedFiles, and: string): string {
  const known = [configPath, credentialsPath].flatMap((path) =>
    path === undefined ? [] : [printable(path, 120)],
  );
  return known.join(` ${and} `) || 'any file: there is no home directory';
}

function some(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 5).map((name) => printable(name, 60));
  return names.length > 5 ? `${shown.join(', ')}, …` : shown.join(' or ');
}

function noKeys(name: string, files: SharedFiles): UserError {
  const shown = printable(name, 60);
  const profile = files.profile(name);
  const other = ['role_arn', 'sso_session', 'sso_start_url', 'credential_process', 'login_session'].find(
    (key) => profile?.get(key),
  );
  return new UserError(
    Exit.configuration,
    'no-keys',
    other
      ? `Profile "${shown}" has no long-term keys of its own, it has ${other}`
      : `Profile "${shown}" has no access key in ${paths(files, 'or')}`,
    other
      ? 'awsmfa gets sessions for profiles with long-term keys: name the profile that holds them.'
      : `Add one with: aws configure --profile ${shown}`,
  );
}

function sessionKeys(keys: Keys): UserError {
  const section = printable(keys.section, 60);
  return new UserError(
    Exit.configuration,
    'session-keys',
    `${keys.where}: [${section}] holds temporary keys with a session token; a session needs long-term keys`,
    `Put the long-term keys (AKIA…) into [${section}-long-term], or name the profile that has them.`,
  );
}

function at(found: PlacedValue | undefined): string {
  return found ? `${printable(found.path)}:${found.line}` : 'the files';
}
