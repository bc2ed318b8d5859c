import type { SharedFiles } from '../config/files.ts';
import { type PlacedValue, type ProfileSection, storeKey } from '../config/section.ts';
import { type Credentials, isTemporary, Secret, UnreadSecret } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { optionWord, printable } from '../text.ts';
import type { Environment } from '../world.ts';

/** Keys in a file. */
export interface FileKeys extends Credentials {
  readonly section: string;
  /** Where the key stands; counting lines takes time, so ask only for a message. */
  readonly place: () => PlacedValue;
  /** Where its session token stands, when it has one. */
  readonly tokenPlace: () => PlacedValue | undefined;
}

/**
 * The keys of one section from one file, as botocore's providers read them; half a pair is an error. An access key ID
 * without its secret, beside a line that names a key store, is a pair: the store has the other half.
 */
export function keysIn(from: ProfileSection | undefined): FileKeys | undefined {
  const id = from?.get('aws_access_key_id');
  const secret = from?.get('aws_secret_access_key');
  if (!from || (!id && !secret)) return undefined;
  const place = () => from.value(id ? 'aws_access_key_id' : 'aws_secret_access_key') as PlacedValue;
  const tokenPlace = () => from.value('aws_session_token') ?? from.value('aws_security_token');
  const store = from.get(storeKey);
  if (id && !secret && store) {
    // The ID becomes the name of an entry in the store, so nothing but an ID may stand there.
    if (!/^[A-Z0-9]{16,128}$/.test(id)) throw malformed(at(place()));
    return {
      accessKeyId: id,
      secretAccessKey: new UnreadSecret(),
      sessionToken: undefined,
      store: { value: store, by: `${storeKey} of profile "${printable(from.name, 60)}"` },
      section: from.name,
      place,
      tokenPlace,
    };
  }
  if (!id || !secret) {
    throw halfAKey(
      `${at(place())}: [${printable(from.name, 60)}] has no ${id ? 'aws_secret_access_key' : 'aws_access_key_id'}`,
      `An access key is a pair: add the missing half, or give both anew: awsmfa setup ${optionWord('--profile', from.name)}`,
    );
  }
  const token = from.get('aws_session_token') ?? from.get('aws_security_token');
  const { accessKeyId, secretAccessKey, sessionToken } = credentials(id, secret, token, () => at(place()));
  // V8 copies the fields of a second spread one by one, which takes longer than the rest of this function.
  return { accessKeyId, secretAccessKey, sessionToken, section: from.name, place, tokenPlace };
}

/** The keys of one section: the credentials file before the config file. */
export function keysOf(section: string, files: SharedFiles): FileKeys | undefined {
  return keysIn(files.credentials(section)) ?? keysIn(files.config(section));
}

/** Long-term keys in the environment. Temporary ones are a source only by name, because they may be yesterday's. */
export function exportedKeys(env: Environment): Credentials | undefined {
  if (env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN) return undefined;
  const keys = environmentCredentials(env);
  return keys && isTemporary(keys) ? undefined : keys;
}

/**
 * A token beside a long-term key (AKIA…) is left over from a session, and AWS refuses the key with it. The user who
 * exported that key does not mean `[default]`.
 *
 * @throws UserError configuration
 */
export function checkExportedToken(env: Environment): void {
  const isLeftOver = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  if (isLeftOver && env.AWS_ACCESS_KEY_ID?.startsWith('AKIA')) throw leftoverToken('', undefined);
}

/** @param line of the token; undefined for one in the environment */
export function leftoverToken(section: string, line: PlacedValue | undefined): UserError {
  const where = line ? `${at(line)}: [${section}]` : 'environment:';
  return new UserError(
    Exit.configuration,
    'leftover-token',
    `${where} a long-term access key (AKIA…) stands beside a session token, which is left over`,
    line
      ? `Delete the line of the token: ${at(line)}`
      : 'Unset the token: unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN',
  );
}

/** The keys in the environment, long-term or temporary. */
export function environmentCredentials(env: Environment): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = env;
  if (!id) return undefined;
  if (!secret) {
    throw halfAKey(
      'AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not',
      'Export both, or unset both to use a profile.',
    );
  }
  return credentials(id, secret, env.AWS_SECURITY_TOKEN || env.AWS_SESSION_TOKEN, () => 'environment');
}

/** @param where the keys are, for an error */
function credentials(
  id: string,
  secret: string,
  token: string | undefined,
  where: () => string,
): Credentials {
  if (!isWellFormed(id + secret)) throw malformed(where());
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    sessionToken: token ? new Secret(token) : undefined,
  };
}

function halfAKey(message: string, hint: string): UserError {
  return new UserError(Exit.configuration, 'half-a-key', message, hint);
}

export function at({ path, line }: PlacedValue): string {
  return `${printable(path)}:${line}`;
}

/** A blank or a control character breaks the signature, and STS would show the key in its answer. */
function isWellFormed(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key);
}

function malformed(where: string): UserError {
  return new UserError(
    Exit.configuration,
    'malformed-key',
    `${where}: the access key has a blank or a character that no AWS key has`,
    'Copy the access key and its secret again, each on one line, without quotes.',
  );
}
