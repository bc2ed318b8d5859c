import type { SharedFiles } from '../config/files.ts';
import type { Environment } from '../world.ts';

/** What a shell holds, as its environment says. */
export interface Holding {
  /** Whose session it is, when awsmfa put it there. */
  readonly profile: string | undefined;
  readonly accessKeyId: string | undefined;
  /** The region that the tools will use: exported, else of the profile they will read. */
  readonly region: string | undefined;
  /** Epoch seconds. */
  readonly expiration: number | undefined;
}

/** @param files undefined where they cannot be read */
export function holdingOf(env: Environment, files: SharedFiles | undefined): Holding {
  const name = env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || 'default';
  return {
    profile: env.AWSMFA_PROFILE || undefined,
    accessKeyId: env.AWS_ACCESS_KEY_ID || undefined,
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || files?.profile(name)?.get('region'),
    expiration: env.AWS_ACCESS_KEY_ID ? (exportedExpiration(env) ?? ownExpiration(env)) : undefined,
  };
}

/** It is replaced together with the keys, by other tools as well. */
export function exportedExpiration(env: Environment): number | undefined {
  const time = Date.parse(env.AWS_CREDENTIAL_EXPIRATION || '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

export function ownExpiration({ AWSMFA_EXPIRES_AT: text = '' }: Environment): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
