import { resolve } from 'node:path';
import type { KeysOptions } from '../commands/keys/key.ts';
import type { SetupOptions } from '../commands/setup/guide.ts';
import type { WriteOptions } from '../commands/write/place.ts';
import { usage } from '../errors.ts';
import type { Place } from '../serve/server.ts';
import type { Made } from '../session/written.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';
import { type Flags, type OptionName, options } from './commands.ts';
import type { Invocation } from './parse.ts';
import { option, settle, variable } from './settle.ts';

/** The options of a part of a command. */
const parts: Readonly<Record<string, readonly OptionName[]>> = {
  'keys store': ['profile', 'store', 'all', 'region', 'sts-region', 'no-prompt'],
  'keys rotate': ['profile', 'region', 'sts-region', 'serial-number', 'token-code', 'no-prompt'],
  'keys remove': ['profile', 'to-file', 'yes', 'no-prompt'],
  'write --remove': ['profile', 'remove', 'to', 'short-term-suffix', 'all', 'expired', 'no-prompt'],
  'write --setup': ['profile', 'setup', 'long-term-suffix', 'no-prompt'],
  'setup --remove': ['remove', 'rc-file', 'yes', 'no-prompt'],
};

/**
 * Refuses the other options of the command: they can have no effect on this part of it.
 *
 * @throws UserError usage
 */
function refuseOtherParts(part: string, flags: Flags): void {
  const own = parts[part];
  const other = (Object.keys(flags) as OptionName[]).find(
    (name) => own && options[name].on !== 'all' && !own.includes(name),
  );
  if (other) throw usage(`awsmfa ${part} has no option --${other}`, 'Leave it out.');
}

/** @throws UserError usage, for `--all` beside the name of one */
export function refuseOneOfAll(argument: string | undefined, flags: Flags, what = 'profile'): void {
  if (flags.all && (argument ?? flags.profile ?? flags.to) !== undefined) {
    throw usage(`--all is about every ${what}, and one was named`, 'Leave out one.');
  }
}

/** Settles the options of `awsmfa keys`. */
export function keysOptions({ action, argument, flags }: Invocation, world: World): KeysOptions {
  refuseOtherParts(`keys ${action}`, flags);
  refuseOneOfAll(argument, flags);
  return {
    action,
    request: settle('keys', argument, flags, world.env, world.home),
    store: option(flags, 'store') ?? variable(world.env, 'AWSMFA_KEY_STORE'),
    all: flags.all ?? false,
    toFile: flags['to-file'] ?? false,
    yes: flags.yes ?? false,
  };
}

/** Settles the options of `awsmfa setup`. */
export function setupOptions(flags: Flags, world: World): SetupOptions {
  if (flags.remove) refuseOtherParts('setup --remove', flags);
  if (flags['no-rc'] && flags['rc-file']) throw usage('--no-rc and --rc-file exclude each other');
  return {
    request: settle('setup', undefined, flags, world.env, world.home),
    profile: flags.profile,
    csv: flags.csv,
    overwrite: flags.overwrite ?? false,
    yes: flags.yes ?? false,
    shell: flags.shell,
    rcFile: flags['rc-file'],
    noRc: flags['no-rc'] ?? false,
    credentialProcess: flags['credential-process'] ?? false,
    remove: flags.remove ?? false,
  };
}

/** Settles the options of `awsmfa write`. */
export function writeOptions(argument: string | undefined, flags: Flags, world: World): WriteOptions {
  refuseOneOfAll(argument, flags, 'section');
  if (flags.expired && (!flags.remove || (argument ?? flags.profile ?? flags.to) !== undefined)) {
    throw usage('--expired goes with --remove, and names no section', 'awsmfa write --remove --expired');
  }
  // aws-mfa takes all of its options together.
  if (!flags['aws-mfa']) {
    refuseOtherParts(`write ${flags.setup ? '--setup' : flags.remove ? '--remove' : ''}`, flags);
  }
  if (flags.to && flags['short-term-suffix']) {
    throw usage('--to and --short-term-suffix exclude each other', 'Both name the section.');
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
