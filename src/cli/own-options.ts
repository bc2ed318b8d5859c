import { resolve } from 'node:path';
import type { KeysOptions } from '../commands/keys/key.ts';
import type { WriteOptions } from '../commands/write/place.ts';
import { usage } from '../errors.ts';
import type { Place } from '../serve/server.ts';
import type { Made } from '../session/written.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import type { Flags, OptionName } from './commands.ts';
import type { Invocation } from './parse.ts';
import { option, settle, variable } from './settle.ts';

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
  return {
    action,
    request: settle('keys', argument, flags, world.env, world.home),
    store: option(flags, 'store') ?? variable(world.env, 'AWSMFA_KEY_STORE'),
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
    // aws-mfa overwrites without a question.
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

/**
 * `--bind` and `--port`, checked. All addresses at once would open more than anybody asks for, and no URL names them.
 *
 * @throws UserError usage
 */
export async function placeOf({ bind: address = '127.0.0.1', port: text = '0' }: Flags): Promise<Place> {
  const { isAddress } = await import('../serve/server.ts');
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) {
    throw usage(
      `--port: "${printable(text, 40)}" is no port`,
      'Write a number up to 65535, or leave it out.',
    );
  }
  if (!isAddress(address) || /^[0:.]+$/.test(address)) {
    throw usage(
      `--bind: "${printable(address, 60)}" is not one address of this machine`,
      'Give one IP address, such as that of a container bridge: 169.254.170.2.',
    );
  }
  return { address, port };
}

/** What is remembered of a session, by the option that asks for it. */
const names = {
  region: 'region',
  'sts-region': 'stsRegion',
  duration: 'duration',
  'serial-number': 'serialNumber',
  'role-arn': 'roleArn',
  'role-session-name': 'roleSessionName',
  'external-id': 'externalId',
  'source-identity': 'sourceIdentity',
  tag: 'tags',
  'transitive-tag': 'transitiveTagKeys',
  policy: 'policyFile',
  'policy-arn': 'policyArns',
  'no-session': 'noSession',
  'long-term-suffix': 'longTermSuffix',
} as const satisfies Partial<Record<OptionName, keyof Made>>;

const pairs = Object.entries(names) as readonly (readonly [keyof typeof names, keyof Made])[];

function madeBy(flags: Flags): Made {
  // `--all` may be run from anywhere.
  const given = flags.policy === undefined ? flags : { ...flags, policy: resolve(flags.policy) };
  return Object.fromEntries(
    pairs.flatMap(([option, name]) => (given[option] === undefined ? [] : [[name, given[option]]])),
  );
}

function flagsOf(made: Made): Flags {
  return Object.fromEntries(
    pairs.flatMap(([option, name]) => (made[name] === undefined ? [] : [[option, made[name]]])),
  );
}
