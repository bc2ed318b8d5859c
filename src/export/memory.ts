import type { Environment } from '../world.ts';

/**
 * The memory of `clear`, exported only when there is something to remember: `AWS_PROFILE=prod&region=eu-west-1`,
 * URL-encoded with `~` in place of `%`, which no value in cmd can hold. `region` is one that awsmfa set and that does not stand in the config file; `previous` is the profile
 * that the shell held before this one; `kept` is the value of AWS_PROFILE that awsmfa set; `server` is the URL of an `awsmfa serve`.
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
