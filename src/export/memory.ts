import { hash } from '../files/entries.ts';
import type { ScopeRequest } from '../request.ts';
import type { Environment } from '../world.ts';
import { containerNames, regionNames } from './names.ts';

/**
 * The memory of `clear`, exported only when there is something to remember: `AWS_PROFILE=prod&region=eu-west-1`,
 * URL-encoded with `~` in place of `%`, which no value in cmd can hold. `region` is one that awsmfa set and that does not stand in the config file; `previous` is the profile
 * that the shell held before this one; `policy` is the hash of the scope's policy; `kept` is the value of AWS_PROFILE that awsmfa set; `server` is the URL of an `awsmfa serve`.
 */
export const restoreName = 'AWSMFA_RESTORE';

export type Memory = ReadonlyMap<string, string>;

/** What the environment carries may be anything: pairs that cannot be read are passed over. */
export function recall(env: Environment): Memory {
  const pairs = (env[restoreName] ?? '').split('&').map((pair) => pair.split('='));
  return new Map(
    pairs.flatMap(([name, value]) => {
      try {
        return name && value ? [[name, decodeURIComponent(value.replaceAll('~', '%'))] as const] : [];
      } catch {
        return [];
      }
    }),
  );
}

export function written(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
}

function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll('~', '%7E').replaceAll('!', '%21').replaceAll('%', '~');
}

/** Says in the memory that the region is the user's; no region is called so. */
export const ownRegion = '-';

/** What tells whether a scope has the same policy later; no hindrance for a program that removes the variables (`checkScope`). */
export function policyOf({ policy }: ScopeRequest): readonly ['policy', string] {
  return ['policy', hash(policy)];
}

/** Whether the scope has the policy that narrows the session of this environment, as far as that is known. */
export function isHeldPolicy(scope: ScopeRequest, env: Environment): boolean {
  return (recall(env).get('policy') ?? hash(scope.policy)) === hash(scope.policy);
}

/** The profile that the shell held before the one it holds now. */
export function previousProfile(env: Environment): string | undefined {
  return recall(env).get('previous');
}

/** The environment as the user made it: with his own regions in place of one that awsmfa exported. */
export function withoutOurRegion(env: Environment, heldRegion: string | undefined): Environment {
  const memory = recall(env);
  if (!isOurRegion(env, memory, heldRegion)) return env;
  return { ...env, ...Object.fromEntries(regionNames.map((name) => [name, memory.get(name)])) };
}

/** The URL of the `awsmfa serve` that the environment leads to. */
export function serverOf(env: Environment): string | undefined {
  const url = recall(env).get('server');
  return url === env[containerNames[0]] ? url : undefined;
}

/** awsmfa sets both variables to one region; anything else that stands there is the user's own. */
function isOurRegion(env: Environment, memory: Memory, heldRegion: string | undefined): boolean {
  if (!env.AWSMFA_PROFILE) return false;
  const region = memory.get('region') ?? heldRegion;
  if (region === ownRegion) return false;
  return region !== undefined && regionNames.every((name) => env[name] === region);
}
