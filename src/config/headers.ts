import { splitWords } from '../system/words.ts';
import { type Document, sectionNames } from './document.ts';

/** What a section of the config file is about. */
export interface Kind {
  readonly kind: 'profile' | 'sso-session' | 'services';
  readonly name: string;
}

/**
 * What a header of the config file names: botocore's `build_profile_map` and `_parse_section`, to the letter. The
 * header begins with the word (no space before it), and shell words make it two: `profile work`,
 * `profile "two words"`. `default` alone is the profile of that name. All else is not for us.
 */
export function kindOf(header: string): Kind | undefined {
  if (plainProfile.test(header)) return { kind: 'profile', name: header.slice('profile '.length) };
  if (header === 'default') return { kind: 'profile', name: header };
  const kind = kinds.find((word) => header.startsWith(word));
  const [, name, ...rest] = (kind && splitWords(header)) ?? [];
  return kind === undefined || name === undefined || rest.length > 0 ? undefined : { kind, name };
}

const kinds = ['profile', 'sso-session', 'services'] as const;
/** What needs no shell quoting; nearly every header, and 2,000 of them must cost little. */
const plainProfile = /^profile [\w@%+=:,./-]+$/;

/** The header to write for a profile in the config file; a name that is more than one plain word gets quotes. */
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
  /** The header of the section that holds, nothing when there is none. */
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
 * A profile's header in any spelling but `[profile NAME]`, somewhere in the text. Without one, a header can be looked
 * up as it is, and the other 2,000 need not be taken apart at every prompt.
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
