import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Session } from '../session/session.ts';
import { type Document, readSection } from './document.ts';
import { removeKeys, removeSection, setKeys } from './edit.ts';
import { contentOf, type Get, sessionEntries, sessionKeys } from './session-section.ts';

/** What `write` puts into a section. */
export interface Writing {
  /** The text between the brackets. */
  readonly section: string;
  readonly session: Session;
  /** Undefined for a session token. */
  readonly roleArn: string | undefined;
  /** Undefined to leave alone what is there. */
  readonly region: string | undefined;
  /** True to put it over temporary credentials that somebody else keeps there. */
  readonly overwrite: boolean;
}

/**
 * The credentials file with this session in its section. Done to what it made itself, it changes nothing.
 *
 * @throws UserError (configuration) for a section that is not ours to write, and for what `setKeys` refuses
 */
export function withSession(document: Document, writing: Writing): Document {
  const { section, session, roleArn, region, overwrite } = writing;
  const content = contentOf(getFrom(document, section));
  if (content === 'long-term') throw holdsLongTermKeys(section, document.path);
  if (content === 'foreign' && !overwrite) throw isForeign(section, document.path);
  const edited = setKeys(document, section, [
    ...sessionEntries(session, roleArn),
    ...(region === undefined ? [] : [['region', region] as const]),
  ]);
  return roleArn === undefined ? removeKeys(edited, section, ['assumed_role_arn']) : edited;
}

/**
 * The credentials file without the session of a section, and without the section when nothing else is in it.
 *
 * @param region what awsmfa wrote there as `region`: that goes with it
 * @throws UserError (configuration) for a section that neither awsmfa nor aws-mfa wrote
 */
export function withoutSession(document: Document, section: string, region: string | undefined): Document {
  const get = getFrom(document, section);
  const content = contentOf(get);
  if (content === 'free') return document;
  if (content !== 'session') throw notRemoved(section, document.path);
  const isOurRegion = region !== undefined && get('region') === region;
  const rest = removeKeys(document, section, [...sessionKeys, ...(isOurRegion ? ['region'] : [])]);
  return readSection(rest, section)?.size === 0 ? removeSection(rest, section) : rest;
}

function getFrom(document: Document, section: string): Get {
  const keys = readSection(document, section);
  return (key) => keys?.get(key)?.value || undefined;
}

export function holdsLongTermKeys(section: string, path: string): UserError {
  return new UserError(
    Exit.configuration,
    'long-term-keys',
    `[${shown(section)}] in ${printable(path)} holds long-term keys, which awsmfa never overwrites`,
    'Name another section with --to NAME.',
  );
}

function isForeign(section: string, path: string): UserError {
  return new UserError(
    Exit.configuration,
    'foreign-section',
    `[${shown(section)}] in ${printable(path)} holds credentials that awsmfa did not write`,
    'Name another section with --to NAME, or put the session over them with --overwrite.',
  );
}

function notRemoved(section: string, path: string): UserError {
  return new UserError(
    Exit.configuration,
    'foreign-section',
    `[${shown(section)}] in ${printable(path)} holds credentials that awsmfa did not write, and stays as it is`,
    'Name the section with --to NAME, or remove it by hand.',
  );
}

function shown(section: string): string {
  return printable(section, 60);
}
