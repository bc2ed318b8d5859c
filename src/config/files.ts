import { join } from 'node:path';
import { Exit, UserError } from '../errors.ts';
import { readSharedFile } from '../files/shared-file.ts';
import { printable } from '../printable.ts';
import { DEFAULTS, type Document, lineAt, parseDocument, readSection, sectionNames } from './document.ts';
import type { Entry } from './entries.ts';
import { type Fault, malformed } from './faults.ts';
import { configHeaders } from './headers.ts';

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
  /** The names of the profiles that it includes, the nearest first. Their settings are its own where it has none. */
  readonly included: readonly string[];
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

/** Names the key store that has the secret of a section's access key. */
export const storeKey = 'awsmfa_key_store';

export interface PlacedValue {
  readonly value: string;
  /** The profile whose section has it. */
  readonly profile: string;
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
  const configLayer = (name: string) => layerOf(name, config, headers.find('profile', name));
  const credentialsLayer = (name: string) => layerOf(name, credentials, name);
  const layers = remembered((name) => {
    const own = [credentialsLayer(name), configLayer(name)];
    return own.filter((layer) => layer !== undefined);
  });
  const has = (name: string) =>
    headers.find('profile', name) !== undefined || (credentials.byName.has(name) && name !== DEFAULTS);
  const configSection = (kind: 'sso-session' | 'services', name: string) =>
    sectionOf(name, alone(layerOf(name, config, headers.find(kind, name))));
  const merged = remembered((name) => withIncluded(name, layers, configPath));
  const profile = (name: string) => (has(name) ? merged(name) : undefined);
  return {
    configPath,
    credentialsPath,
    names: () => [...new Set([...headers.profiles(), ...sectionNames(credentials)])],
    has,
    profile,
    config: remembered((name) => sectionOf(name, alone(configLayer(name)))),
    credentials: remembered((name) => sectionOf(name, alone(credentialsLayer(name)))),
    ssoSession: (name) => checked(configSection('sso-session', name)),
    services: (name) => checked(configSection('services', name))?.blocks(),
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
  /** Of the profile. */
  readonly name: string;
  readonly document: Document;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly fault: Fault | undefined;
}

/** @param header the text between the brackets; undefined when the file has no such section */
function layerOf(name: string, document: Document, header: string | undefined): Layer | undefined {
  if (header === undefined) return undefined;
  let fault: Fault | undefined;
  const entries = readSection(document, header, (found) => {
    fault ??= found;
  });
  return entries && { name, document, entries, fault };
}

function alone(layer: Layer | undefined): readonly Layer[] {
  return layer ? [layer] : [];
}

/**
 * A profile with the settings of the profile that it includes where it has none itself, and so on. `include_profile` is
 * aws-vault's, `parent_profile` its older name. Access keys are a pair, and are not among the settings: `keysOf` finds
 * them. `[default]` is not included unless it is named.
 */
function withIncluded(
  name: string,
  layersOf: (name: string) => readonly Layer[],
  configPath: string,
): ProfileSection | undefined {
  const own = layersOf(name);
  if (!own.some(({ entries }) => includeKeys.some((key) => entries.has(key)))) return sectionOf(name, own);
  const names = [name];
  const layers: Layer[] = [];
  let error: UserError | undefined;
  for (let at: string | undefined = name; at !== undefined; ) {
    const here: readonly Layer[] = layersOf(at);
    layers.push(...(at === name ? here : here.map(withoutKeys)));
    const next = includedBy(sectionOf(at, here));
    if (next !== undefined && names.includes(next)) error = includeCycle([...names, next]);
    else if (next !== undefined && layersOf(next).length === 0) error = noIncluded(at, next, configPath);
    at = error ? undefined : next;
    if (at !== undefined) names.push(at);
  }
  return sectionOf(name, layers, { error, included: names.slice(1) });
}

const includeKeys = ['include_profile', 'parent_profile'];

function includedBy(section: ProfileSection | undefined): string | undefined {
  return section?.get('include_profile') ?? section?.get('parent_profile');
}

function withoutKeys(layer: Layer): Layer {
  return { ...layer, entries: new Map([...layer.entries].filter(([key]) => !keyPair.has(key))) };
}

const keyPair: ReadonlySet<string> = new Set([
  ...['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'aws_security_token'],
  ...['awsmfa_key_store', ...includeKeys],
]);

function includeCycle(names: readonly string[]): UserError {
  const shown = names.map((name) => printable(name, 60)).join(' → ');
  return new UserError(
    Exit.configuration,
    'include-cycle',
    `The profiles include each other in a circle: ${shown}`,
    'Remove one of the include_profile lines.',
  );
}

function noIncluded(name: string, included: string, configPath: string): UserError {
  return new UserError(
    Exit.configuration,
    'no-such-profile',
    `Profile "${printable(name, 60)}" has include_profile "${printable(included, 60)}", and there is no such profile`,
    `Add it to ${printable(configPath)}, or remove the line.`,
  );
}

interface Included {
  readonly error: UserError | undefined;
  readonly included: readonly string[];
}

/** The section that these layers make; keys of the first ones win. Undefined without a layer. */
function sectionOf(
  name: string,
  layers: readonly Layer[],
  { error, included }: Included = { error: undefined, included: [] },
): ProfileSection | undefined {
  if (layers.length === 0) return undefined;
  const layerWith = (key: string) => {
    for (const layer of layers) if (layer.entries.has(key)) return layer;
    return undefined;
  };
  const entry = (key: string) => layerWith(key)?.entries.get(key);
  const keys = () => [...new Set([...layers].reverse().flatMap(({ entries }) => [...entries.keys()]))];
  return {
    name,
    included,
    keys,
    get: (key) => {
      const found = entry(key);
      return found === undefined || found.block ? undefined : found.value || undefined;
    },
    value: (key) => {
      const layer = layerWith(key);
      const found = layer?.entries.get(key);
      return layer && found && placed(layer, found);
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
      const broken = layers.findLast(({ fault }) => fault);
      if (broken?.fault) throw malformed(broken.document, broken.fault);
      if (error) throw error;
    },
  };
}

/** The line is counted only when a message needs it. */
function placed({ name, document }: Layer, { value, start }: Entry): PlacedValue {
  return {
    value,
    profile: name,
    path: document.path,
    get line() {
      return lineAt(document, start);
    },
  };
}
