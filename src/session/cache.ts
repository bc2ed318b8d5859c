import { join } from 'node:path';
import { fromPlain, type Session, toPlain } from '../credentials.ts';
import { removeAnswers } from '../files/answers.ts';
import { removeOwn } from '../files/disk.ts';
import { entryNames, hash, readEntry, writeEntry } from '../files/entries.ts';
import type { Profile } from '../profile/profile.ts';
import type { Environment, World } from '../world.ts';
import { hasOwnCode, keyOf, type Origin, ownerOf, type Step } from './plan.ts';

/**
 * The sessions, and the last device of each access key, in a directory of the user's own. Each is a JSON file of mode
 * 0600 that is replaced as a whole. A damaged or foreign file counts as missing.
 */
export interface Cache {
  readonly directory: string;
  session(step: Step): CachedSession | undefined;
  /** @throws the file system's error when it cannot be kept; the session is good without */
  keep(step: Step, session: Session): void;
  /** The device of the last session; `''` for none, undefined when nothing is known. */
  device(accessKeyId: string): string | undefined;
  keepDevice(accessKeyId: string, serialNumber: string): void;
  /** When an access key was created, in epoch seconds, as IAM told earlier. */
  keyCreated(accessKeyId: string): number | undefined;
  keepKeyCreated(accessKeyId: string, created: number): void;
  /** Deletes the entries of one owner (`ownerOf`), or all; returns the number of sessions. */
  forget(owner: string | undefined): number;
}

interface CachedSession extends Session, Origin {}

/** `AWSMFA_CACHE_DIR`, else `~/.aws/awsmfa`; undefined where there is no home to keep anything in. */
export function cacheDirectory(env: Environment, home: string | undefined): string | undefined {
  return env.AWSMFA_CACHE_DIR || (home === undefined ? undefined : join(home, '.aws/awsmfa'));
}

/** The cache of this user; undefined where there is no home to keep anything in. */
export function cacheOf({ env, home }: Pick<World, 'env' | 'home'>): Cache | undefined {
  const directory = cacheDirectory(env, home);
  return directory === undefined ? undefined : openCache(directory);
}

export function openCache(directory: string): Cache {
  return {
    directory,
    session(step) {
      const entry = readEntry(sessionPath(directory, step));
      const session = entry?.key === keyOf(step) ? fromPlain(entry.session) : undefined;
      const issuedFor = typeof entry?.issuedFor === 'number' ? entry.issuedFor : undefined;
      return session && { ...session, issuedFor, hasOwnCode: entry?.hasOwnCode === true };
    },
    keep(step, session) {
      writeEntry(sessionPath(directory, step), {
        key: keyOf(step),
        session: toPlain(session),
        ...(step.step === 'provided' || session.isProvided ? {} : { issuedFor: step.durationSeconds }),
        ...(hasOwnCode(step) ? { hasOwnCode: true } : {}),
      });
      removeAnswers(directory);
      sweepSessions(directory, session);
    },
    device(accessKeyId) {
      const serial = readEntry(`${directory}/${deviceName(accessKeyId)}`)?.serialNumber;
      return typeof serial === 'string' ? serial : undefined;
    },
    keepDevice(accessKeyId, serialNumber) {
      if (this.device(accessKeyId) === serialNumber) return;
      writeEntry(`${directory}/${deviceName(accessKeyId)}`, { serialNumber });
    },
    keyCreated(accessKeyId) {
      const created = readEntry(`${directory}/${keyName(accessKeyId)}`)?.created;
      return typeof created === 'number' && created > 0 && created < 8.64e12 ? created : undefined;
    },
    keepKeyCreated(accessKeyId, created) {
      if (this.keyCreated(accessKeyId) === created) return;
      writeEntry(`${directory}/${keyName(accessKeyId)}`, { created });
    },
    forget(owner) {
      const of = owner === undefined ? '\\w{1,128}' : fileName(owner);
      const names = entryNames(
        directory,
        new RegExp(`^(?:session-${of}-[0-9a-f]{16}|device-${of}-)\\.json$`),
      );
      for (const name of names) removeOwn(`${directory}/${name}`);
      removeAnswers(directory);
      return names.filter((name) => name.startsWith('session-')).length;
    },
  };
}

/**
 * Removes expired sessions: a session lives for 36 h at most, so one that ends two days before a new one has expired. Also
 * removes entries of older versions whose key has the command line of a `credential_process`, which may hold a password.
 */
function sweepSessions(directory: string, { expiration: newest }: Session): void {
  for (const name of entryNames(directory, /^session-\w{1,128}-[0-9a-f]{16}\.json$/)) {
    const path = `${directory}/${name}`;
    const entry = readEntry(path);
    const { expiration = newest } = fromPlain(entry?.session) ?? {};
    if (expiration < newest - 172_800 || commandInKey.test(String(entry?.key))) removeOwn(path);
  }
}

/** Today three hexadecimal digits of the command's hash follow the kind and the profile (`plan.ts`). */
const commandInKey = /"process","(?:[^"\\]|\\.)*","(?![0-9a-f]{3}"|")/;

function sessionPath(directory: string, step: Step): string {
  return `${directory}/session-${fileName(ownerOf(step))}-${hash(keyOf(step))}.json`;
}

function deviceName(accessKeyId: string): string {
  return `device-${fileName(accessKeyId)}-.json`;
}

function keyName(accessKeyId: string): string {
  return `key-${fileName(accessKeyId)}-.json`;
}

function fileName(owner: string): string {
  return owner.replace(/\W/g, '_').slice(0, 128);
}

/** The cache as `list` reads it, for many profiles at once. */
export interface Glance extends Pick<Cache, 'session' | 'device' | 'keyCreated'> {
  /** False when the cache has no session of this profile for certain. Then no plan is needed. */
  mayHold(profile: Profile): boolean;
}

/**
 * The same answers as the cache's own, fast for 2,000 profiles. It reads the directory once, opens only files that exist,
 * and each of them once for all profiles that share it.
 */
export function glance(cache: Cache | undefined): Glance {
  if (!cache) {
    const none = () => undefined;
    return { session: none, device: none, keyCreated: none, mayHold: () => false };
  }
  const names = new Set(entryNames(cache.directory, /^(session|device|key)-/));
  const files = [...names].filter((name) => /^session-.*\.json$/.test(name));
  const hashes = new Set(files.map((name) => name.slice(-'0123456789abcdef.json'.length, -'.json'.length)));
  const keys = files.map((name) => String(readEntry(`${cache.directory}/${name}`)?.key)).join('\n');
  const hasKeys = [...names].some((name) => name.startsWith('key-'));
  const sessions = new Map<string, CachedSession | undefined>();
  const remembered = new Map<string, string | undefined>();
  return {
    session: (step) => {
      const key = keyOf(step);
      if (!sessions.has(key)) sessions.set(key, hashes.has(hash(key)) ? cache.session(step) : undefined);
      return sessions.get(key);
    },
    device: (accessKeyId) =>
      names.has(deviceName(accessKeyId))
        ? once(remembered, accessKeyId, () => cache.device(accessKeyId))
        : undefined,
    keyCreated: (accessKeyId) =>
      hasKeys && names.has(keyName(accessKeyId)) ? cache.keyCreated(accessKeyId) : undefined,
    mayHold: (profile) => keys !== '' && keys.includes(marksOf(profile)),
  };
}

/** A part of the key of every session of a profile (`keyOf`). */
function marksOf(profile: Profile): string {
  if (profile.kind === 'role') return JSON.stringify(profile.roleArn.value);
  return JSON.stringify('keys' in profile ? profile.keys.accessKeyId : profile.name);
}

function once<T>(
  found: Map<string, T | undefined>,
  key: string,
  find: (key: string) => T | undefined,
): T | undefined {
  if (!found.has(key)) found.set(key, find(key));
  return found.get(key);
}
