import { join } from 'node:path';
import { readSharedFile } from '../files/shared-file.ts';
import { type Document, parseDocument, sectionNames } from './document.ts';
import { malformed } from './faults.ts';
import { configHeaders } from './headers.ts';
import { withIncluded } from './include.ts';
import { type Block, type Layer, layerOf, type ProfileSection, sectionOf } from './section.ts';

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
  const named = new Map<string, Named>();
  const look = (name: string): Named => {
    const inConfig = layerOf(name, config, headers.find('profile', name));
    const inCredentials = layerOf(name, credentials, name);
    const layers = inCredentials && inConfig ? [inCredentials, inConfig] : alone(inCredentials ?? inConfig);
    const found = layers.length > 0 ? { inConfig, inCredentials, layers, profile: undefined } : nowhere;
    if (named.size === kept) named.clear();
    named.set(name, found);
    return found;
  };
  const find = (name: string): Named => named.get(name) ?? look(name);
  const layersOf = (name: string) => find(name).layers;
  const configSection = (kind: 'sso-session' | 'services', name: string) =>
    sectionOf(name, alone(layerOf(name, config, headers.find(kind, name))));
  return {
    configPath,
    credentialsPath,
    names: () => [...new Set([...headers.profiles(), ...sectionNames(credentials)])],
    has: (name) => find(name) !== nowhere,
    profile: (name) => {
      const found = named.get(name) ?? look(name);
      if (found === nowhere) return undefined;
      found.profile ??= withIncluded(name, layersOf, configPath);
      return found.profile;
    },
    config: (name) => sectionOf(name, alone(find(name).inConfig)),
    credentials: (name) => sectionOf(name, alone(find(name).inCredentials)),
    ssoSession: (name) => checked(configSection('sso-session', name)),
    services: (name) => checked(configSection('services', name))?.blocks(),
  };
}

/**
 * What both files say of one profile. It is kept for a while, because it is asked for several times in a row; 2,000 of
 * them are too much for the garbage collector to copy.
 */
interface Named {
  readonly inConfig: Layer | undefined;
  readonly inCredentials: Layer | undefined;
  /** Those two, the one that wins first. */
  readonly layers: readonly Layer[];
  profile: ProfileSection | undefined;
}

const kept = 64;

const nowhere: Named = { inConfig: undefined, inCredentials: undefined, layers: [], profile: undefined };

function alone(layer: Layer | undefined): readonly Layer[] {
  return layer ? [layer] : [];
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
