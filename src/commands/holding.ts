import type { SharedFiles } from '../config/files.ts';
import { sayDuration } from '../duration.ts';
import { scopeName } from '../export/names.ts';
import { printable } from '../printable.ts';
import type { Environment } from '../world.ts';

/** What a shell holds, as its environment says. */
export interface Holding {
  /** Whose session it is, when awsmfa put it there. */
  readonly profile: string | undefined;
  readonly accessKeyId: string | undefined;
  /** The scope that narrows the session. */
  readonly scope: string | undefined;
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
    scope: env[scopeName] || undefined,
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

/** What a command that failed says about the session in the shell that called it. */
export interface Left {
  readonly line: string;
  /** The shell is to drop it. */
  readonly isExpired: boolean;
}

/**
 * A command that fails leaves a living session where it is. The shell functions keep the keys from the program, so
 * this goes by what says when they end.
 *
 * @param now epoch seconds
 * @returns undefined where nothing says that the shell holds a session
 */
export function leftInShell(env: Environment, now: number): Left | undefined {
  const expiration = exportedExpiration(env) ?? ownExpiration(env);
  const isLongTerm = env.AWS_ACCESS_KEY_ID && !env.AWS_SESSION_TOKEN && !env.AWS_SECURITY_TOKEN;
  if (expiration === undefined || isLongTerm) return undefined;
  // Another tool that has put its own session there left our name behind.
  const { AWSMFA_PROFILE: profile } = env;
  const name = profile && ownExpiration(env) === expiration ? printable(profile, 60) : undefined;
  const left = sayDuration(expiration - now);
  return expiration > now
    ? {
        line: `This shell still holds ${name ?? 'the session of another tool'}, ${left} left`,
        isExpired: false,
      }
    : {
        line: `The session of ${name ?? 'another tool'} in this shell has ended and was taken out`,
        isExpired: true,
      };
}
