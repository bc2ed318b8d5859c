import type { SharedFiles } from '../config/files.ts';
import { sayDuration } from '../duration.ts';
import { serverOf } from '../export/memory.ts';
import { foreignNames, oldNames, scopeName } from '../export/names.ts';
import { printable } from '../printable.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { Environment } from '../world.ts';
import { exportedExpiration, ownExpiration } from './dialect.ts';

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

/** Something in the environment that will make a tool fail, or be somebody else. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface Seen {
  readonly env: Environment;
  /** Undefined where they cannot be read. */
  readonly files: SharedFiles | undefined;
  readonly holding: Holding;
  /** The session in the cache for the profile that the shell holds. */
  readonly cached: { readonly accessKeyId: string; readonly expiration: number } | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

/** Every conflict in sight, the gravest first. */
export function problemsOf(seen: Seen): readonly Problem[] {
  return checks.flatMap((check) => check(seen) ?? []);
}

type Check = (seen: Seen) => Problem | readonly Problem[] | undefined;

const checks: readonly Check[] = [
  function halfAKey({ env }) {
    const [there, missing] = env.AWS_ACCESS_KEY_ID ? [id, secret] : [secret, id];
    if (!env[there] || env[missing]) return undefined;
    return problem('half-a-key', `${there} is set, ${missing} is not`, `Unset ${there}, or export both.`);
  },
  function noToken({ env }) {
    if (!env.AWS_ACCESS_KEY_ID?.startsWith('ASIA') || tokenOf(env)) return undefined;
    return problem(
      'no-token',
      'The access key is temporary (ASIA…), and AWS_SESSION_TOKEN is not set: AWS will refuse it',
      'Get a session: awsmfa use',
    );
  },
  function longTermKeys({ env }) {
    if (!env.AWS_ACCESS_KEY_ID || env.AWS_ACCESS_KEY_ID.startsWith('ASIA') || tokenOf(env)) return undefined;
    return problem(
      'long-term-keys',
      'The environment holds long-term keys: every program started here can use them, without MFA',
      'Put a session in their place: awsmfa use',
    );
  },
  function leftoverToken({ env }) {
    if (!env.AWS_ACCESS_KEY_ID?.startsWith('AKIA') || !tokenOf(env)) return undefined;
    return problem(
      'leftover-token',
      'The access key is a long-term one (AKIA…), and the session token beside it is left over: AWS will refuse both',
      'Unset AWS_SESSION_TOKEN and AWS_SECURITY_TOKEN.',
    );
  },
  function expired({ holding: { expiration }, now }) {
    if (expiration === undefined || expiration > now) return undefined;
    return problem('expired', `The session expired ${sayDuration(now - expiration)} ago`, 'Run: awsmfa use');
  },
  function noKeys({ env, holding: { profile } }) {
    if (env.AWS_ACCESS_KEY_ID || serverOf(env) || !(profile || env.AWSMFA_EXPIRES_AT)) return undefined;
    const what = profile ? `This shell is on "${shown(profile)}"` : 'AWSMFA_EXPIRES_AT is set';
    return problem('no-keys', `${what}, and holds no keys`, 'Run awsmfa use, or awsmfa clear.');
  },
  function otherKeys({ env, holding: { profile, accessKeyId }, cached }) {
    if (!profile || !accessKeyId || !tokenOf(env)) return undefined;
    const [said, own] = [exportedExpiration(env), ownExpiration(env)];
    const replaced = cached !== undefined && cached.expiration === own && cached.accessKeyId !== accessKeyId;
    if (own !== undefined && (said === undefined || said === own) && !replaced) return undefined;
    return problem(
      'other-keys',
      `The keys are not those that awsmfa got for "${shown(profile)}": something has replaced them since`,
      'Run: awsmfa use',
    );
  },
  function profileAndKeys({ env }) {
    if (!env.AWS_ACCESS_KEY_ID || !env.AWS_PROFILE) return undefined;
    return problem(
      'profile-and-keys',
      `The keys and AWS_PROFILE=${shown(env.AWS_PROFILE)} are both set: the AWS CLI and boto3 take the keys, the SDK for JavaScript the profile`,
      'Unset AWS_PROFILE, or with it set run: awsmfa use',
    );
  },
  function webIdentityAndProfile({ env }) {
    if (!env.AWS_WEB_IDENTITY_TOKEN_FILE || !env.AWS_PROFILE || env.AWS_ACCESS_KEY_ID) return undefined;
    return problem(
      'web-identity-and-profile',
      `AWS_WEB_IDENTITY_TOKEN_FILE and AWS_PROFILE=${shown(env.AWS_PROFILE)} are both set: most tools take the web identity`,
      'Unset AWS_WEB_IDENTITY_TOKEN_FILE, or run: awsmfa use',
    );
  },
  function missingProfile({ env, files }) {
    return ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWSMFA_PROFILE'].flatMap((variable) => {
      const name = env[variable];
      if (!files || !name || files.has(name) || name === environmentProfile) return [];
      const own = variable === 'AWSMFA_PROFILE';
      if (own && files.has(`${name}-long-term`)) return [];
      return problem(
        'missing-profile',
        `${variable} names the profile "${shown(name)}", which is in neither file: ${own ? 'its session cannot be renewed' : 'the AWS CLI and boto3 will fail'}`,
        own ? 'Switch to another: awsmfa use NAME' : `Unset ${variable}, or see: awsmfa list`,
      );
    });
  },
  function emptyProfile({ env }) {
    if (env.AWS_PROFILE !== '') return undefined;
    return problem(
      'empty-profile',
      'AWS_PROFILE is set and empty: the AWS CLI will look for a profile without a name',
      'Unset AWS_PROFILE.',
    );
  },
  function tokensDiffer({ env }) {
    const { AWS_SECURITY_TOKEN: old, AWS_SESSION_TOKEN: token } = env;
    if (!old || old === token) return undefined;
    return problem(
      'tokens-differ',
      token
        ? 'AWS_SECURITY_TOKEN is not the same as AWS_SESSION_TOKEN: the AWS CLI and boto3 read the first, all else the second'
        : 'The token is in AWS_SECURITY_TOKEN alone, which most SDKs do not read',
      'Unset AWS_SECURITY_TOKEN, and run: awsmfa use',
    );
  },
  function noRegion({ holding }) {
    if (holding.region) return undefined;
    return problem(
      'no-region',
      'No region is set: most commands will ask for one',
      'Export AWS_REGION, or add region to the profile: aws configure set region NAME --profile PROFILE',
    );
  },
  function regionsDiffer({ env: { AWS_REGION: region, AWS_DEFAULT_REGION: old } }) {
    if (!region || !old || region === old) return undefined;
    return problem(
      'regions-differ',
      `AWS_REGION is ${shown(region)} and AWS_DEFAULT_REGION is ${shown(old)}: boto3 reads the second, all else the first`,
      'Set both to the same region, or unset one.',
    );
  },
  function profilesDiffer({ env: { AWS_PROFILE: profile, AWS_DEFAULT_PROFILE: old } }) {
    if (!profile || !old || profile === old) return undefined;
    return problem(
      'profiles-differ',
      `AWS_PROFILE is ${shown(profile)} and AWS_DEFAULT_PROFILE is ${shown(old)}: the AWS CLI and boto3 read the second, all else the first`,
      'Unset AWS_DEFAULT_PROFILE.',
    );
  },
  function oldKeys({ env }) {
    const names = oldNames.filter((name) => env[name]);
    if (names.length === 0) return undefined;
    return problem(
      'old-names',
      `${names.join(', ')}: some SDKs read ${names.length === 1 ? 'this' : 'these'} before the session`,
      `Run awsmfa use, or: unset ${names.join(' ')}`,
    );
  },
  function otherTool({ env }) {
    const names = foreignNames.filter((name) => env[name]);
    if (names.length === 0) return undefined;
    const [are, them] = names.length === 1 ? ['is', 'it'] : ['are', 'them'];
    return problem(
      'other-tool',
      `${names.join(', ')} ${are} set, by another tool: prompts and SDKs may believe ${them} before awsmfa`,
      `Run awsmfa use, or: unset ${names.join(' ')}`,
    );
  },
];

/**
 * Says which variables of this shell tools read before a profile that AWS_PROFILE names: keys and web identities (botocore's
 * `create_credential_resolver`), for boto3 AWS_DEFAULT_PROFILE, and the older names of keys for some SDKs.
 */
export function outranking(profile: string, env: Environment): string | undefined {
  const other = env.AWS_DEFAULT_PROFILE && env.AWS_DEFAULT_PROFILE !== profile;
  const names = [
    ...[id, 'AWS_WEB_IDENTITY_TOKEN_FILE'].filter((name) => env[name]),
    ...(other ? ['AWS_DEFAULT_PROFILE'] : []),
    ...oldNames.filter((name) => env[name]),
  ];
  if (names.length === 0) return undefined;
  const [come, them] = names.length === 1 ? ['comes', 'it'] : ['come', 'them'];
  return `in this shell ${names.join(', ')} ${come} before it: unset ${them}`;
}

const id = 'AWS_ACCESS_KEY_ID';
const secret = 'AWS_SECRET_ACCESS_KEY';

function tokenOf(env: Environment): string | undefined {
  return env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
}

function shown(text: string): string {
  return printable(text, 60);
}

function problem(code: string, message: string, hint: string): Problem {
  return { code, message, hint };
}
