import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetScopedCredentialsCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { accountOf, type Credentials, type Secret, type Session } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import type { RoleParameters } from '../profile/role.ts';
import type { ScopeRequest } from '../request.ts';
import { printable } from '../text.ts';
import {
  type AnsweredCredentials,
  checkAnswer,
  type ErrorAnswer,
  type ErrorRow,
  nameSts,
  quoteAnswer,
  quoteForDebug,
  readError,
  translate,
} from './answer.ts';
import { type ClientConfig, clientConfig, nobody, watchAnswers } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { malformedPolicy, type StsCall, sourceExpired, translateError } from './errors.ts';
import { explainByIdentity } from './identity.ts';

/** What a call needs from outside, as functions. */
export interface Outside {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Takes AWS's own code and request ID, and never a secret. */
  readonly debug: (line: string) => void;
}

/** One call of STS; it wants the token code when there is an MFA device. */
export type Call = (tokenCode: string | undefined) => Promise<Session>;

/** A call that gives a session. */
export type SessionCall = StsCall & { readonly durationSeconds: number };

/**
 * Prepares GetSessionToken or AssumeRole: what can fail without a token code fails here.
 *
 * @throws UserError; the call throws one for every answer that is not a session
 */
export async function prepareCall(
  call: SessionCall,
  credentials: Credentials,
  outside: Outside,
): Promise<Call> {
  const { endpoint, serialNumber, role, durationSeconds } = call;
  const { now, debug } = outside;
  // A code counts as spent with the first call that reaches AWS: a second one would be refused for the wrong reason.
  const attempts = serialNumber === undefined ? endpoint.attempts : 1;
  const config = await clientConfig({ ...endpoint, attempts }, credentials);
  debug(`${role ? `AssumeRole ${role.roleArn}` : 'GetSessionToken'} at ${nameSts(endpoint)}`);
  const explain = (error: unknown) => {
    const translated = translateError(error, call, credentials.accessKeyId, now());
    return explainByIdentity(translated, call, credentials, now);
  };
  return async (tokenCode) => {
    const mfa =
      serialNumber === undefined || tokenCode === undefined
        ? {}
        : { SerialNumber: serialNumber, TokenCode: tokenCode };
    const command = (client: STSClient): Promise<SessionAnswer> =>
      role
        ? client.send(assumeRole(role, durationSeconds, mfa, now()))
        : client.send(new GetSessionTokenCommand({ DurationSeconds: durationSeconds, ...mfa }));
    const session = await send(config, nameSts(endpoint), command, outside, explain);
    // An MFA device that STS has taken a code of is one of the user's, and so of the user's account.
    return { ...session, accountId: accountOf(role ? role.roleArn : mfa.SerialNumber) };
  };
}

/** An answer of STS that has credentials. */
export interface SessionAnswer {
  readonly Credentials?: AnsweredCredentials | undefined;
  readonly $metadata: {
    readonly httpStatusCode?: number | undefined;
    readonly requestId?: string | undefined;
  };
}

/**
 * Sends one command that gives credentials.
 *
 * @param sts the name of the endpoint, for messages
 * @param explain makes a UserError of what was thrown; a UserError may be explained further
 */
export async function send(
  config: ClientConfig,
  sts: string,
  command: (client: STSClient) => Promise<SessionAnswer>,
  { now, debug }: Outside,
  explain: (error: unknown) => UserError | Promise<UserError>,
): Promise<Session> {
  const client = new STSClient(config);
  const lastAnswer = watchAnswers(client);
  try {
    const { Credentials: answer, $metadata } = await command(client);
    debug(`HTTP ${$metadata.httpStatusCode}, request ${$metadata.requestId}`);
    return checkAnswer(answer ?? {}, sts, now(), lastAnswer().date);
  } catch (error) {
    if (!(error instanceof UserError)) debug(quoteForDebug(readError(error)));
    throw await explain(error);
  } finally {
    client.destroy();
  }
}

/**
 * Calls AssumeRoleWithWebIdentity, and gives the credentials of the answer without a check.
 *
 * @param token of the identity provider, in place of a signature
 * @throws UserError configuration for a proxy or a bundle that cannot be used; the SDK's own error for everything else
 */
export async function assumeRoleWithWebIdentity(
  endpoint: StsEndpoint,
  role: { readonly RoleArn: string; readonly RoleSessionName: string; readonly DurationSeconds: number },
  token: Secret,
): Promise<AnsweredCredentials> {
  const client = new STSClient(await clientConfig(endpoint, nobody));
  try {
    const command = new AssumeRoleWithWebIdentityCommand({ ...role, WebIdentityToken: token.reveal() });
    const { Credentials: answer } = await client.send(command);
    if (!answer) throw new Error('a 200 without credentials');
    return answer;
  } finally {
    client.destroy();
  }
}

function assumeRole(
  role: RoleParameters,
  durationSeconds: number,
  mfa: { SerialNumber?: string; TokenCode?: string },
  now: number,
): AssumeRoleCommand {
  return new AssumeRoleCommand({
    RoleArn: role.roleArn,
    RoleSessionName: role.roleSessionName ?? `awsmfa-${Math.floor(now / 1000)}`,
    DurationSeconds: durationSeconds,
    ...mfa,
    ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    ...(role.sourceIdentity === undefined ? {} : { SourceIdentity: role.sourceIdentity }),
    ...(role.policy === undefined ? {} : { Policy: role.policy }),
    ...(role.tags.length === 0 ? {} : { Tags: role.tags.map(([Key, Value]) => ({ Key, Value })) }),
    ...(role.transitiveTagKeys.length === 0 ? {} : { TransitiveTagKeys: [...role.transitiveTagKeys] }),
    ...(role.policyArns.length === 0 ? {} : { PolicyArns: role.policyArns.map((arn) => ({ arn })) }),
  });
}

/** Parameters of GetScopedCredentials. */
export interface Narrowing {
  /** For messages: `work`. */
  readonly profile: string;
  readonly scope: ScopeRequest;
  /** Undefined for the time that the session has left. */
  readonly durationSeconds: number | undefined;
  readonly endpoint: StsEndpoint;
}

/**
 * The same identity with fewer permissions: those that the policy and the session both allow (API reference,
 * GetScopedCredentials).
 *
 * @throws UserError whenever STS does not narrow. The caller must not go on with the session itself.
 */
export async function narrow(session: Session, narrowing: Narrowing, outside: Outside): Promise<Session> {
  const { scope, durationSeconds, profile } = narrowing;
  // The token of the legacy global endpoint is good for the regional ones, and only they narrow.
  const isGlobal = narrowing.endpoint.url === 'https://sts.amazonaws.com';
  const endpoint = isGlobal ? { ...narrowing.endpoint, url: undefined } : narrowing.endpoint;
  const sts = nameSts(endpoint);
  outside.debug(`GetScopedCredentials at ${sts}`);
  const command = async (client: STSClient) => {
    const answer = await client.send(
      new GetScopedCredentialsCommand({
        Policy: scope.policy,
        ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
      }),
    );
    // A stand-in for STS may answer to every call with the credentials that it has, or with others as wide.
    const { Credentials: given, ScopedPoliciesCount: count } = answer;
    if (given && (given.AccessKeyId === session.accessKeyId || !count)) throw notNarrowed(sts, profile);
    return answer;
  };
  const explain = (error: unknown) =>
    translate(error, { name: sts, of: '', withCode: false }, (answer) =>
      narrowErrors(answer, sts, narrowing),
    );
  const narrowed = await send(await clientConfig(endpoint, session), sts, command, outside, explain);
  return { ...narrowed, accountId: session.accountId };
}

function notNarrowed(sts: string, profile: string): UserError {
  return new UserError(
    Exit.refused,
    'cannot-narrow',
    `${sts} answered for profile "${printable(profile, 60)}" with credentials that are not narrowed`,
    'Nothing runs with them. Use a regional endpoint of AWS.',
  );
}

function narrowErrors(
  answer: ErrorAnswer,
  sts: string,
  { profile, scope, durationSeconds }: Narrowing,
): readonly ErrorRow[] {
  const of = `profile "${printable(profile, 60)}"`;
  const named = `the scope ${printable(scope.name, 100)}`;
  const nothing = 'Nothing runs with more than the scope allows.';
  const quoted = quoteAnswer(answer);
  return [
    malformedPolicy(`the policy of ${named}`, answer),
    {
      when: /^PackedPolicyTooLarge/,
      code: 'bad-policy',
      message: `The session of ${of} has no room for ${named}: its tags and policies are too large together`,
      hint: 'Make the policy shorter, or use fewer session tags.',
    },
    {
      when: /^InsufficientSessionLifetime/,
      code: 'duration-too-long',
      message: `The session of ${of} ends before ${durationSeconds === undefined ? 'that' : sayDuration(durationSeconds)} is over, and a scope cannot outlive it`,
      hint: 'Ask for less with --duration, or get a new session first: awsmfa login --refresh',
    },
    {
      when: /^InvalidSubjectCredentials|with long-term credentials/,
      code: 'cannot-narrow',
      message: `AWS does not narrow the credentials of ${of}: ${quoted}`,
      hint: `${nothing} Only temporary credentials can be narrowed.`,
    },
    {
      // A ValidationError about a value comes from an STS that knows the call.
      when: /^(?!.*Value .* at ')(InvalidAction|ValidationError|UnknownOperation|NotImplemented|[^:]*Unsupported)/,
      code: 'cannot-narrow',
      message: `What answers at ${sts} does not know GetScopedCredentials (${quoted})`,
      hint: `${nothing} Use a regional endpoint of AWS: no AWS_ENDPOINT_URL_STS, and --sts-region where it is needed.`,
    },
    {
      when: /^(ExpiredToken|InvalidClientTokenId)/,
      code: sourceExpired,
      message: `AWS no longer takes the session of ${of}`,
      hint: 'Get a new one: awsmfa login --refresh',
    },
    {
      when: /^/,
      code: 'cannot-narrow',
      message: `AWS refused to narrow the session of ${of}: ${quoted}`,
      hint: /^AccessDenied/.test(answer.code)
        ? `${nothing} A session can be narrowed three times at most, and a policy can deny sts:GetScopedCredentials.`
        : nothing,
    },
  ];
}
