import { loadSharedFiles, pathOf, type SharedFiles, type Surroundings } from './files.ts';
import { kindOf } from './headers.ts';
import type { ProfileSection } from './section.ts';
import { readSharedFile } from './shared-file.ts';

export interface AllFiles extends SharedFiles {
  /** The plain text of a profile; undefined when any of it is more than keys and values. */
  plain(name: string): PlainText | undefined;
}

/** Undefined for a file that does not have the profile. */
export interface PlainText {
  readonly config: Pairs | undefined;
  readonly credentials: Pairs | undefined;
}

/** Keys and values in turn. */
export type Pairs = readonly string[];

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
  const sections = new Map<string, ProfileSection | undefined>();
  const merged = (name: string) => {
    const [below, above] = [config.get(name), credentials.get(name)];
    if (below === odd || above === odd) return full().profile(name);
    const pairs = below && above ? [...below, ...above] : (above ?? below);
    return section(name, pairs, () => full().profile(name));
  };
  const only = (file: Sections, read: (name: string) => ProfileSection | undefined) => (name: string) =>
    file.get(name) === odd ? read(name) : section(name, file.get(name), () => read(name));
  return {
    configPath,
    credentialsPath,
    names: () => [...new Set([...config.keys(), ...credentials.keys()])],
    has: (name) => config.has(name) || credentials.has(name),
    profile: (name) => {
      if (!config.has(name) && !credentials.has(name)) return undefined;
      if (!sections.has(name)) sections.set(name, merged(name));
      return sections.get(name);
    },
    config: only(config, (name) => full().config(name)),
    credentials: only(credentials, (name) => full().credentials(name)),
    ssoSession: (name) => full().ssoSession(name),
    services: (name) => full().services(name),
    plain: (name) => {
      const text = { config: config.get(name), credentials: credentials.get(name) };
      return text.config === odd || text.credentials === odd ? undefined : text;
    },
  };
}

type Sections = ReadonlyMap<string, Pairs>;

/** In place of what only the usual reader understands. */
const odd: Pairs = [];

/** A header, or a key and its value, or a comment or nothing, or any other line; empty lines behind it included. */
const line =
  /\[([^\][\r\n]+)\][ \t]*(?:(?:\r?\n)+|$)|([a-z_]+)[ \t]*=[ \t]*([!-"$-:<-~](?:[\t -"$-:<-~]*[!-"$-:<-~])?)[ \t]*(?:(?:\r?\n)+|$)|(?:[#;][^\r\n]*)?(?:(?:\r?\n)+|$)|([^\n]*)(?:\n|$)/y;

/**
 * Written for a machine that has not warmed up: it runs thousands of times, once.
 *
 * @param nameOf the profile that a header is about; undefined for none
 * @returns undefined for a file that is not to be judged by its lines alone
 */
function scan(text: string, nameOf: (header: string) => string | undefined): Sections | undefined {
  const sections = new Map<string, Pairs>();
  let name: string | undefined;
  let pairs: string[] | undefined;
  line.lastIndex = 0;
  while (line.lastIndex < text.length) {
    const match = line.exec(text);
    if (match === null) return undefined;
    const key = match[2];
    if (key !== undefined) {
      // Above the first header: an error that the usual reader knows best.
      if (pairs === undefined) return undefined;
      pairs.push(key, match[3] as string);
      continue;
    }
    const header = match[1];
    if (header !== undefined) {
      if (header === 'DEFAULT') return undefined;
      name = nameOf(header);
      pairs = [];
      if (name === undefined) continue;
      if (sections.has(name)) return undefined;
      sections.set(name, pairs);
    } else if (match[4] !== undefined) {
      // A byte order mark, a header with something behind or before it, a lone CR.
      if (pairs === undefined || /[[\r\ufeff]/.test(match[4])) return undefined;
      if (name !== undefined) sections.set(name, odd);
    }
  }
  return sections;
}

function profileIn(header: string): string | undefined {
  const kind = kindOf(header);
  return kind?.kind === 'profile' ? kind.name : undefined;
}

/** @param full for what is asked only when something is to be said about it */
function section(
  name: string,
  pairs: Pairs | undefined,
  full: () => ProfileSection | undefined,
): ProfileSection | undefined {
  if (!pairs) return undefined;
  const get = (key: string) => {
    for (let index = pairs.length - 2; index >= 0; index -= 2) {
      if (pairs[index] === key) return pairs[index + 1];
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
