import { rfc3339, type Session } from '../credentials.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { Secret } from '../secret.ts';
import type { Environment } from '../world.ts';
import { type Memory, recall, restoreName, written } from './memory.ts';

/** What happens to a shell's environment, in this order, as data. The dialects render it. */
export type Change = readonly Step[];

export type Step =
  | {
      readonly unset: readonly string[];
      /** An empty one is not as good as none: it breaks the AWS CLI. */
      readonly neverEmpty?: boolean;
    }
  | { readonly set: string; readonly value: string | Secret };

/** The variables that name a profile; `env` takes them away and `clear` puts them back. */
const profileNames = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] as const;

const accountName = 'AWS_ACCOUNT_ID';

/** What `clear` puts back. */
const restoredNames = [...profileNames, accountName] as const;

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
  // SDKs build endpoints from it: with a stale one they send DynamoDB's calls to the other account's.
  accountName,
] as const;

/** Where the parts of a session go. */
export const sessionNames = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  expiration: 'AWS_CREDENTIAL_EXPIRATION',
  accountId: accountName,
} as const;

/** Holds the name of the profile whose session the shell holds. */
export const profileName = 'AWSMFA_PROFILE';

/** Says which scope narrows the session. An awsmfa that finds it gives out nothing wider. */
export const scopeName = 'AWSMFA_SCOPE';

/** What other tools leave behind, which prompts and SDKs would read before ours. */
export const foreignNames = [
  'AWS_VAULT',
  'AWSUME_PROFILE',
  'AWSUME_EXPIRATION',
  'AWS_SESSION_EXPIRATION',
] as const;

/**
 * Older names for keys, which some SDKs read before the names above: Go, Ruby and Terraform the first two, the SDK for
 * JavaScript v2 those with AMAZON, boto3 the last one before it asks a server.
 */
export const oldNames = [
  'AWS_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AMAZON_ACCESS_KEY_ID',
  'AMAZON_SECRET_ACCESS_KEY',
  'AMAZON_SESSION_TOKEN',
  'AWS_CREDENTIAL_FILE',
] as const;

/** Where programs ask for credentials that expire (AWS SDKs and Tools reference guide, "Container credential provider"). */
const containerNames = ['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'] as const;

/** What programs read before those two, or find before they ask there. */
const beforeContainerNames = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
] as const;

/** Says in the memory that the region is the user's; no region is called so. */
const ownRegion = '-';

export interface Applied {
  readonly profile: string;
  /** The region to export: of `--region`, else of the profile. */
  readonly region: string | undefined;
  /** The region of the profile. */
  readonly profileRegion: string | undefined;
  /** The region of the profile whose session the shell holds already, as its files say it. */
  readonly heldRegion: string | undefined;
  /** Set `AWS_PROFILE` to this profile instead of taking it away. */
  readonly keepProfile: boolean;
  /** The name of the scope that narrows the session; undefined for a whole one. */
  readonly scope?: string | undefined;
}

/**
 * Puts a session into an environment. `AWS_PROFILE` goes because with it set the SDK for JavaScript ignores
 * exported keys, and boto3 fails when the profile is missing.
 *
 * @param env what the shell exports now: a region the user has set himself stays, and what is taken away is remembered
 */
export function apply(session: Session, applied: Applied, env: Environment): Change {
  const credentials = [
    { set: sessionNames.accessKeyId, value: session.accessKeyId },
    { set: sessionNames.secretAccessKey, value: session.secretAccessKey },
    { set: sessionNames.sessionToken, value: session.sessionToken },
    { set: sessionNames.expiration, value: rfc3339(session.expiration) },
    ...(session.accountId === undefined ? [] : [{ set: accountName, value: session.accountId }]),
  ];
  const end = { set: 'AWSMFA_EXPIRES_AT', value: String(session.expiration) };
  return around(credentials, end, applied, env);
}

/** A server of ours that programs can ask for credentials. */
export interface Server {
  readonly url: string;
  /** Goes into the `Authorization` header as it is. */
  readonly token: Secret;
}

/** Leads an environment to a server instead; nothing may stay that programs would find before it. */
export function lead(server: Server, applied: Applied, env: Environment): Change {
  const [url, token] = containerNames;
  const credentials = [
    { unset: beforeContainerNames, neverEmpty: true },
    { set: url, value: server.url },
    { set: token, value: server.token },
  ];
  return around(credentials, { unset: ['AWSMFA_EXPIRES_AT'] }, applied, env, server.url);
}

/** The part of the change that does not depend on how programs find the session. */
function around(credentials: Change, end: Step, applied: Applied, env: Environment, url?: string): Change {
  const memory = recall(env);
  const present = regionNames.some((name) => env[name]);
  const ours = present && isOurRegion(env, memory, applied.heldRegion);
  const region = present && !ours ? undefined : applied.region;
  const kept = applied.keepProfile && applied.profile !== environmentProfile ? applied.profile : undefined;
  const remember: (readonly [string, string])[] = restoredNames.flatMap((name) => {
    const before = ownValue(name, env, memory) || memory.get(name);
    return before ? [[name, before] as const] : [];
  });
  if (kept !== undefined) remember.push(['kept', kept]);
  // A region of the user's that happens to be the profile's would look like ours later.
  if (present && !ours && regionNames.every((name) => env[name] === applied.profileRegion)) {
    remember.push(['region', ownRegion]);
  }
  if (region !== undefined && region !== applied.profileRegion) remember.push(['region', region]);
  const held = env.AWSMFA_PROFILE;
  const previous = held && held !== applied.profile ? held : memory.get('previous');
  if (previous) remember.push(['previous', previous]);
  const server = url ?? serverOf(env);
  if (server) remember.push(['server', server]);

  return [
    { unset: credentialNames },
    { unset: profileNames, neverEmpty: true },
    { unset: [...foreignNames, ...oldNames] },
    ...(ours && region === undefined ? [{ unset: regionNames }] : []),
    ...credentials,
    ...(region !== undefined ? regionNames.map((name) => ({ set: name, value: region })) : []),
    ...(kept === undefined ? [] : [{ set: profileNames[0], value: kept }]),
    { set: profileName, value: applied.profile },
    ...(applied.scope !== undefined
      ? [{ set: scopeName, value: applied.scope }]
      : env[scopeName] !== undefined
        ? [{ unset: [scopeName] }]
        : []),
    end,
    ...(remember.length > 0
      ? [{ set: restoreName, value: written(remember) }]
      : env[restoreName] !== undefined
        ? [{ unset: [restoreName] }]
        : []),
  ];
}

/**
 * Takes a session out of an environment again and puts back what `apply` took away. Long-term keys, and a
 * profile or region the user has set since, are his and stay. Undefined when there is nothing to take out.
 *
 * @param heldRegion as in `Applied`
 */
export function clear(env: Environment, heldRegion: string | undefined): Change | undefined {
  const memory = recall(env);
  const temporary = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  if (!temporary && !env.AWSMFA_PROFILE && env[restoreName] === undefined) return undefined;
  return [
    {
      unset: [
        ...(temporary ? credentialNames : []),
        ...(isOurRegion(env, memory, heldRegion) ? regionNames : []),
        ...(serverOf(env) ? containerNames : []),
        ...profileNames.filter((name) => env[name] && !ownValue(name, env, memory)),
        'AWSMFA_PROFILE',
        'AWSMFA_EXPIRES_AT',
        ...(env[scopeName] === undefined ? [] : [scopeName]),
        restoreName,
      ],
    },
    ...restoredNames.flatMap((name) => {
      const before = memory.get(name);
      return before && !ownValue(name, env, memory) ? [{ set: name, value: before }] : [];
    }),
  ];
}

/** What a variable that `clear` puts back holds by the user's own will: not what an awsmfa before has put there. */
function ownValue(
  name: (typeof restoredNames)[number],
  env: Environment,
  memory: Memory,
): string | undefined {
  const isOurs = name === accountName ? env.AWSMFA_PROFILE : env[name] === memory.get('kept');
  return isOurs ? undefined : env[name];
}

/** The profile that the shell held before the one it holds now. */
export function previousProfile(env: Environment): string | undefined {
  return recall(env).get('previous');
}

/** The environment as the user made it: a region that awsmfa exported for another profile is not his wish. */
export function withoutOurRegion(env: Environment, heldRegion: string | undefined): Environment {
  if (!isOurRegion(env, recall(env), heldRegion)) return env;
  return { ...env, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };
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
