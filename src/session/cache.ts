import { join } from 'node:path';
import { fromPlain, type Session, toPlain } from '../credentials.ts';
import { removeAnswers } from '../files/answers.ts';
import { removeOwn } from '../files/disk.ts';
import { entryNames, readEntry, writeEntry } from '../files/entries.ts';
import { hash } from '../files/hash.ts';
import type { Environment } from '../world.ts';
import { keyOf, ownerOf, type Step } from './plan.ts';

/**
 * Sessions, and which device an access key was last used with, in a directory of the user's own: one JSON file
 * each, mode 0600, replaced whole. A file that is damaged, foreign or not ours counts as not there.
 */
export interface Cache {
  readonly directory: string;
  session(step: Step): CachedSession | undefined;
  /** @throws the file system's error when it cannot be kept; nothing is lost but the memory of it */
  keep(step: Step, session: Session): void;
  /** The device an earlier session was got with; `''` for none; undefined when nothing is known. */
  device(accessKeyId: string): string | undefined;
  keepDevice(accessKeyId: string, serialNumber: string): void;
  /** When an access key was made, in epoch seconds, as IAM once told. */
  keyCreated(accessKeyId: string): number | undefined;
  keepKeyCreated(accessKeyId: string, created: number): void;
  /** Deletes what is known for one owner (`ownerOf`), or for all; the number of sessions that went. */
  forget(owner: string | undefined): number;
}

export interface CachedSession extends Session {
  /** The life that it was issued for, in seconds; undefined where nobody knows. */
  readonly issuedFor: number | undefined;
}

/** `AWSMFA_CACHE_DIR`, else `~/.aws/awsmfa`; undefined where there is no home to keep anything in. */
export function cacheDirectory(env: Environment, home: string | undefined): string | undefined {
  return env.AWSMFA_CACHE_DIR || (home === undefined ? undefined : join(home, '.aws/awsmfa'));
}

export function openCache(directory: string): Cache {
  return {
    directory,
    session(step) {
      const entry = readEntry(sessionPath(directory, step));
      const session = entry?.key === keyOf(step) ? fromPlain(entry.session) : undefined;
      const issuedFor = typeof entry?.issuedFor === 'number' ? entry.issuedFor : undefined;
      return session && { ...session, issuedFor };
    },
    keep(step, session) {
      writeEntry(sessionPath(directory, step), {
        key: keyOf(step),
        session: toPlain(session),
        ...(step.step === 'provided' ? {} : { issuedFor: step.durationSeconds }),
      });
      removeAnswers(directory);
    },
    device(accessKeyId) {
      const serial = readEntry(devicePath(directory, accessKeyId))?.serialNumber;
      return typeof serial === 'string' ? serial : undefined;
    },
    keepDevice(accessKeyId, serialNumber) {
      if (this.device(accessKeyId) === serialNumber) return;
      writeEntry(devicePath(directory, accessKeyId), { serialNumber });
    },
    keyCreated(accessKeyId) {
      const created = readEntry(keyPath(directory, accessKeyId))?.created;
      return typeof created === 'number' && created > 0 && created < 8.64e12 ? created : undefined;
    },
    keepKeyCreated(accessKeyId, created) {
      if (this.keyCreated(accessKeyId) === created) return;
      writeEntry(keyPath(directory, accessKeyId), { created });
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

function sessionPath(directory: string, step: Step): string {
  return `${directory}/session-${fileName(ownerOf(step))}-${hash(keyOf(step))}.json`;
}

function devicePath(directory: string, accessKeyId: string): string {
  return `${directory}/device-${fileName(accessKeyId)}-.json`;
}

function keyPath(directory: string, accessKeyId: string): string {
  return `${directory}/key-${fileName(accessKeyId)}-.json`;
}

function fileName(owner: string): string {
  return owner.replace(/\W/g, '_').slice(0, 128);
}
