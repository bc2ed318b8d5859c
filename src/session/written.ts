import type { SharedFiles } from '../config/files.ts';
import { type SectionSession, sessionIn } from '../config/session-section.ts';
import { removeOwn } from '../files/disk.ts';
import { hash, readEntry, writeEntry } from '../files/entries.ts';
import { sourceByName } from '../profile/long-term.ts';

/**
 * The profile and the parameters of a session in the credentials file. `write --all` renews the section with them. They
 * are kept in the cache directory, since the credentials file has only the keys that aws-mfa writes. No secret is here.
 */
export interface Written {
  /** The path of the file. */
  readonly file: string;
  readonly section: string;
  readonly profile: string;
  /** `ownerOfProfile`. The profile may have other keys today. */
  readonly owner: string;
  readonly made: Made;
  /** The `region` that awsmfa wrote. The user may have changed it since. */
  readonly region: string | undefined;
  /** Epoch seconds. */
  readonly at: number;
  /** Of the session; undefined in what older versions kept. */
  readonly accessKeyId?: string | undefined;
  /** The entry before this one, for the case that the credentials file could not be changed. */
  readonly before?: Written | undefined;
}

/** The parameters of the session, each with its type. These names are used in this file only; options may be renamed. */
const parameters = {
  region: 'string',
  stsRegion: 'string',
  /** As it was typed: `12h`. */
  duration: 'string',
  serialNumber: 'string',
  roleArn: 'string',
  roleSessionName: 'string',
  externalId: 'string',
  sourceIdentity: 'string',
  tags: 'strings',
  transitiveTagKeys: 'strings',
  /** Its absolute path. */
  policyFile: 'string',
  policyArns: 'strings',
  noSession: 'boolean',
  longTermSuffix: 'string',
} as const;

interface Types {
  readonly string: string;
  readonly strings: readonly string[];
  readonly boolean: boolean;
}

export type Made = {
  readonly [Name in keyof typeof parameters]?: Types[(typeof parameters)[Name]] | undefined;
};

export function keepWritten(directory: string, written: Written): void {
  writeEntry(pathOf(directory, written), { written });
}

/**
 * The entry of a section; undefined where there is none, or where it is damaged.
 *
 * @param accessKeyId of the session in the section. An entry of another session does not count.
 */
export function readWritten(directory: string, place: Place, accessKeyId?: string): Written | undefined {
  const written = readEntry(pathOf(directory, place))?.written;
  if (!isWritten(written) || written.file !== place.file || written.section !== place.section)
    return undefined;
  const kept = [written, ...(written.before ? [written.before] : [])];
  if (accessKeyId === undefined) return written;
  return kept.find((one) => one.accessKeyId === accessKeyId || one.accessKeyId === undefined);
}

/** For `resolveProfile`: the profile whose session is in a section of the credentials file. */
export function writtenFrom(
  files: SharedFiles,
  directory: string | undefined,
): (section: string) => string | undefined {
  return (section) => writtenIn(section, files, directory)?.profile;
}

/** The entry for the session that is in a section now. */
export function writtenIn(
  section: string,
  files: SharedFiles,
  directory: string | undefined,
): Written | undefined {
  const accessKeyId = files.credentials(section)?.get('aws_access_key_id');
  const place = { file: files.credentialsPath, section };
  return directory === undefined ? undefined : readWritten(directory, place, accessKeyId);
}

/** A section that holds a session which awsmfa or aws-mfa wrote. */
export interface SessionSection {
  readonly section: string;
  readonly session: SectionSession;
  readonly written: Written | undefined;
  /** The profile it came from; undefined when neither the memory nor the name says. */
  readonly profile: string | undefined;
}

/** Every such section. @param directory of the cache; undefined where there is none */
export function sessionSections(
  files: SharedFiles,
  directory: string | undefined,
): readonly SessionSection[] {
  return files.names().flatMap((section) => sessionSection(section, files, directory) ?? []);
}

/** Undefined for a section without a session. */
export function sessionSection(
  section: string,
  files: SharedFiles,
  directory: string | undefined,
): SessionSection | undefined {
  const session = sessionIn((key) => files.credentials(section)?.get(key));
  if (!session) return undefined;
  const written = writtenIn(section, files, directory);
  return { section, session, written, profile: written?.profile ?? sourceByName(section, files) };
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
  const type = Object.hasOwn(parameters, name) ? parameters[name as keyof Made] : undefined;
  if (type === 'strings') return Array.isArray(value) && value.every((text) => typeof text === 'string');
  return typeof value === type;
}
