import type { Secret } from './secret.ts';
import { rfc3339, type Session } from './session/session.ts';
import type { Environment } from './world.ts';

/** What happens to a shell's environment, in this order, as data. The dialects render it. */
export type Change = readonly Step[];

export type Step =
  | { readonly unset: readonly string[] }
  | { readonly set: string; readonly value: string | Secret };

/** The variables that name a profile; `env` takes them away and `clear` puts them back. */
const profileNames = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] as const;

const regionNames = ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const;

/**
 * botocore reads `AWS_SECURITY_TOKEN` before `AWS_SESSION_TOKEN`, so a stale one would win over ours:
 * everything that was or could be a credential goes.
 */
const credentialNames = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
] as const;

/** What other tools leave behind, which prompts and SDKs would read before ours. */
const foreignNames = ['AWS_VAULT', 'AWSUME_PROFILE', 'AWSUME_EXPIRATION', 'AWS_SESSION_EXPIRATION'] as const;

/**
 * The memory of `clear`, exported only when there is something to put back: `AWS_PROFILE=prod&region=eu-west-1`,
 * URL-encoded. `region` is the region that awsmfa set, so that it can be told from one the user sets.
 */
const restoreName = 'AWSMFA_RESTORE';

export interface Applied {
  readonly profile: string;
  /** The region of the profile or of `--region`. */
  readonly region: string | undefined;
  /** Leave `AWS_PROFILE` where it is. */
  readonly keepProfile: boolean;
}

/**
 * Puts a session into an environment. `AWS_PROFILE` goes because with it set the SDK for JavaScript ignores
 * exported keys, and boto3 fails when the profile is missing.
 *
 * @param env what the shell exports now: a region the user has set himself stays, and what is taken away is remembered
 */
export function apply(session: Session, applied: Applied, env: Environment): Change {
  const memory = recall(env);
  const ownRegion = hasOwnRegion(env, memory);
  const region = ownRegion ? undefined : applied.region;
  const kept = applied.keepProfile ? [] : profileNames;
  const remember = new URLSearchParams();
  for (const name of kept) {
    const before = env[name] || memory.get(name);
    if (before) remember.set(name, before);
  }
  if (region !== undefined) remember.set('region', region);

  return [
    { unset: [...credentialNames, ...kept, ...foreignNames] },
    ...(memory.has('region') && !ownRegion && region === undefined ? [{ unset: regionNames }] : []),
    { set: 'AWS_ACCESS_KEY_ID', value: session.accessKeyId },
    { set: 'AWS_SECRET_ACCESS_KEY', value: session.secretAccessKey },
    { set: 'AWS_SESSION_TOKEN', value: session.sessionToken },
    { set: 'AWS_CREDENTIAL_EXPIRATION', value: rfc3339(session.expiration) },
    ...(region !== undefined ? regionNames.map((name) => ({ set: name, value: region })) : []),
    { set: 'AWSMFA_PROFILE', value: applied.profile },
    { set: 'AWSMFA_EXPIRES_AT', value: String(session.expiration) },
    ...(remember.size > 0
      ? [{ set: restoreName, value: remember.toString() }]
      : env[restoreName] !== undefined
        ? [{ unset: [restoreName] }]
        : []),
  ];
}

/**
 * Takes a session out of an environment again and puts back what `apply` took away. Long-term keys, and a
 * profile or region the user has set since, are his and stay. Undefined when there is nothing to take out.
 */
export function clear(env: Environment): Change | undefined {
  const memory = recall(env);
  const temporary = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  if (!temporary && !env.AWSMFA_PROFILE && env[restoreName] === undefined) return undefined;
  const ourRegion = memory.has('region') && !hasOwnRegion(env, memory);
  return [
    {
      unset: [
        ...(temporary ? credentialNames : []),
        ...(ourRegion ? regionNames : []),
        'AWSMFA_PROFILE',
        'AWSMFA_EXPIRES_AT',
        restoreName,
      ],
    },
    ...profileNames.flatMap((name) => {
      const before = memory.get(name);
      return before && !env[name] ? [{ set: name, value: before }] : [];
    }),
  ];
}

function recall(env: Environment): URLSearchParams {
  return new URLSearchParams(env[restoreName] ?? '');
}

/** True when the user has set a region: one that is there and is not the one awsmfa put there. */
function hasOwnRegion(env: Environment, memory: URLSearchParams): boolean {
  return regionNames.some((name) => env[name] && env[name] !== memory.get('region'));
}
