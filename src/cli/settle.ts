import { resolve } from 'node:path';
import { Secret } from '../credentials.ts';
import { goDuration, leastTimeLeft, parsedDuration } from '../duration.ts';
import { usage } from '../errors.ts';
import { chooseProfile } from '../profile/choice.ts';
import { readPolicy } from '../profile/role.ts';
import type {
  AskedDuration,
  CodeRequest,
  GivenCode,
  ListSetting,
  ProfileChoice,
  RoleRequest,
  SessionRequest,
  Setting,
} from '../request.ts';
import { profileWord, shellWord } from '../text.ts';
import type { Environment } from '../world.ts';
import { type CommandName, type Flags, type OptionName, options, takes } from './commands.ts';
import { readCommandLine } from './parse.ts';
import { scopeOf } from './scope.ts';

/**
 * What options and variables ask for, settled once: nothing after this reads an option.
 *
 * @param argument the profile argument
 * @param home where the scopes of the user are
 * @throws UserError usage, for a duration that is none and a policy file that cannot be read
 */
export function settle(
  command: CommandName,
  argument: string | undefined,
  flags: Flags,
  env: Environment,
  home?: string,
): SessionRequest {
  const { scope } = flags;
  return {
    command,
    choice: chooseProfile(named(argument, flags), env),
    region: option(flags, 'region'),
    stsRegion: option(flags, 'sts-region'),
    durations: {
      option: duration(option(flags, 'duration')),
      variable:
        flags.duration === undefined
          ? duration(variable(env, 'AWSMFA_DURATION') ?? variable(env, 'MFA_STS_DURATION'))
          : undefined,
      vault: {
        role: goVariable(env, 'AWS_ASSUME_ROLE_TTL'),
        session: goVariable(env, 'AWS_SESSION_TOKEN_TTL'),
        chained: goVariable(env, 'AWS_CHAINED_SESSION_TOKEN_TTL'),
      },
    },
    serialNumber:
      option(flags, 'serial-number') ?? variable(env, 'AWS_MFA_SERIAL') ?? variable(env, 'MFA_DEVICE'),
    role: roleOf(flags, env),
    scope: scope && scope !== 'none' ? scopeOf(scope, '--scope', { home, cwd: process.cwd() }) : undefined,
    isUnscoped: scope === 'none',
    code: codeOf(flags, env),
    refresh: flags.refresh ?? false,
    noMfa: noMfaOf(flags),
    noSession: flags['no-session'] ? { by: '--no-session' } : undefined,
    minTtl: leastTimeLeft(flags['min-ttl'], env.AWSMFA_MIN_TTL),
    cli: { loginLine: (profile) => loginLine(profile, flags), profileOf },
  };
}

function noMfaOf(flags: Flags): SessionRequest['noMfa'] {
  if (flags['no-mfa'] && flags['serial-number']) {
    throw usage('--no-mfa and --serial-number exclude each other');
  }
  return flags['no-mfa'] ? { by: '--no-mfa' } : undefined;
}

/** The profile that the command line names; undefined where the variables decide. */
export function named(
  argument: string | undefined,
  { profile }: Pick<Flags, 'profile'>,
): ProfileChoice | undefined {
  if (argument) return { name: argument, by: 'the argument' };
  return profile ? { name: profile, by: '--profile' } : undefined;
}

type Named<Type> = {
  [Name in OptionName]: (typeof options)[Name]['type'] extends Type ? Name : never;
}[OptionName];

export function option(flags: Flags, name: Named<'string'>): Setting | undefined {
  const value = flags[name];
  return value ? { value, by: `--${name}` } : undefined;
}

export function variable(env: Environment, name: string): Setting | undefined {
  const value = env[name];
  return value ? { value, by: name } : undefined;
}

/** aws-vault's variables with times. */
export const vaultTimes = ['AWS_ASSUME_ROLE_TTL', 'AWS_SESSION_TOKEN_TTL', 'AWS_CHAINED_SESSION_TOKEN_TTL'];

function goVariable(env: Environment, name: string): AskedDuration | undefined {
  const value = variable(env, name);
  return value && goDuration(value);
}

/** @param name of aws-vault's variable: a list with commas */
function list(
  flags: Flags,
  option: Named<'strings'>,
  env: Environment = {},
  name = '',
): ListSetting | undefined {
  const values = flags[option];
  if (values) return { values, by: `--${option}` };
  const words = env[name]?.split(',').map((word) => word.trim());
  return words && env[name] ? { values: words.filter(Boolean), by: name } : undefined;
}

function duration(asked: Setting | undefined): AskedDuration | undefined {
  return asked && parsedDuration(asked);
}

/** The variables are aws-vault's: for the profile that is used, not for its sources. */
function roleOf(flags: Flags, env: Environment): RoleRequest {
  return {
    arn: option(flags, 'role-arn'),
    sessionName: sessionName(flags) ?? variable(env, 'AWS_ROLE_SESSION_NAME'),
    externalId: option(flags, 'external-id'),
    sourceIdentity: option(flags, 'source-identity') ?? variable(env, 'AWS_SOURCE_IDENTITY'),
    tags: list(flags, 'tag', env, 'AWS_SESSION_TAGS'),
    transitiveTagKeys: list(flags, 'transitive-tag', env, 'AWS_TRANSITIVE_TAGS'),
    policy: flags.policy ? readPolicy(flags.policy, '--policy') : undefined,
    policyArns: list(flags, 'policy-arn'),
  };
}

/** aws-mfa names every session, and takes the name without a role too. */
function sessionName(flags: Flags): Setting | undefined {
  const name = option(flags, 'role-session-name');
  return name && flags['aws-mfa'] ? { ...name, by: 'aws-mfa' } : name;
}

function codeOf({ 'token-code': code, 'aws-mfa': isAwsMfa }: Flags, env: Environment): CodeRequest {
  // aws-mfa reads any stdin that is a pipe.
  const fromStdin = code === '-' ? { by: isAwsMfa ? 'aws-mfa' : '--token-code' } : undefined;
  return {
    fromStdin,
    given: fromStdin
      ? undefined
      : (given(code, '--token-code') ?? given(env.AWSMFA_TOKEN_CODE, 'AWSMFA_TOKEN_CODE')),
    program: variable(env, 'AWSMFA_MFA_PROCESS'),
  };
}

function given(code: string | undefined, by: string): GivenCode | undefined {
  return code ? { code: new Secret(code), by } : undefined;
}

function profileOf(argv: readonly string[], env: Environment): ProfileChoice | undefined {
  const { invocation } = readCommandLine(argv);
  const { command, argument, flags = {} } = invocation ?? {};
  return command === 'process' || command === 'exec' ? chooseProfile(named(argument, flags), env) : undefined;
}

/** The command line with every option that shapes the session, as a person would type it. */
function loginLine(profile: string, flags: Flags): string {
  const names = (Object.keys(flags) as OptionName[]).filter(
    (name) => takes('login', name) && !passing.has(name) && options[name].on !== 'all',
  );
  const words = names.flatMap((name) => {
    const value = flags[name];
    if (value === true) return [`--${name}`];
    const values = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
    // The person may be in another directory.
    return values.map((each) => `--${name}=${shellWord(name === 'policy' ? resolve(each) : each)}`);
  });
  return ['awsmfa login', profileWord(profile), ...words].join(' ');
}

/** These options apply to one run, and do not shape the session. */
const passing: ReadonlySet<OptionName> = new Set(['profile', 'token-code', 'refresh', 'no-prompt']);
