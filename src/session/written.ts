import type { Flags } from '../cli/invocation.ts';
import { type OptionName, options } from '../cli/options.ts';
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
  /** The options that made the session what it is. */
  readonly flags: Flags;
  /** What was written as `region`; a `region` that is another is the user's. */
  readonly region: string | undefined;
  /** Epoch seconds. */
  readonly at: number;
}

export function keepWritten(directory: string, written: Written): void {
  writeEntry(pathOf(directory, written), { written });
}

/** Undefined when nothing is known of the section, or nothing that can be read. */
export function readWritten(directory: string, place: Place): Written | undefined {
  const written = readEntry(pathOf(directory, place))?.written;
  if (!isWritten(written) || written.file !== place.file || written.section !== place.section)
    return undefined;
  return written;
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
  const { file, section, profile, owner, flags, region, at } = value as Record<string, unknown>;
  return (
    [file, section, profile, owner, region ?? ''].every((text) => typeof text === 'string') &&
    typeof at === 'number' &&
    typeof flags === 'object' &&
    flags !== null &&
    Object.entries(flags).every(([name, flag]) => fits(name, flag))
  );
}

function fits(name: string, flag: unknown): boolean {
  const type = Object.hasOwn(options, name) ? options[name as OptionName].type : undefined;
  if (type === 'strings') return Array.isArray(flag) && flag.every((text) => typeof text === 'string');
  return typeof flag === type;
}
