import { loadSharedFiles, pathOf, type SharedFiles, type Surroundings } from '../config/files.ts';
import { kindOf } from '../config/headers.ts';
import type { ProfileSection } from '../config/section.ts';
import { readSharedFile } from '../config/shared-file.ts';

export interface AllFiles extends SharedFiles {
  /** The text of a profile below its headers; undefined when any of it is more than keys and values. */
  plain(name: string): PlainText | undefined;
}

/** '' for a file that does not have the profile. */
export interface PlainText {
  readonly config: string;
  readonly credentials: string;
}

/**
 * The shared files for a command that looks at every profile: the same answers as `loadSharedFiles`, 2,000 profiles
 * in a few milliseconds. What is plain, as nearly all of it is, one regular expression takes apart; for a section
 * with anything else in it, and for all but the profiles, the usual reader is asked. A file in which it is not
 * certain where the sections are is left to the usual reader altogether.
 */
export function loadAllProfiles(surroundings: Surroundings): AllFiles {
  const configPath = pathOf('AWS_CONFIG_FILE', 'config', surroundings);
  const credentialsPath = pathOf('AWS_SHARED_CREDENTIALS_FILE', 'credentials', surroundings);
  const config = scan(readSharedFile(configPath) ?? '', profileIn);
  const credentials = scan(readSharedFile(credentialsPath) ?? '', (header) => header);
  let read: SharedFiles | undefined;
  const full = () => {
    read ??= loadSharedFiles(surroundings);
    return read;
  };
  if (!config || !credentials) return { ...full(), plain: () => undefined };
  const isOdd = (name: string) => config.get(name) === odd || credentials.get(name) === odd;
  return {
    configPath,
    credentialsPath,
    names: () => [...new Set([...config.keys(), ...credentials.keys()])],
    has: (name) => config.has(name) || credentials.has(name),
    profile: (name) => {
      const texts = [credentials.get(name), config.get(name)];
      return isOdd(name) ? full().profile(name) : section(name, texts, () => full().profile(name));
    },
    config: (name) =>
      isOdd(name) ? full().config(name) : section(name, [config.get(name)], () => full().config(name)),
    credentials: (name) =>
      isOdd(name)
        ? full().credentials(name)
        : section(name, [credentials.get(name)], () => full().credentials(name)),
    ssoSession: (name) => full().ssoSession(name),
    services: (name) => full().services(name),
    plain: (name) =>
      isOdd(name) ? undefined : { config: config.get(name) ?? '', credentials: credentials.get(name) ?? '' },
  };
}

/** The texts of the sections, from the end of the header on, by the name of their profile. */
type Sections = ReadonlyMap<string, string>;

/** In place of a text that only the usual reader understands. */
const odd = '[';

const top = /(?:(?:[#;][^\r\n]*)?\r?\n)*/y;

/** A header, and the lines below it: keys with values of printable ASCII, comments, and nothing. */
const plainSection =
  /\[([^\][\r\n]+)\]([ \t]*(?:(?:\r?\n(?:[#;][^\r\n]*|[a-z_]+[ \t]*=[ \t]*[!-"$-:<-~](?:[\t -"$-:<-~]*[!-"$-:<-~])?[ \t]*)?)*(?:\r?\n|$)))/y;

/**
 * Few steps here and many in the regular expression: this runs 2,000 times on a machine that has not warmed up.
 *
 * @param nameOf the profile that a header is about; undefined for none
 * @returns undefined for a file that is not to be judged by its lines alone
 */
function scan(text: string, nameOf: (header: string) => string | undefined): Sections | undefined {
  const sections = new Map<string, string>();
  top.lastIndex = 0;
  top.exec(text);
  for (let at = top.lastIndex; at < text.length; ) {
    plainSection.lastIndex = at;
    const match = plainSection.exec(text);
    if (match === null) return undefined;
    at = plainSection.lastIndex;
    const header = match[1] as string;
    const name = nameOf(header);
    if (header === 'DEFAULT' || (name !== undefined && sections.has(name))) return undefined;
    let body = match[2] as string;
    if (at < text.length && text.charCodeAt(at) !== BRACKET) {
      const next = text.indexOf('\n[', at) + 1 || text.length;
      // An indented header, or what looks like one; a line break that is none for everybody.
      if (/\[|\r(?!\n)/.test(text.slice(at, next))) return undefined;
      at = next;
      body = odd;
    }
    if (name !== undefined) sections.set(name, body);
  }
  return sections;
}

const BRACKET = 0x5b;

function profileIn(header: string): string | undefined {
  const kind = kindOf(header);
  return kind?.kind === 'profile' ? kind.name : undefined;
}

/** @param full for what is asked only when something is to be said about it */
function section(
  name: string,
  texts: readonly (string | undefined)[],
  full: () => ProfileSection | undefined,
): ProfileSection | undefined {
  if (texts.every((text) => text === undefined)) return undefined;
  const get = (key: string) => {
    for (const text of texts) {
      const value = text && valueIn(text, `\n${key}`);
      if (value) return value;
    }
    return undefined;
  };
  return {
    name,
    get,
    keys: () => full()?.keys() ?? [],
    value: (key) => {
      const value = get(key);
      if (value === undefined) return undefined;
      const placed = () => full()?.value(key);
      return {
        value,
        get path() {
          return placed()?.path ?? '';
        },
        get line() {
          return placed()?.line ?? 0;
        },
      };
    },
    block: (key) => full()?.block(key),
    blocks: () => full()?.blocks() ?? new Map(),
    // Nothing in it is other than it should be.
    check: () => {},
  };
}

/**
 * The value of a key in the text of a plain section; of several the last.
 *
 * @param key after a line feed: no key is in the middle of a line
 */
export function valueIn(text: string, key: `\n${string}`): string | undefined {
  let value: string | undefined;
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const after = text.charCodeAt(at + key.length);
    if (after !== SPACE && after !== EQUALS && after !== TAB) continue;
    const end = text.indexOf('\n', at + 1);
    value = text.slice(text.indexOf('=', at) + 1, end < 0 ? undefined : end).trim();
  }
  return value;
}

const SPACE = 0x20;
const TAB = 0x09;
const EQUALS = 0x3d;
