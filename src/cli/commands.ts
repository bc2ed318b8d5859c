/** Every command and every option, as data: the parser, the help, the completion and the pages all read this. */

interface Command {
  readonly describe: string;
  /** The word in place of a positional argument in the help. */
  readonly argument?: string;
}

const table = {
  setup: { describe: 'guided: access key, MFA device, first session, rc file' },
  use: {
    argument: '[profile]',
    describe: 'get a session and apply it to this shell (needs the shell integration)',
  },
  env: { argument: '[profile]', describe: 'get a session and print the shell code that applies it' },
  clear: { describe: 'take the session out of this shell again (needs the shell integration)' },
  exec: {
    argument: '[profile] [--] [command…]',
    describe: 'run a command with a session in its environment; without one, your shell',
  },
  process: {
    argument: '[profile]',
    describe: 'act as a credential_process: print the session for AWS SDKs and the AWS CLI',
  },
  serve: {
    argument: '[profile]',
    describe: 'answer the container credentials protocol, for programs that outlive a session',
  },
  login: { argument: '[profile]', describe: 'get a session and keep it in the cache, touching no shell' },
  logout: { argument: '[profile]', describe: 'forget cached sessions' },
  write: {
    argument: '[profile]',
    describe: 'put the session into a section of the shared credentials file',
  },
  status: { describe: 'show what this shell holds, whose it is, how long it lasts' },
  list: {
    argument: '[word…]',
    describe: 'show every profile that has the words: account, role, source, region, session left',
  },
  doctor: { describe: 'check common problems and show how to fix each' },
  init: {
    argument: '<shell>',
    describe: 'print the line for the rc file that loads the shell integration',
  },
  completion: {
    argument: '<shell>',
    describe: 'print the completion script of a shell, which the line of init loads too',
  },
  unload: {
    describe: 'take the shell integration itself out of this shell (needs the shell integration)',
  },
  allow: { describe: 'let shells take the profile that the .awsmfa of this directory names' },
  help: { argument: '[command]', describe: 'show the help of a command, or this' },
  version: { describe: 'show the version' },
  keys: {
    argument: '<store|rotate|remove> [profile]',
    describe: 'store, rotate or remove long-term keys in the key store of the system',
  },
  console: { argument: '[profile]', describe: 'open the AWS console as this role' },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof table;

export const commands: Readonly<Record<CommandName, Command>> = table;

export const commandNames = Object.keys(table) as readonly CommandName[];

type On = readonly CommandName[] | 'all';

/** `strings` may be given more than once. */
type OptionType = 'string' | 'strings' | 'boolean';

interface Option<Type extends OptionType = OptionType> {
  readonly type: Type;
  /** What stands for the value in the help. */
  readonly value?: string;
  /** The commands that take it. */
  readonly on: On;
  readonly describe: string;
  readonly alias?: string;
}

function text(value: string, on: On, describe: string, alias?: string): Option<'string'> {
  return { type: 'string', value, on, describe, ...(alias && { alias }) };
}

function texts(value: string, on: On, describe: string): Option<'strings'> {
  return { type: 'strings', value, on, describe };
}

function flag(on: On, describe: string, alias?: string): Option<'boolean'> {
  return { type: 'boolean', on, describe, ...(alias && { alias }) };
}

const session = ['env', 'use', 'exec', 'process', 'serve', 'login', 'write'] as const;
const withConsole = [...session, 'console'] as const;
const withSetup = [...session, 'setup', 'keys', 'console'] as const;

export const options = {
  profile: text(
    'NAME',
    [...session, 'logout', 'setup', 'keys', 'console'],
    'the profile, as the argument names it',
  ),
  region: text('REGION', withSetup, 'region to export, and the region of STS'),
  'sts-region': text('REGION', [...session, 'keys', 'console'], 'region of STS alone'),
  duration: text('TIME', withConsole, 'how long the session lives: 43200, 12h, 90m, 1d12h'),
  'serial-number': text(
    'ARN',
    withSetup,
    'MFA device: its ARN, or the serial number of a hardware token',
    'device',
  ),
  'token-code': text('CODE', withSetup, 'the six digits; - reads them from stdin', 'token'),
  'role-arn': text('ARN', withConsole, 'assume this role with the profile', 'assume-role'),
  'role-session-name': text('NAME', withConsole, 'name of the role session'),
  'external-id': text('ID', withConsole, 'external ID that the role asks for'),
  'source-identity': text('NAME', withConsole, 'source identity of the role session'),
  tag: texts('KEY=VALUE', withConsole, 'session tag; may be repeated'),
  'transitive-tag': texts('KEY', withConsole, 'tag that a chained role inherits; may be repeated'),
  policy: text(
    'FILE',
    withConsole,
    'session policy, a JSON file; for a profile without a role the same as --scope',
  ),
  scope: text(
    'NAME',
    ['exec', 'env', 'process', 'serve'],
    'narrow the session: read-only, a scope of yours, or a policy file; none inside a scope',
  ),
  store: text('STORE', ['keys'], 'the key store: keychain, secret-service, pass, 1password, dpapi'),
  'to-file': flag(['keys'], 'remove: put the key back into the file first'),
  service: text('NAME', ['console'], 'open the page of this service: s3'),
  'policy-arn': texts('ARN', withConsole, 'managed session policy; may be repeated'),
  'no-mfa': flag(session, 'this profile needs no MFA: look for no device and ask for no code'),
  'no-session': flag(withConsole, 'MFA on AssumeRole itself, without an MFA session'),
  refresh: flag(withConsole, 'get a new session even if the cached one is valid', 'force'),
  'no-prompt': flag(withSetup, 'never ask: fail with status 4 instead'),
  'min-ttl': text('TIME', withConsole, 'a session with less time left counts as expired (5m)'),
  'keep-profile': flag(['env', 'use', 'exec'], 'leave AWS_PROFILE set'),
  shell: text(
    'SHELL',
    ['env', 'use', 'clear', 'serve', 'setup'],
    'the shell, in place of the one that runs awsmfa',
  ),
  format: text('FORMAT', ['env', 'serve'], 'print this format instead of shell code'),
  serve: flag(['exec'], 'lead the command to a server that renews the session'),
  port: text('PORT', ['serve', 'exec'], 'listen on this port; a free one without it'),
  bind: text('ADDRESS', ['serve', 'exec'], 'listen on this address, for containers; 127.0.0.1 without it'),
  also: texts('NAME', ['serve'], 'serve this profile too, at /role/NAME; may be repeated'),
  names: flag(['list'], 'only the names, one a line'),
  pick: flag(['use'], 'choose from a list, even if a profile is named'),
  verify: flag(['status'], 'ask STS whose the keys are'),
  all: flag(
    ['logout', 'write', 'keys'],
    'logout, keys store: of every profile; write: every section that is about to expire',
  ),
  to: text('SECTION', ['write'], 'the section to write (NAME-mfa)'),
  overwrite: flag(
    ['write', 'setup'],
    'write: over what another tool left there, never over long-term keys; setup: over other keys',
  ),
  expired: flag(['write'], 'with --remove: every section whose session has ended'),
  remove: flag(
    ['write', 'setup', 'allow'],
    'take it out again: the section, the lines in the rc files, the leave for a directory',
  ),
  setup: flag(['write'], 'ask for an access key and put it into [NAME-long-term]'),
  'long-term-suffix': text('WORD', ['write'], 'the long-term keys are in [NAME-WORD]; none: in [NAME]'),
  'short-term-suffix': text('WORD', ['write'], 'the session goes to [NAME-WORD]; none: to [NAME]'),
  'log-level': text(
    'LEVEL',
    ['write'],
    'say what aws-mfa says, from DEBUG, INFO, WARNING, ERROR or CRITICAL on',
  ),
  'aws-mfa': flag(['write'], 'be aws-mfa: its exit status, no --overwrite needed'),
  csv: text('FILE', ['setup'], 'take the access key from this file of the AWS console'),
  'rc-file': text('FILE', ['setup'], 'the rc file, in place of the one that the shell reads'),
  'no-rc': flag(['setup'], 'leave the rc file alone'),
  'credential-process': flag(['setup'], 'add a profile NAME-mfa that serves the session to SDKs and IDEs'),
  yes: flag(
    ['setup', 'keys'],
    'setup: write the rc file without asking, and take the guess for the device; keys remove: forget it',
  ),
  print: flag(
    ['init', 'console'],
    'init: print the integration itself; console: print the address, do not open it',
  ),
  json: flag('all', 'JSON: the output of list, status and doctor, and every error'),
  quiet: flag('all', 'say nothing but errors'),
  debug: flag('all', 'say on stderr what is done; never secrets'),
  help: flag('all', 'show help', 'h'),
  version: flag('all', 'show the version'),
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

export const optionRows = Object.entries(options) as readonly (readonly [OptionName, Option])[];

/** The options of a command line, by their names. */
export type Flags = {
  readonly [Name in OptionName]?: ValueOf<(typeof options)[Name]['type']>;
};

type ValueOf<Type> = Type extends 'boolean' ? boolean : Type extends 'strings' ? readonly string[] : string;

/** True when `command` takes the option; a bare `awsmfa` takes what `use` takes. */
export function takes(command: CommandName, option: OptionName): boolean {
  const { on } = options[option];
  return on === 'all' || on.includes(command);
}
