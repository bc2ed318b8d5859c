import type { Session } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import { appearances, type Document, entriesOf, readSection } from './document.ts';
import { removeKeys, removeSection, setKeys } from './edit.ts';
import type { Entry } from './entries.ts';
import { type Content, contentOf, type Get, sessionEntries, sessionKeys } from './session-section.ts';

/** What `write` puts into a section. */
export interface Writing {
  /** The text between the brackets. */
  readonly section: string;
  readonly session: Session;
  /** Undefined for a session token. */
  readonly roleArn: string | undefined;
  /** Undefined to leave alone what is there. */
  readonly region: string | undefined;
  /** True to overwrite temporary credentials that awsmfa did not write. */
  readonly overwrite: boolean;
}

/**
 * The credentials file with this session in its section. A second call with the same session changes nothing.
 *
 * @throws UserError (configuration) for a section that is not ours to write, and for what `setKeys` refuses
 */
export function withSession(document: Document, writing: Writing): Document {
  const { section, session, roleArn, region, overwrite } = writing;
  const content = contentIn(document, section);
  if (content === 'long-term') throw holdsLongTermKeys(section, document.path);
  if (content === 'foreign' && !overwrite) throw isForeign(section, document.path);
  const edited = setKeys(document, section, [
    ...sessionEntries(session, roleArn),
    ...(region === undefined ? [] : [['region', region] as const]),
  ]);
  // The old session's data does not apply to the new one.
  const stale = [
    ...(roleArn === undefined ? ['assumed_role_arn'] : []),
    ...(session.accountId === undefined ? ['aws_account_id'] : []),
  ];
  return stale.length === 0 ? edited : removeKeys(edited, section, stale);
}

/** The credentials file with a new region beside the session of a section, if the region there is still the old one. */
export function withRegion(document: Document, section: string, old: string, region: string): Document {
  const isSame = readSection(document, section)?.get('region')?.value === old;
  return isSame ? setKeys(document, section, [['region', region]]) : document;
}

/**
 * The credentials file without the session of a section, and without the section when nothing else is in it.
 *
 * @param region the value that awsmfa wrote there as `region`, which is removed too
 * @throws UserError (configuration) for a section that neither awsmfa nor aws-mfa wrote
 */
export function withoutSession(document: Document, section: string, region: string | undefined): Document {
  const content = contentIn(document, section);
  if (content === 'free') return document;
  if (content !== 'session') throw notRemoved(section, document.path);
  const isOurRegion = region !== undefined && readSection(document, section)?.get('region')?.value === region;
  const rest = removeKeys(document, section, [...sessionKeys, ...(isOurRegion ? ['region'] : [])]);
  return readSection(rest, section)?.size === 0 ? removeSection(rest, section) : rest;
}

/**
 * An edit merges duplicate sections and keys, and removes the first. Long-term keys may be there that no reader sees.
 */
function contentIn(document: Document, section: string): Content {
  const parts = appearances(document, section).map((part) => entriesOf(document, part));
  const isLongTerm =
    parts.some((entries) => contentOf(getFrom(entries)) === 'long-term') ||
    parts.flat().some(({ key, value }) => key === 'aws_access_key_id' && value.startsWith('AKIA'));
  return isLongTerm ? 'long-term' : contentOf(getFrom(readSection(document, section)?.values() ?? []));
}

function getFrom(entries: Iterable<Entry>): Get {
  const values = new Map([...entries].map(({ key, value }) => [key, value]));
  return (key) => values.get(key) || undefined;
}

export function holdsLongTermKeys(section: string, path: string): UserError {
  const what = 'holds long-term keys, which awsmfa never overwrites';
  return cannotTouch('long-term-keys', section, path, what, 'Name another section with --to NAME.');
}

function isForeign(section: string, path: string): UserError {
  const hint = 'Name another section with --to NAME, or put the session over them with --overwrite.';
  return cannotTouch('foreign-section', section, path, 'holds credentials that awsmfa did not write', hint);
}

function notRemoved(section: string, path: string): UserError {
  const what = 'holds credentials that awsmfa did not write, and stays as it is';
  const hint = 'Name the section with --to NAME, or remove it by hand.';
  return cannotTouch('foreign-section', section, path, what, hint);
}

function cannotTouch(code: string, section: string, path: string, what: string, hint: string): UserError {
  const message = `[${printable(section, 60)}] in ${printable(path)} ${what}`;
  return new UserError(Exit.configuration, code, message, hint);
}
