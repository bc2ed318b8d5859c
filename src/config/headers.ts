import { splitWords } from '../text.ts';
import { type Document, sectionNames } from './document.ts';

/** The kind and the name of a section of the config file. */
export interface Kind {
  readonly kind: 'profile' | 'sso-session' | 'services';
  readonly name: string;
}

/**
 * The kind and name in a header of the config file, exactly as botocore's `build_profile_map` and `_parse_section`. The
 * header begins with the word, without a space before it, and has two shell words: `profile work`,
 * `profile "two words"`. `default` alone is the profile of that name. Undefined for any other header.
 */
export function kindOf(header: string): Kind | undefined {
  if (plainProfile.test(header)) return { kind: 'profile', name: header.slice('profile '.length) };
  if (header === 'default') return { kind: 'profile', name: header };
  const kind = kinds.find((word) => header.startsWith(word));
  const [, name, ...rest] = (kind && splitWords(header)) ?? [];
  return kind === undefined || name === undefined || rest.length > 0 ? undefined : { kind, name };
}

const kinds = ['profile', 'sso-session', 'services'] as const;
/** A header without shell quoting, as nearly all are. Fast, because a file may have 2,000. */
const plainProfile = /^profile [\w@%+=:,./-]+$/;

/** The header to write for a profile in the config file, with quotes if the name is more than one plain word. */
export function profileHeader(name: string): string {
  if (name === 'default') return name;
  return isPlain(name) ? `profile ${name}` : `profile "${name.replace(/["\\]/g, '\\$&')}"`;
}

/** A name that needs no quotes. */
export function isPlain(name: string): boolean {
  return plainProfile.test(`profile ${name}`);
}

/** The headers of a config file by what they name. */
export interface ConfigHeaders {
  /** The names of the profiles, in the order of first appearance. */
  profiles(): Iterable<string>;
  /** The header of the section that counts; undefined if there is none. */
  find(kind: Kind['kind'], name: string): string | undefined;
}

/**
 * Two spellings of one name (`[default]` and `[profile default]`, `[profile x]` and `[profile "x"]`) do not merge:
 * the last one in the file wins, as in botocore's `build_profile_map`.
 */
export function configHeaders(config: Document): ConfigHeaders {
  let known: Index | undefined;
  let isOdd: boolean | undefined;
  const index = () => {
    known ??= indexOf(config);
    return known;
  };
  return {
    profiles: () => index().profile.keys(),
    find: (kind, name) => {
      if (known) return known[kind].get(name);
      if (kind !== 'profile' || !isPlain(name)) return index()[kind].get(name);
      isOdd ??= odd.test(config.text);
      return isOdd ? index().profile.get(name) : findPlain(config, name);
    },
  };
}

/**
 * A profile's header in another spelling than `[profile NAME]`, somewhere in the text. If there is none, a header can be
 * looked up directly, without parsing the other 2,000 at every prompt.
 */
const odd = /\[profile(?! [\w@%+=:,./-]+\])/;

function findPlain(config: Document, name: string): string | undefined {
  const header = `profile ${name}`;
  const found = config.byName.get(header);
  const bare = name === 'default' ? config.byName.get(name) : undefined;
  if (bare && bare.start > (found?.start ?? -1)) return name;
  return found && header;
}

type Index = Record<Kind['kind'], Map<string, string>>;

function indexOf(config: Document): Index {
  const index: Index = { profile: new Map(), 'sso-session': new Map(), services: new Map() };
  const place = (header: string) => config.byName.get(header)?.start ?? -1;
  for (const header of sectionNames(config)) {
    const kind = kindOf(header);
    if (!kind) continue;
    const named = index[kind.kind];
    const other = named.get(kind.name);
    if (other === undefined || place(other) < place(header)) named.set(kind.name, header);
  }
  return index;
}
