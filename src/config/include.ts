import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type Layer, type ProfileSection, sectionOf } from './section.ts';

/**
 * A profile with the settings of the profile that it includes where it has none itself, and so on. `include_profile` is
 * aws-vault's, `parent_profile` its older name. Access keys are a pair, and are not among the settings: `keysOf` finds
 * them. `[default]` is not included unless it is named.
 */
export function withIncluded(
  name: string,
  layersOf: (name: string) => readonly Layer[],
  configPath: string,
): ProfileSection | undefined {
  const own = sectionOf(name, layersOf(name));
  if (includedBy(own) === undefined) return own;
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
