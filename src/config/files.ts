import { join } from 'node:path';
import { Exit, UserError } from '../errors.ts';
import { readSharedFile } from '../files/shared-file.ts';
import { printable } from '../text.ts';
import { type Document, parseDocument, sectionNames } from './document.ts';
import { configHeaders } from './headers.ts';
import { malformed } from './lines.ts';
import { type Block, type Layer, layerOf, type ProfileSection, sectionOf } from './section.ts';

/** The shared config and credentials files, read once. */
export interface SharedFiles {
  /** Without a home directory and a variable that names the file: literally `~/.aws/config`. */
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
  /** @throws UserError (malformed-file), as `services` does: only a profile that names the section uses it */
  ssoSession(name: string): ProfileSection | undefined;
  /** The blocks of `[services NAME]` by service: `services(name)?.get('sts')?.get('endpoint_url')`. */
  services(name: string): ReadonlyMap<string, Block> | undefined;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined if the user has none: no HOME and no entry in the user database. */
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
 * One profile in both files. Only the last ones are kept: callers ask for a profile several times in a row, and the garbage
 * collector would copy 2,000 of them.
 */
interface Named {
  readonly inConfig: Layer | undefined;
  readonly inCredentials: Layer | undefined;
  /** Both; the first one wins. */
  readonly layers: readonly Layer[];
  profile: ProfileSection | undefined;
}

const kept = 64;

const nowhere: Named = { inConfig: undefined, inCredentials: undefined, layers: [], profile: undefined };

function alone(layer: Layer | undefined): readonly Layer[] {
  return layer ? [layer] : [];
}

/**
 * A profile with the settings of the profile that it includes where it has none itself, and so on. `include_profile` is
 * aws-vault's, `parent_profile` its older name. Access keys are a pair and are not included: `includedKeys` in
 * `profile/resolve.ts` finds them. `[default]` is included only if it is named.
 */
function withIncluded(
  name: string,
  layersOf: (name: string) => readonly Layer[],
  configPath: string,
): ProfileSection | undefined {
  const own = sectionOf(name, layersOf(name));
  if (!own?.get('include_profile') && !own?.get('parent_profile')) return own;
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

function includedBy(section: ProfileSection | undefined): string | undefined {
  return section?.get('include_profile') ?? section?.get('parent_profile');
}

function withoutKeys(layer: Layer): Layer {
  return { ...layer, values: new Map([...layer.values].filter(([key]) => !keyPair.has(key))) };
}

const keyPair: ReadonlySet<string> = new Set([
  ...['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'aws_security_token'],
  ...['awsmfa_key_store', 'include_profile', 'parent_profile'],
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

/** A `~` that is left means that there is no home. It must not become a directory of that name. */
function load(path: string): Document {
  const document = parseDocument((path.startsWith('~') ? undefined : readSharedFile(path)) ?? '', path);
  if (document.fault) throw malformed(document, document.fault);
  return document;
}

function checked(section: ProfileSection | undefined): ProfileSection | undefined {
  section?.check();
  return section;
}
