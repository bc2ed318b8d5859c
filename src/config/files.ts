import { join } from 'node:path';
import { DEFAULTS, type Document, lineAt, parseDocument, readSection, sectionNames } from './document.ts';
import type { Entry } from './entries.ts';
import { type Fault, malformed } from './faults.ts';
import { configHeaders } from './headers.ts';
import { readSharedFile } from './shared-file.ts';

/** The shared config and credentials files, read once. */
export interface SharedFiles {
  /** For a user without a home directory, and no variable that names the file: `~/.aws/config`, as it stands. */
  readonly configPath: string;
  readonly credentialsPath: string;
  /** Every profile: those of the config file in its order, then those only in the credentials file. */
  names(): readonly string[];
  has(name: string): boolean;
  /** A profile with the values of both files; those of the credentials file win. */
  profile(name: string): ProfileSection | undefined;
  /** A profile as the config file alone has it. */
  config(name: string): ProfileSection | undefined;
  /** A profile as the credentials file alone has it. */
  credentials(name: string): ProfileSection | undefined;
  /** @throws UserError (malformed-file): only a profile that names it asks for it, and so with services */
  ssoSession(name: string): ProfileSection | undefined;
  /** The blocks of `[services NAME]` by service: `services(name)?.get('sts')?.get('endpoint_url')`. */
  services(name: string): ReadonlyMap<string, Block> | undefined;
}

/**
 * The keys of one profile, SSO session or `[services]` section, from one file or merged from both. Keys are asked
 * for in lower case.
 */
export interface ProfileSection {
  readonly name: string;
  keys(): readonly string[];
  /** The value. An empty one counts as none, and so does a block. */
  get(key: string): string | undefined;
  /** The value as it stands, perhaps empty, and where it stands; of a block, its text. */
  value(key: string): PlacedValue | undefined;
  /** The keys and values of the indented block under a key such as `s3 =`; their names keep their case. */
  block(key: string): Block | undefined;
  /** Every key that has a block. */
  blocks(): ReadonlyMap<string, Block>;
  /**
   * Call it before the section is used. `list` does not, and shows what can be read of a broken section.
   *
   * @throws UserError (configuration, malformed-file) for its first line that no reader takes
   */
  check(): void;
}

type Block = ReadonlyMap<string, string>;

export interface PlacedValue {
  readonly value: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined where the user has none: no HOME and no entry in the user database. */
  readonly home: string | undefined;
}

/**
 * Reads both files. A missing one is empty.
 *
 * Names are those of `aws configure list-profiles`, and profiles merge as in botocore's `Session.full_config`: key
 * by key, the credentials file over the config file. botocore takes an empty value for a value; `get` does not,
 * like the AWS SDK for JavaScript, so that `mfa_serial =` means none.
 *
 * @throws UserError (configuration) when a file is there and cannot be read, or has a line that belongs to no section.
 *   Lines within sections are checked when a section is used (`ProfileSection.check`).
 */
export function loadSharedFiles(surroundings: Surroundings): SharedFiles {
  const configPath = pathOf('AWS_CONFIG_FILE', 'config', surroundings);
  const credentialsPath = pathOf('AWS_SHARED_CREDENTIALS_FILE', 'credentials', surroundings);
  const config = load(configPath);
  const credentials = load(credentialsPath);
  const headers = configHeaders(config);
  const inConfig = remembered((name) => sectionOf(name, layerOf(config, headers.find('profile', name))));
  const inCredentials = remembered((name) => sectionOf(name, layerOf(credentials, name)));
  const merged = remembered((name) => {
    const [over, under] = [inCredentials(name), inConfig(name)];
    return over && under ? sectionOf(name, over.layers[0], under.layers[0]) : (over ?? under);
  });
  const has = (name: string) =>
    headers.find('profile', name) !== undefined || (credentials.byName.has(name) && name !== DEFAULTS);
  return {
    configPath,
    credentialsPath,
    names: () => [...new Set([...headers.profiles(), ...sectionNames(credentials)])],
    has,
    profile: (name) => (has(name) ? merged(name) : undefined),
    config: inConfig,
    credentials: inCredentials,
    ssoSession: (name) => checked(sectionOf(name, layerOf(config, headers.find('sso-session', name)))),
    services: (name) => checked(sectionOf(name, layerOf(config, headers.find('services', name))))?.blocks(),
  };
}

/**
 * The path of a file. An empty variable counts as unset. `$NAME` and `~` are expanded as botocore does
 * (`expandvars`, then `expanduser`), but for `~user`. What cannot be expanded stays.
 */
export function pathOf(variable: string, file: string, { env, home }: Surroundings): string {
  const path = (env[variable] || join('~', '.aws', file)).replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (all: string, bare: string | undefined, braced: string) => env[bare ?? braced] ?? all,
  );
  return home !== undefined && /^~(?:$|[/\\])/.test(path) ? home + path.slice(1) : path;
}

/** A `~` that is left means that there is no home, and not a directory of that name where the user stands. */
function load(path: string): Document {
  const document = parseDocument((path.startsWith('~') ? undefined : readSharedFile(path)) ?? '', path);
  if (document.fault) throw malformed(document, document.fault);
  return document;
}

function checked(section: ProfileSection | undefined): ProfileSection | undefined {
  section?.check();
  return section;
}

/** `list` asks for the same source profiles over and over. */
function remembered<T>(find: (name: string) => T): (name: string) => T {
  const found = new Map<string, T>();
  return (name) => {
    let value = found.get(name);
    if (value === undefined && !found.has(name)) {
      value = find(name);
      found.set(name, value);
    }
    return value as T;
  };
}

/** What one file says in a section. */
interface Layer {
  readonly document: Document;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly fault: Fault | undefined;
}

/** @param header the text between the brackets; undefined when the file has no such section */
function layerOf(document: Document, header: string | undefined): Layer | undefined {
  if (header === undefined) return undefined;
  let fault: Fault | undefined;
  const entries = readSection(document, header, (found) => {
    fault ??= found;
  });
  return entries && { document, entries, fault };
}

interface LayeredSection extends ProfileSection {
  readonly layers: readonly [over: Layer, under?: Layer];
}

/** The section that one or two layers make, the keys of the first over those of the second. */
function sectionOf(name: string, over: Layer | undefined, under?: Layer): LayeredSection | undefined {
  if (!over) return undefined;
  const layers: LayeredSection['layers'] = under ? [over, under] : [over];
  const entry = (key: string) => over.entries.get(key) ?? under?.entries.get(key);
  const keys = () => [...new Set([...(under?.entries.keys() ?? []), ...over.entries.keys()])];
  return {
    name,
    layers,
    keys,
    get: (key) => {
      const found = over.entries.get(key) ?? under?.entries.get(key);
      return found === undefined || found.block ? undefined : found.value || undefined;
    },
    value: (key) => {
      const layer = over.entries.has(key) ? over : under;
      const found = layer?.entries.get(key);
      return layer && found && placed(layer.document, found);
    },
    block: (key) => entry(key)?.block,
    blocks: () =>
      new Map(
        keys().flatMap((key) => {
          const block = entry(key)?.block;
          return block ? [[key, block] as const] : [];
        }),
      ),
    check: () => {
      // The line in the config file is told first.
      const broken = under?.fault ? under : over;
      if (broken.fault) throw malformed(broken.document, broken.fault);
    },
  };
}

/** The line is counted only when a message needs it. */
function placed(document: Document, { value, start }: Entry): PlacedValue {
  return {
    value,
    path: document.path,
    get line() {
      return lineAt(document, start);
    },
  };
}
