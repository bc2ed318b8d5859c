import { isAbsolute, resolve } from 'node:path';
import type { KeysOptions } from '../commands/keys/key.ts';
import type { WriteOptions } from '../commands/write/options.ts';
import type { Made } from '../session/written.ts';
import type { World } from '../world.ts';
import type { Flags, Invocation } from './invocation.ts';
import { settle, usage } from './settle.ts';

/** Settles the options of `awsmfa keys`. An option of another action can have no effect, and is refused. */
export function keysOptions({ action, argument, flags }: Invocation, world: World): KeysOptions {
  const of = { store: 'store', all: 'store', 'to-file': 'remove', yes: 'remove' } as const;
  for (const name of ['store', 'all', 'to-file', 'yes'] as const) {
    if (flags[name] === undefined || of[name] === action) continue;
    throw usage(`--${name} is for awsmfa keys ${of[name]}`, 'Leave it out.');
  }
  if (flags.all && (argument ?? flags.profile) !== undefined) {
    throw usage('--all is about every profile, and one was named', 'Leave out one.');
  }
  const { AWSMFA_KEY_STORE: variable } = world.env;
  return {
    action,
    request: settle('keys', argument, flags, world.env, world.home),
    store: flags.store
      ? { value: flags.store, by: '--store' }
      : variable
        ? { value: variable, by: 'AWSMFA_KEY_STORE' }
        : undefined,
    all: flags.all ?? false,
    toFile: flags['to-file'] ?? false,
    yes: flags.yes ?? false,
  };
}

/** Settles the options of `awsmfa write`. */
export function writeOptions(argument: string | undefined, flags: Flags, world: World): WriteOptions {
  const isOne = (argument ?? flags.profile ?? flags.to) !== undefined;
  if (flags.all && isOne) throw usage('--all is about every section, and one was named', 'Leave out one.');
  if (flags.expired && (!flags.remove || isOne)) {
    throw usage('--expired goes with --remove, and names no section', 'awsmfa write --remove --expired');
  }
  return optionsOf(argument, flags, world);
}

function optionsOf(argument: string | undefined, flags: Flags, world: World): WriteOptions {
  const isAwsMfa = flags['aws-mfa'] ?? false;
  return {
    request: settle('write', argument, flags, world.env, world.home),
    made: madeBy(flags),
    action: flags.setup ? 'setup' : flags.remove ? 'remove' : 'write',
    all: flags.all ?? false,
    expired: flags.expired ?? false,
    isNamed: (argument ?? flags.profile) !== undefined,
    section: flags.to,
    longTermSuffix: flags['long-term-suffix'],
    shortTermSuffix: flags['short-term-suffix'],
    // aws-mfa asks nobody.
    overwrite: flags.overwrite ?? isAwsMfa,
    isAwsMfa,
    logLevel: flags['log-level'],
    json: flags.json ?? false,
    again: (profile, made) => {
      const { all: _, ...now } = flags;
      return optionsOf(profile, { ...flagsOf(made), ...now }, world);
    },
  };
}

function madeBy(flags: Flags): Made {
  const made: Made = {
    region: flags.region,
    stsRegion: flags['sts-region'],
    duration: flags.duration,
    serialNumber: flags['serial-number'],
    roleSessionName: flags['role-session-name'],
    externalId: flags['external-id'],
    sourceIdentity: flags['source-identity'],
    tags: flags.tag,
    transitiveTagKeys: flags['transitive-tag'],
    // `--all` may be run from anywhere.
    policyFile: flags.policy && (isAbsolute(flags.policy) ? flags.policy : resolve(flags.policy)),
    policyArns: flags['policy-arn'],
    noSession: flags['no-session'],
    longTermSuffix: flags['long-term-suffix'],
  };
  return withoutUndefined(made);
}

function flagsOf(made: Made): Flags {
  return withoutUndefined({
    region: made.region,
    'sts-region': made.stsRegion,
    duration: made.duration,
    'serial-number': made.serialNumber,
    'role-arn': made.roleArn,
    'role-session-name': made.roleSessionName,
    'external-id': made.externalId,
    'source-identity': made.sourceIdentity,
    tag: made.tags,
    'transitive-tag': made.transitiveTagKeys,
    policy: made.policyFile,
    'policy-arn': made.policyArns,
    'no-session': made.noSession,
    'long-term-suffix': made.longTermSuffix,
  }) as Flags;
}

function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
