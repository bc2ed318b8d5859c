import { type Document, sectionNames } from './document.ts';
import { isPlain, type Kind, kindOf } from './headers.ts';

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
      if (known || kind !== 'profile' || !isPlain(name)) return index()[kind].get(name);
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
  if (bare && bare.index > (found?.index ?? -1)) return name;
  return found && header;
}

type Index = Record<Kind['kind'], Map<string, string>>;

function indexOf(config: Document): Index {
  const index: Index = { profile: new Map(), 'sso-session': new Map(), services: new Map() };
  const place = (header = '') => config.byName.get(header)?.index ?? -1;
  for (const header of sectionNames(config)) {
    const kind = kindOf(header);
    if (!kind) continue;
    const named = index[kind.kind];
    if (place(named.get(kind.name)) < place(header)) named.set(kind.name, header);
  }
  return index;
}
