import type { SharedFiles } from '../config/files.ts';
import { sayDuration } from '../duration.ts';
import { serverOf } from '../export/memory.ts';
import { foreignNames, oldNames, scopeName } from '../export/names.ts';
import { environmentProfile } from '../profile/choice.ts';
import { longTermSection } from '../profile/long-term.ts';
import { printable } from '../text.ts';
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

/** Something in the environment that makes a tool fail, or act as another identity. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

interface Seen {
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
  return rowsOf(seen).flatMap(([isThere, code, message, hint]) => (isThere ? [{ code, message, hint }] : []));
}

type Row = readonly [isThere: unknown, code: string, message: string, hint: string];

function rowsOf({ env, files, holding, cached, now }: Seen): readonly Row[] {
  const { profile, accessKeyId: key, expiration } = holding;
  const token = env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN;
  const isTemporary = key?.startsWith('ASIA');
  const [there, missing] = key ? [id, secret] : [secret, id];
  const holds = profile ? `This shell is on "${shown(profile)}"` : 'AWSMFA_EXPIRES_AT is set';
  const [said, own] = [exportedExpiration(env), ownExpiration(env)];
  const isOther = own === undefined || (said !== undefined && said !== own);
  // The cached session is the whole one: a scope's has other keys and often the same end.
  const isReplaced =
    !holding.scope && cached !== undefined && cached.expiration === own && cached.accessKeyId !== key;
  const old = oldNames.filter((name) => env[name]);
  const foreign = foreignNames.filter((name) => env[name]);
  const [are, them] = foreign.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const { AWS_PROFILE: named, AWS_DEFAULT_PROFILE: named2 } = env;
  const { AWS_REGION: region, AWS_DEFAULT_REGION: region2 } = env;
  return [
    [
      env[there] && !env[missing],
      'half-a-key',
      `${there} is set, ${missing} is not`,
      `Unset ${there}, or export both.`,
    ],
    [
      isTemporary && !token,
      'no-token',
      'The access key is temporary (ASIA…), and AWS_SESSION_TOKEN is not set: AWS will refuse it',
      'Get a session: awsmfa use',
    ],
    [
      key && !isTemporary && !token,
      'long-term-keys',
      'The environment holds long-term keys: every program started here can use them, without MFA',
      'Put a session in their place: awsmfa use',
    ],
    [
      key?.startsWith('AKIA') && token,
      'leftover-token',
      'The access key is a long-term one (AKIA…), and the session token beside it is left over: AWS will refuse both',
      'Unset AWS_SESSION_TOKEN and AWS_SECURITY_TOKEN.',
    ],
    [
      expiration !== undefined && expiration <= now,
      'expired',
      `The session expired ${sayDuration(now - (expiration ?? now))} ago`,
      'Run: awsmfa use',
    ],
    [
      !key && !serverOf(env) && (profile || env.AWSMFA_EXPIRES_AT),
      'no-keys',
      `${holds}, and holds no keys`,
      'Run awsmfa use, or awsmfa clear.',
    ],
    [
      profile && key && token && (isOther || isReplaced),
      'other-keys',
      `The keys are not those that awsmfa got for "${shown(profile)}": something has replaced them since`,
      'Run: awsmfa use',
    ],
    [
      key && named,
      'profile-and-keys',
      `The keys and AWS_PROFILE=${shown(named)} are both set: the AWS CLI and boto3 take the keys, the SDK for JavaScript the profile`,
      'Unset AWS_PROFILE, or with it set run: awsmfa use',
    ],
    [
      env.AWS_WEB_IDENTITY_TOKEN_FILE && named && !key,
      'web-identity-and-profile',
      `AWS_WEB_IDENTITY_TOKEN_FILE and AWS_PROFILE=${shown(named)} are both set: most tools take the web identity`,
      'Unset AWS_WEB_IDENTITY_TOKEN_FILE, or run: awsmfa use',
    ],
    ...['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWSMFA_PROFILE'].map((name) =>
      missingProfile(name, env, files),
    ),
    [
      named === '',
      'empty-profile',
      'AWS_PROFILE is set and empty: the AWS CLI will look for a profile without a name',
      'Unset AWS_PROFILE.',
    ],
    [
      env.AWS_SECURITY_TOKEN && env.AWS_SECURITY_TOKEN !== env.AWS_SESSION_TOKEN,
      'tokens-differ',
      env.AWS_SESSION_TOKEN
        ? 'AWS_SECURITY_TOKEN is not the same as AWS_SESSION_TOKEN: the AWS CLI and boto3 read the first, all else the second'
        : 'The token is in AWS_SECURITY_TOKEN alone, which most SDKs do not read',
      'Unset AWS_SECURITY_TOKEN, and run: awsmfa use',
    ],
    [
      !holding.region,
      'no-region',
      'No region is set: most commands will ask for one',
      'Export AWS_REGION, or add region to the profile: aws configure set region NAME --profile PROFILE',
    ],
    [
      region && region2 && region !== region2,
      'regions-differ',
      `AWS_REGION is ${shown(region)} and AWS_DEFAULT_REGION is ${shown(region2)}: boto3 reads the second, all else the first`,
      'Set both to the same region, or unset one.',
    ],
    [
      named && named2 && named !== named2,
      'profiles-differ',
      `AWS_PROFILE is ${shown(named)} and AWS_DEFAULT_PROFILE is ${shown(named2)}: the AWS CLI and boto3 read the second, all else the first`,
      'Unset AWS_DEFAULT_PROFILE.',
    ],
    [
      old.length > 0,
      'old-names',
      `${old.join(', ')}: some SDKs read ${old.length === 1 ? 'this' : 'these'} before the session`,
      `Run awsmfa use, or: unset ${old.join(' ')}`,
    ],
    [
      foreign.length > 0,
      'other-tool',
      `${foreign.join(', ')} ${are} set, by another tool: prompts and SDKs may believe ${them} before awsmfa`,
      `Run awsmfa use, or: unset ${foreign.join(' ')}`,
    ],
  ];
}

/** The profile of the session itself may be in `[NAME-long-term]` alone. */
function missingProfile(variable: string, env: Environment, files: SharedFiles | undefined): Row {
  const name = env[variable];
  const isOwn = variable === 'AWSMFA_PROFILE';
  const isThere = (named: string) =>
    named === environmentProfile || files?.has(named) || (isOwn && files?.has(longTermSection(named)));
  const then = isOwn ? 'its session cannot be renewed' : 'the AWS CLI and boto3 will fail';
  return [
    files && name && !isThere(name),
    'missing-profile',
    `${variable} names the profile "${shown(name)}", which is in neither file: ${then}`,
    isOwn ? 'Switch to another: awsmfa use NAME' : `Unset ${variable}, or see: awsmfa list`,
  ];
}

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

function shown(text = ''): string {
  return printable(text, 60);
}
