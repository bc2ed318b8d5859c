import { join } from 'node:path';
import { configHeaders } from './config-headers.ts';
import { DEFAULTS, type Document, parseDocument, sectionNames } from './document.ts';
import { malformed } from './faults.ts';
import { layered, type ProfileSection } from './section.ts';
import { readSharedFile } from './shared-file.ts';

export type { PlacedValue, ProfileSection } from './section.ts';

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
  services(name: string): ReadonlyMap<string, ReadonlyMap<string, string>> | undefined;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Nothing where the user has none: no HOME and no entry in the user database. */
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
 *   Lines within sections are looked at when a section is used (`ProfileSection.check`).
 */
export function loadSharedFiles(surroundings: Surroundings): SharedFiles {
  const configPath = pathOf('AWS_CONFIG_FILE', 'config', surroundings);
  const credentialsPath = pathOf('AWS_SHARED_CREDENTIALS_FILE', 'credentials', surroundings);
  const config = load(configPath);
  const credentials = load(credentialsPath);
  const headers = configHeaders(config);
  return {
    configPath,
    credentialsPath,
    names: () => [...new Set([...headers.profiles(), ...sectionNames(credentials)])],
    has: (name) =>
      headers.find('profile', name) !== undefined || (credentials.byName.has(name) && name !== DEFAULTS),
    profile: remembered((name) => {
      return layered(name, [
        [config, headers.find('profile', name)],
        [credentials, name],
      ]);
    }),
    config: remembered((name) => layered(name, [[config, headers.find('profile', name)]])),
    credentials: remembered((name) => layered(name, [[credentials, name]])),
    ssoSession: (name) => checked(layered(name, [[config, headers.find('sso-session', name)]])),
    services: (name) => checked(layered(name, [[config, headers.find('services', name)]]))?.blocks(),
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
    if (!found.has(name)) found.set(name, find(name));
    return found.get(name) as T;
  };
}
