import type { KeysOptions } from '../commands/keys/key.ts';
import type { World } from '../world.ts';
import type { Invocation } from './invocation.ts';
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
