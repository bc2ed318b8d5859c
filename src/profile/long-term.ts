import type { Document } from '../config/document.ts';
import type { SharedFiles } from '../config/files.ts';
import { configHeaders, profileHeader } from '../config/headers.ts';
import { isTemporary } from '../credentials.ts';
import { isSso } from './identity-center.ts';
import { keysOf } from './keys.ts';

/** aws-mfa's convention: the keys of NAME are in `[NAME-long-term]`, and `[NAME]` holds the session. */
export const longTermSuffix = 'long-term';

/** Added to the name of a profile for the section of its session, unless `--to` names another. */
export const sessionEnding = '-mfa';

export function longTermSection(name: string): string {
  return `${name}-${longTermSuffix}`;
}

/** NAME for `NAME-long-term`, undefined for any other name. */
function nameOfLongTerm(section: string): string | undefined {
  const ending = `-${longTermSuffix}`;
  return section.endsWith(ending) ? section.slice(0, -ending.length) || undefined : undefined;
}

/** The name with a suffix as aws-mfa adds it: after a hyphen, and `none` is no suffix. */
export function suffixed(name: string, suffix: string): string {
  return suffix.toLowerCase() === 'none' ? name : `${name}-${suffix}`;
}

/** Whether the files have a profile of this name, or its `[NAME-long-term]`. */
export function exists(name: string, files: SharedFiles): boolean {
  return files.has(name) || files.has(longTermSection(name));
}

/**
 * The names of the profiles as the user may type them: the keys of `[NAME-long-term]` are those of `NAME`, whether
 * there is a section of that name or not.
 */
export function callableNames(files: SharedFiles): readonly string[] {
  const all = files.names();
  if (!all.join('\n').includes(longTermSuffix)) return all;
  const names = all.map((name) => {
    const short = nameOfLongTerm(name);
    return short !== undefined && files.profile(name)?.get('aws_access_key_id') ? short : name;
  });
  return [...new Set(names)];
}

/** The profile that the session in a section came from, as far as the names tell. */
export function sourceByName(section: string, files: SharedFiles): string | undefined {
  if (files.has(longTermSection(section))) return section;
  const name = section.endsWith(sessionEnding) ? section.slice(0, -sessionEnding.length) : '';
  return files.has(name) ? name : undefined;
}

/**
 * The NAME of aws-mfa's pair, `[NAME-long-term]` with the keys and `[NAME]` for the session, when a profile is one of
 * the two. With keys or a role of its own, `[NAME]` is a profile like any other.
 */
export function pairName(profile: string, files: SharedFiles): string | undefined {
  const name = nameOfLongTerm(profile);
  if (name !== undefined && files.has(profile)) return name;
  return files.has(longTermSection(profile)) && !standsAlone(profile, files) ? profile : undefined;
}

function standsAlone(profile: string, files: SharedFiles): boolean {
  const section = files.profile(profile);
  if (isOutranked(profile, files) || others.some((key) => section?.get(key))) return true;
  const keys = keysOf(profile, files);
  return keys !== undefined && !isTemporary(keys);
}

const others = ['credential_process', 'login_session'];

/**
 * Whether tools would take other credentials of this profile before the keys in its section of the credentials file. A
 * role whose source is the profile itself is assumed with them.
 */
export function isOutranked(profile: string, files: SharedFiles): boolean {
  const section = files.profile(profile);
  if (isSso(section) || section?.get('web_identity_token_file')) return true;
  return section?.get('role_arn') !== undefined && section.get('source_profile') !== profile;
}

/**
 * The header of the section to edit in a config file, in whichever spelling it is there. A profile that the file only knows
 * as aws-mfa's `[profile NAME-long-term]` is edited there; one that it does not know gets a section of its own.
 */
export function headerOf(profile: string, document: Document): string {
  const { find } = configHeaders(document);
  return find('profile', profile) ?? find('profile', longTermSection(profile)) ?? profileHeader(profile);
}
