import type { SharedFiles } from '../config/files.ts';
import { Exit, UserError } from '../errors.ts';
import { closestNames, optionWord, printable, profileWord } from '../text.ts';
import { byDefault, type ProfileChoice } from './choice.ts';

/** The errors of profiles without credentials. Each names the profile and the files, and how to fix it. */
export function noSuchProfile({ name, by }: ProfileChoice, files: SharedFiles): UserError {
  const known = knownNames(files);
  const read = `${printable(files.configPath)} and ${printable(files.credentialsPath)}`;
  if (by === byDefault) {
    return configuration(
      'no-such-profile',
      `No profile was named, and there is no [default] in ${read}`,
      known.length > 0 ? `Name one: awsmfa use ${some(known, profileWord)}` : setUp(),
    );
  }
  return configuration(
    'no-such-profile',
    `No profile "${shown(name)}" (from ${by}) in ${read}`,
    instead(name, known),
  );
}

export function noSource(name: string, source: string, files: SharedFiles): UserError {
  return configuration(
    'no-such-source',
    `Profile "${shown(name)}" has source_profile "${shown(source)}", and there is no such profile`,
    instead(
      source,
      knownNames(files).filter((known) => known !== name),
    ),
  );
}

/**
 * @param circle the names in the order they lead to each other, the first again at the end
 * @param chosen the profile that led into the circle
 */
export function sourceCycle(circle: readonly string[], chosen = circle[0]): UserError {
  const names = circle.length > 12 ? [...circle.slice(0, 8), '…', ...circle.slice(-2)] : circle;
  const from = chosen === undefined || circle.includes(chosen) ? '' : ` of "${shown(chosen)}"`;
  return configuration(
    'source-cycle',
    `The source profiles${from} go round in a circle: ${names.map(shown).join(' → ')}`,
    'One of them must name a profile that has keys of its own.',
  );
}

/** A role without a source. */
export function noRoleSource(name: string, files: SharedFiles): UserError {
  return (
    ofOtherTool(name, files) ??
    configuration(
      'source-unclear',
      `Profile "${shown(name)}" has role_arn, and neither source_profile nor credential_source`,
      'Set source_profile to the profile whose keys may assume the role. The key that aws-vault keeps for this profile is not read.',
    )
  );
}

export function twoSources(name: string): UserError {
  return configuration(
    'source-unclear',
    `Profile "${shown(name)}" has both source_profile and credential_source`,
    'Remove one of them.',
  );
}

export function unknownSource(name: string, credentialSource: string): UserError {
  return configuration(
    'source-unclear',
    `Profile "${shown(name)}" has credential_source "${shown(credentialSource)}", which AWS does not know`,
    'There is Environment, Ec2InstanceMetadata and EcsContainer.',
  );
}

/** Keys of other tools that name a source of credentials. awsmfa does not read them, and the error names the tool. */
const otherTools: readonly (readonly [key: RegExp, tool: string, hint: string])[] = [
  [
    /^granted_sso_/,
    'granted',
    'Name the same values sso_start_url, sso_region, sso_account_id and sso_role_name, without granted_.',
  ],
  [
    /^web_identity_token_process$/,
    'aws-vault',
    'Let the program write its token into a file: web_identity_token_file.',
  ],
  [/^(?:jump_role_arn|saml_|web_identity_(?:auth|redirect|client))/, 'aws-runas', ''],
  [/^principal_arn$/, 'awsume', ''],
  [/^google_config\./, 'aws-google-auth', ''],
  [/^adfs_config\./, 'aws-adfs', ''],
  [/^azure_/, 'aws-azure-login', ''],
  [/^aws_saml_url$|^okta_/, 'aws-okta', ''],
  [/^x_principal_arn$/, 'saml2aws', ''],
];

function ofOtherTool(name: string, files: SharedFiles): UserError | undefined {
  for (const key of files.profile(name)?.keys() ?? []) {
    const known = otherTools.find(([pattern]) => pattern.test(key));
    if (!known) continue;
    const [, tool, hint] = known;
    return configuration(
      'other-tool',
      `Profile "${shown(name)}" gets its credentials from ${tool} (${shown(key)}), which awsmfa does not read`,
      hint || `Let ${tool} give them as a credential_process, or use another profile.`,
    );
  }
  return undefined;
}

export function noEnvironment(name: string): UserError {
  return configuration(
    'no-environment-keys',
    `Profile "${shown(name)}" has credential_source Environment, and there are no keys in the environment`,
    'Export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use source_profile.',
  );
}

/** @param asked the profile whose source it is */
export function noCredentials(name: string, asked: string | undefined, files: SharedFiles): UserError {
  const of = asked === undefined ? '' : `, the source of "${shown(asked)}",`;
  const other = ofOtherTool(name, files);
  if (other) return other;
  return configuration(
    'no-keys',
    `Profile "${shown(name)}"${of} has no credentials in ${printable(files.configPath)} or ${printable(files.credentialsPath)}`,
    setUp(name),
  );
}

function knownNames(files: SharedFiles): readonly string[] {
  return files.names().map((known) => known.replace(/-long-term$/, ''));
}

function instead(name: string, known: readonly string[]): string {
  const close = closestNames(name, known);
  if (close.length > 0) return `Did you mean ${some(close)}?`;
  return known.length > 0 ? `Your profiles: ${some(known, shown, ', ')}.` : setUp();
}

function some(names: readonly string[], word = shown, between = ' or '): string {
  const all = [...new Set(names)];
  const first = all.slice(0, 5).map(word);
  return all.length > 5 ? `${first.join(', ')}, …` : first.join(between);
}

function setUp(name?: string): string {
  if (name === undefined) {
    return 'Set one up with your access key: awsmfa setup. To sign in by browser instead: aws login, or aws configure sso';
  }
  const option = optionWord('--profile', name);
  return `Give it an access key: awsmfa setup ${option}. To sign in by browser instead: aws login ${option}, or aws configure sso ${option}`;
}

function shown(name: string): string {
  return printable(name, 60);
}

function configuration(code: string, message: string, hint: string): UserError {
  return new UserError(Exit.configuration, code, message, hint);
}
