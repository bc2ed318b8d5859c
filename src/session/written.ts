import type { SharedFiles } from '../config/files.ts';
import { removeOwn } from '../files/disk.ts';
import { readEntry, writeEntry } from '../files/entries.ts';
import { hash } from '../files/hash.ts';

/**
 * What a section of the credentials file came from, so that `write --all` can renew it and nobody takes the session of
 * one account for that of another. It is kept in the cache directory: in the file, aws-mfa would not have
 * written it. No secret is in it.
 */
export interface Written {
  /** The path of the file. */
  readonly file: string;
  readonly section: string;
  /** As it was named. */
  readonly profile: string;
  /** `ownerOfProfile`: whose session it is, also when the profile has got other keys since. */
  readonly owner: string;
  readonly made: Made;
  /** The `region` that awsmfa wrote. Another value is the user's own. */
  readonly region: string | undefined;
  /** Epoch seconds. */
  readonly at: number;
  /** Of the session; undefined in what older versions kept. */
  readonly accessKeyId?: string | undefined;
  /** The session of the section before, for the case that the file could not be changed. */
  readonly before?: Written | undefined;
}

/** The parameters of the session. These names are used in this file only; options may be renamed. */
export interface Made {
  readonly region?: string | undefined;
  readonly stsRegion?: string | undefined;
  /** As it was typed: `12h`. */
  readonly duration?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly roleSessionName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
  /** Its absolute path. */
  readonly policyFile?: string | undefined;
  readonly policyArns?: readonly string[] | undefined;
  readonly noSession?: boolean | undefined;
  readonly longTermSuffix?: string | undefined;
}

const types: Readonly<Record<keyof Made, 'string' | 'strings' | 'boolean'>> = {
  region: 'string',
  stsRegion: 'string',
  duration: 'string',
  serialNumber: 'string',
  roleArn: 'string',
  roleSessionName: 'string',
  externalId: 'string',
  sourceIdentity: 'string',
  tags: 'strings',
  transitiveTagKeys: 'strings',
  policyFile: 'string',
  policyArns: 'strings',
  noSession: 'boolean',
  longTermSuffix: 'string',
};

export function keepWritten(directory: string, written: Written): void {
  writeEntry(pathOf(directory, written), { written });
}

/**
 * Undefined when nothing is known of the section, or nothing that can be read.
 *
 * @param accessKeyId of the session that is in the section, where there is one: what is kept of another is no answer
 */
export function readWritten(directory: string, place: Place, accessKeyId?: string): Written | undefined {
  const written = readEntry(pathOf(directory, place))?.written;
  if (!isWritten(written) || written.file !== place.file || written.section !== place.section)
    return undefined;
  const kept = [written, ...(written.before ? [written.before] : [])];
  if (accessKeyId === undefined) return written;
  return kept.find((one) => one.accessKeyId === accessKeyId || one.accessKeyId === undefined);
}

/** For `resolveProfile`: which profile the session in a section of the credentials file came from. */
export function writtenFrom(
  files: SharedFiles,
  directory: string | undefined,
): (section: string) => string | undefined {
  return (section) => writtenIn(section, files, directory)?.profile;
}

/** The session of a section, as far as awsmfa knows it. */
export function writtenIn(
  section: string,
  files: SharedFiles,
  directory: string | undefined,
): Written | undefined {
  const accessKeyId = files.credentials(section)?.get('aws_access_key_id');
  const place = { file: files.credentialsPath, section };
  return directory === undefined ? undefined : readWritten(directory, place, accessKeyId);
}

export function forgetWritten(directory: string, place: Place): void {
  removeOwn(pathOf(directory, place));
}

type Place = Pick<Written, 'file' | 'section'>;

function pathOf(directory: string, { file, section }: Place): string {
  return `${directory}/written-${hash(JSON.stringify([file, section]))}.json`;
}

function isWritten(value: unknown): value is Written {
  if (typeof value !== 'object' || value === null) return false;
  const { file, section, profile, owner, made, region, at, accessKeyId, before } = value as Record<
    string,
    unknown
  >;
  return (
    [file, section, profile, owner, region ?? '', accessKeyId ?? ''].every(
      (text) => typeof text === 'string',
    ) &&
    typeof at === 'number' &&
    (before === undefined || isWritten(before)) &&
    typeof made === 'object' &&
    made !== null &&
    Object.entries(made).every(([name, value]) => fits(name, value))
  );
}

function fits(name: string, value: unknown): boolean {
  const type = Object.hasOwn(types, name) ? types[name as keyof Made] : undefined;
  if (type === 'strings') return Array.isArray(value) && value.every((text) => typeof text === 'string');
  return typeof value === type;
}
