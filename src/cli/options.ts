import type { CommandName } from './commands.ts';

/** Every option, as data: the parser, the help and the completion all read this. */

const session = ['env', 'use', 'exec', 'process', 'serve', 'login', 'write'] as const;
const asking = [...session, 'keys', 'console'] as const;
const profile = [...session, 'logout'] as const;
const write = ['write'] as const;
const code = ['env', 'use', 'clear', 'serve'] as const;
const withSetup = [...session, 'setup'] as const;
const setup = ['setup'] as const;
const keys = ['keys'] as const;

interface OptionRow {
  /** `strings` may be given more than once. */
  readonly type: 'string' | 'strings' | 'boolean';
  readonly describe: string;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly alias?: string;
  readonly on: readonly CommandName[] | 'all';
}

export const options = {
  profile: {
    type: 'string',
    value: 'NAME',
    on: [...profile, 'setup', 'keys', 'console'],
    describe: 'the profile, as the argument names it',
  },
  region: {
    type: 'string',
    value: 'REGION',
    on: [...withSetup, 'keys', 'console'],
    describe: 'region to export, and the region of STS',
  },
  'sts-region': { type: 'string', value: 'REGION', on: asking, describe: 'region of STS alone' },
  duration: {
    type: 'string',
    value: 'TIME',
    on: [...session, 'console'],
    describe: 'how long the session lives: 43200, 12h, 90m, 1d12h',
  },
  'serial-number': {
    type: 'string',
    value: 'ARN',
    alias: 'device',
    on: [...withSetup, 'keys', 'console'],
    describe: 'MFA device: its ARN, or the serial number of a hardware token',
  },
  'token-code': {
    type: 'string',
    value: 'CODE',
    alias: 'token',
    on: [...withSetup, 'keys', 'console'],
    describe: 'the six digits; - reads them from stdin',
  },
  'role-arn': {
    type: 'string',
    value: 'ARN',
    alias: 'assume-role',
    on: [...session, 'console'],
    describe: 'assume this role with the profile',
  },
  'role-session-name': {
    type: 'string',
    value: 'NAME',
    on: [...session, 'console'],
    describe: 'name of the role session',
  },
  'external-id': {
    type: 'string',
    value: 'ID',
    on: [...session, 'console'],
    describe: 'external ID that the role asks for',
  },
  'source-identity': {
    type: 'string',
    value: 'NAME',
    on: [...session, 'console'],
    describe: 'source identity of the role session',
  },
  tag: {
    type: 'strings',
    value: 'KEY=VALUE',
    on: [...session, 'console'],
    describe: 'session tag; may be repeated',
  },
  'transitive-tag': {
    type: 'strings',
    value: 'KEY',
    on: [...session, 'console'],
    describe: 'tag that a chained role inherits; may be repeated',
  },
  policy: {
    type: 'string',
    value: 'FILE',
    on: [...session, 'console'],
    describe: 'session policy, a JSON file; for a profile without a role the same as --scope',
  },
  scope: {
    type: 'string',
    value: 'NAME',
    on: ['exec', 'env', 'process', 'serve'],
    describe: 'narrow the session: read-only, a scope of yours, or a policy file; none inside a scope',
  },
  store: {
    type: 'string',
    value: 'STORE',
    on: keys,
    describe: 'the key store: keychain, secret-service, pass, 1password, dpapi',
  },
  'to-file': { type: 'boolean', on: keys, describe: 'remove: put the key back into the file first' },
  service: { type: 'string', value: 'NAME', on: ['console'], describe: 'open the page of this service: s3' },
  'policy-arn': {
    type: 'strings',
    value: 'ARN',
    on: [...session, 'console'],
    describe: 'managed session policy; may be repeated',
  },
  'no-mfa': {
    type: 'boolean',
    on: session,
    describe: 'this profile needs no MFA: look for no device and ask for no code',
  },
  'no-session': {
    type: 'boolean',
    on: [...session, 'console'],
    describe: 'MFA on AssumeRole itself, without an MFA session',
  },
  refresh: {
    type: 'boolean',
    alias: 'force',
    on: [...session, 'console'],
    describe: 'get a new session even if the cached one is valid',
  },
  'no-prompt': {
    type: 'boolean',
    on: [...withSetup, 'keys', 'console'],
    describe: 'never ask: fail with status 4 instead',
  },
  'min-ttl': {
    type: 'string',
    value: 'TIME',
    on: [...session, 'console'],
    describe: 'a session with less time left counts as expired (5m)',
  },
  'keep-profile': { type: 'boolean', on: ['env', 'use', 'exec'], describe: 'leave AWS_PROFILE set' },
  shell: {
    type: 'string',
    value: 'SHELL',
    on: [...code, 'setup'],
    describe: 'the shell, in place of the one that runs awsmfa',
  },
  format: {
    type: 'string',
    value: 'FORMAT',
    on: ['env', 'serve'],
    describe: 'print this format instead of shell code',
  },
  serve: {
    type: 'boolean',
    on: ['exec'],
    describe: 'lead the command to a server that renews the session',
  },
  port: {
    type: 'string',
    value: 'PORT',
    on: ['serve', 'exec'],
    describe: 'listen on this port; a free one without it',
  },
  bind: {
    type: 'string',
    value: 'ADDRESS',
    on: ['serve', 'exec'],
    describe: 'listen on this address, for containers; 127.0.0.1 without it',
  },
  also: {
    type: 'strings',
    value: 'NAME',
    on: ['serve'],
    describe: 'serve this profile too, at /role/NAME; may be repeated',
  },
  names: { type: 'boolean', on: ['list'], describe: 'only the names, one a line' },
  pick: { type: 'boolean', on: ['use'], describe: 'choose from a list, even if a profile is named' },
  verify: { type: 'boolean', on: ['status'], describe: 'ask STS whose the keys are' },
  all: {
    type: 'boolean',
    on: ['logout', 'write', 'keys'],
    describe: 'logout, keys store: of every profile; write: every section that is about to expire',
  },
  to: { type: 'string', value: 'SECTION', on: write, describe: 'the section to write (NAME-mfa)' },
  overwrite: {
    type: 'boolean',
    on: ['write', 'setup'],
    describe: 'write: over what another tool left there, never over long-term keys; setup: over other keys',
  },
  expired: { type: 'boolean', on: write, describe: 'with --remove: every section whose session has ended' },
  remove: {
    type: 'boolean',
    on: ['write', 'setup', 'allow'],
    describe: 'take it out again: the section, the lines in the rc files, the leave for a directory',
  },
  setup: { type: 'boolean', on: write, describe: 'ask for an access key and put it into [NAME-long-term]' },
  'long-term-suffix': {
    type: 'string',
    value: 'WORD',
    on: write,
    describe: 'the long-term keys are in [NAME-WORD]; none: in [NAME]',
  },
  'short-term-suffix': {
    type: 'string',
    value: 'WORD',
    on: write,
    describe: 'the session goes to [NAME-WORD]; none: to [NAME]',
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    on: write,
    describe: 'say what aws-mfa says, from DEBUG, INFO, WARNING, ERROR or CRITICAL on',
  },
  'aws-mfa': { type: 'boolean', on: write, describe: 'be aws-mfa: its exit status, no --overwrite needed' },
  csv: {
    type: 'string',
    value: 'FILE',
    on: setup,
    describe: 'take the access key from this file of the AWS console',
  },
  'rc-file': {
    type: 'string',
    value: 'FILE',
    on: setup,
    describe: 'the rc file, in place of the one that the shell reads',
  },
  'no-rc': { type: 'boolean', on: setup, describe: 'leave the rc file alone' },
  'credential-process': {
    type: 'boolean',
    on: setup,
    describe: 'add a profile NAME-mfa that serves the session to SDKs and IDEs',
  },
  yes: {
    type: 'boolean',
    on: ['setup', 'keys'],
    describe:
      'setup: write the rc file without asking, and take the guess for the device; keys remove: forget it',
  },
  print: {
    type: 'boolean',
    on: ['init', 'console'],
    describe: 'init: print the integration itself; console: print the address, do not open it',
  },
  json: {
    type: 'boolean',
    on: 'all',
    describe: 'JSON: the output of list, status and doctor, and every error',
  },
  quiet: { type: 'boolean', on: 'all', describe: 'say nothing but errors' },
  debug: { type: 'boolean', on: 'all', describe: 'say on stderr what is done; never secrets' },
  help: { type: 'boolean', alias: 'h', on: 'all', describe: 'show help' },
  version: { type: 'boolean', on: 'all', describe: 'show the version' },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof options;

export const optionRows = Object.entries(options) as readonly (readonly [OptionName, OptionRow])[];

/** True when `command` takes the option; a bare `awsmfa` takes what `use` takes. */
export function takes(command: CommandName, option: OptionName): boolean {
  const { on } = options[option] as OptionRow;
  return on === 'all' || on.includes(command);
}
