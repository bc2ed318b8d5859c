import { rfc3339, type Secret, type Session } from '../credentials.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { ScopeRequest } from '../request.ts';
import type { Environment } from '../world.ts';
import {
  type Memory,
  ownRegion,
  policyOf,
  recall,
  restoreName,
  serverOf,
  withoutOurRegion,
  written,
} from './memory.ts';
import {
  accountName,
  beforeContainerNames,
  containerNames,
  credentialNames,
  foreignNames,
  markerName,
  oldNames,
  profileName,
  profileNames,
  regionNames,
  restoredNames,
  scopeName,
  sessionNames,
} from './names.ts';

/** The steps that change a shell's environment, in order. The dialects render them. */
export type Change = readonly Step[];

export type Step =
  | {
      readonly unset: readonly string[];
      /** An empty variable does not do instead: it breaks the AWS CLI. */
      readonly neverEmpty?: boolean;
    }
  | { readonly set: string; readonly value: string | Secret };

export interface Applied {
  readonly profile: string;
  /** The region to export: `--region`, else that of the profile. */
  readonly region: string | undefined;
  /** The region of the profile. */
  readonly profileRegion: string | undefined;
  /** `--region` asks for it: it takes the place of one that the user has set, which `clear` puts back. */
  readonly isRegionAsked?: boolean;
  /** The region in the files of the profile whose session the shell holds already. */
  readonly heldRegion: string | undefined;
  /** Set `AWS_PROFILE` to this profile instead of removing it. */
  readonly keepProfile: boolean;
  /** The scope that narrows the session; undefined for a whole one. */
  readonly scope?: ScopeRequest | undefined;
}

/**
 * Puts a session into an environment. `AWS_PROFILE` goes because with it set the SDK for JavaScript ignores
 * exported keys, and boto3 fails when the profile is missing.
 *
 * @param env what the shell exports now: a region that the user has set stays, and what is taken away is remembered
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

/** A server of awsmfa that programs can ask for credentials. */
export interface Server {
  readonly url: string;
  /** Goes into the `Authorization` header as it is. */
  readonly token: Secret;
}

/** Points an environment to a server instead, and takes away everything that programs would find before it. */
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
  // The regions as the user has set them.
  const own = withoutOurRegion(env, applied.heldRegion);
  const hasOwn = regionNames.some((name) => own[name]);
  const region = hasOwn && !applied.isRegionAsked ? undefined : applied.region;
  const kept = applied.keepProfile && applied.profile !== environmentProfile ? applied.profile : undefined;
  const remember: (readonly [string, string])[] = restoredNames.flatMap((name) => {
    const before = ownValue(name, env, memory) || memory.get(name);
    return before ? [[name, before] as const] : [];
  });
  if (kept !== undefined) remember.push(['kept', kept]);
  // The user's region may be the same as the profile's. Later it would look as if awsmfa had set it.
  if (region === undefined && hasOwn && regionNames.every((name) => own[name] === applied.profileRegion)) {
    remember.push(['region', ownRegion]);
  }
  if (region !== undefined) {
    remember.push(...regionNames.flatMap((name) => (own[name] ? [[name, own[name]] as const] : [])));
  }
  if (region !== undefined && region !== applied.profileRegion) remember.push(['region', region]);
  const held = env.AWSMFA_PROFILE;
  const previous = held && held !== applied.profile ? held : memory.get('previous');
  if (previous) remember.push(['previous', previous]);
  const server = url ?? serverOf(env);
  if (server) remember.push(['server', server]);
  if (applied.scope) remember.push(policyOf(applied.scope));

  return [
    { unset: credentialNames },
    { unset: profileNames, neverEmpty: true },
    { unset: [...foreignNames, ...oldNames] },
    ...(own !== env && region === undefined ? [{ unset: regionNames }, ...setRegions(own)] : []),
    ...credentials,
    ...(region !== undefined ? regionNames.map((name) => ({ set: name, value: region })) : []),
    ...(kept === undefined ? [] : [{ set: profileNames[0], value: kept }]),
    { set: profileName, value: applied.profile },
    ...setOrUnset(scopeName, applied.scope?.name, env),
    end,
    ...setOrUnset(restoreName, remember.length > 0 ? written(remember) : undefined, env),
  ];
}

function setRegions(own: Environment): Change {
  return regionNames.flatMap((name) => (own[name] ? [{ set: name, value: own[name] }] : []));
}

/** Without a value, the variable is taken away if it is there. */
function setOrUnset(name: string, value: string | undefined, env: Environment): Change {
  if (value !== undefined) return [{ set: name, value }];
  return env[name] === undefined ? [] : [{ unset: [name] }];
}

/**
 * Takes a session out of an environment again and puts back what `apply` took away. Long-term keys, and a
 * profile or region that the user has set since, stay. Undefined when there is nothing to take out.
 *
 * @param heldRegion as in `Applied`
 */
export function clear(env: Environment, heldRegion: string | undefined): Change | undefined {
  const memory = recall(env);
  const own = withoutOurRegion(env, heldRegion);
  // Inside `exec --scope` the scope stays: the cache has wider sessions.
  const isOfExec = env[scopeName] !== undefined && env[markerName];
  const policy = isOfExec ? memory.get('policy') : undefined;
  const temporary = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  if (!temporary && !env.AWSMFA_PROFILE && env[restoreName] === undefined) return undefined;
  return [
    {
      unset: [
        ...(temporary ? credentialNames : []),
        ...(own === env ? [] : regionNames),
        ...(serverOf(env) ? containerNames : []),
        ...profileNames.filter((name) => env[name] && !ownValue(name, env, memory)),
        'AWSMFA_PROFILE',
        'AWSMFA_EXPIRES_AT',
        ...(env[scopeName] === undefined || isOfExec ? [] : [scopeName]),
        restoreName,
      ],
    },
    ...(policy ? [{ set: restoreName, value: written([['policy', policy]]) }] : []),
    ...(own === env ? [] : setRegions(own)),
    ...restoredNames.flatMap((name) => {
      const before = memory.get(name);
      return before && !ownValue(name, env, memory) ? [{ set: name, value: before }] : [];
    }),
  ];
}

/** The value of a variable that `clear` puts back, if the user has set it and not awsmfa. */
function ownValue(name: (typeof restoredNames)[number], env: Environment, memory: Memory) {
  const isOurs = name === accountName ? env.AWSMFA_PROFILE : env[name] === memory.get('kept');
  return isOurs ? undefined : env[name];
}
