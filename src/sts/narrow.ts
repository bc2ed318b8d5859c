import { GetFederationTokenCommand, GetScopedCredentialsCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials, Session } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type ErrorAnswer, nameSts, quoteAnswer, quoteForDebug, readError, wayError } from './answer.ts';
import { clientConfig, watchAnswers } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { type AnsweredCredentials, checkAnswer } from './sts.ts';

/** What GetScopedCredentials is asked for. */
export interface Narrowing {
  /** For messages: `work`. */
  readonly profile: string;
  /** The name of the scope, for messages. */
  readonly scope: string;
  /** An IAM policy as JSON without blanks, at most 2,048 characters. */
  readonly policy: string;
  /** Undefined for the time that the session has left. */
  readonly durationSeconds: number | undefined;
  readonly endpoint: StsEndpoint;
}

/**
 * The same identity with less: what the policy and the session both allow (API reference, GetScopedCredentials).
 *
 * @throws UserError whenever STS does not narrow. The caller must not go on with the session itself.
 */
export async function narrow(
  session: Session,
  narrowing: Narrowing,
  now: () => number,
  debug: (line: string) => void,
): Promise<Session> {
  const { policy, durationSeconds } = narrowing;
  const command = new GetScopedCredentialsCommand({
    Policy: policy,
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
  });
  // The token of the legacy global endpoint is good for the regional ones, and only they narrow.
  const isGlobal = narrowing.endpoint.url === 'https://sts.amazonaws.com';
  const endpoint = isGlobal ? { ...narrowing.endpoint, url: undefined } : narrowing.endpoint;
  debug(`GetScopedCredentials at ${nameSts(endpoint)}`);
  const narrowed = await send(
    session,
    endpoint,
    async (client) => {
      const answer = await client.send(command);
      // A stand-in for STS may answer to every call with the credentials that it has.
      const isSame = answer.Credentials?.AccessKeyId === session.accessKeyId;
      if (isSame || answer.ScopedPoliciesCount === 0) throw notNarrowed(narrowing);
      return answer;
    },
    now,
    debug,
    (answer) => narrowingError(answer, { ...narrowing, endpoint }),
  );
  return { ...narrowed, accountId: session.accountId };
}

/** What GetFederationToken is asked for: credentials with which a user without a role can sign in to the console. */
export interface Federation {
  readonly profile: string;
  /** 2 to 32 characters: the name that CloudTrail shows. */
  readonly name: string;
  readonly policy: string;
  readonly durationSeconds: number;
  readonly endpoint: StsEndpoint;
}

/** @throws UserError, also when a policy wants MFA: the call has no parameter for it */
export async function federate(
  keys: Credentials,
  federation: Federation,
  now: () => number,
  debug: (line: string) => void,
): Promise<Session> {
  const { name, policy, durationSeconds, endpoint } = federation;
  const command = new GetFederationTokenCommand({
    Name: name,
    Policy: policy,
    DurationSeconds: durationSeconds,
  });
  debug(`GetFederationToken at ${nameSts(endpoint)}`);
  return send(
    keys,
    endpoint,
    (client) => client.send(command),
    now,
    debug,
    (answer) => federationError(answer, federation),
  );
}

interface Answer {
  readonly Credentials?: AnsweredCredentials | undefined;
  readonly $metadata: {
    readonly httpStatusCode?: number | undefined;
    readonly requestId?: string | undefined;
  };
}

async function send(
  credentials: Credentials,
  endpoint: StsEndpoint,
  call: (client: STSClient) => Promise<Answer>,
  now: () => number,
  debug: (line: string) => void,
  explain: (answer: ErrorAnswer) => UserError,
): Promise<Session> {
  const config = await clientConfig(endpoint, credentials);
  const client = new STSClient(config);
  const lastAnswer = watchAnswers(client);
  try {
    const { Credentials: given, $metadata } = await call(client);
    debug(`HTTP ${$metadata.httpStatusCode}, request ${$metadata.requestId}`);
    return checkAnswer(given ?? {}, nameSts(endpoint), now(), lastAnswer().date);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const answer = readError(error);
    debug(quoteForDebug(answer));
    throw explain(answer);
  } finally {
    client.destroy();
  }
}

function narrowingError(
  answer: ErrorAnswer,
  { profile, scope, durationSeconds, endpoint }: Narrowing,
): UserError {
  const of = `profile "${printable(profile, 60)}"`;
  const named = `the scope ${printable(scope, 100)}`;
  const nothing = 'Nothing runs with more than the scope allows.';
  const onTheWay = wayError(answer, { name: nameSts(endpoint), of: '', withCode: false });
  if (onTheWay) return onTheWay;
  switch (true) {
    case /^MalformedPolicyDocument/.test(answer.code):
      return refused(
        'bad-policy',
        `AWS does not take the policy of ${named}: ${quoteAnswer(answer)}`,
        'Correct the policy; IAM Access Analyzer says what is wrong with it: aws accessanalyzer validate-policy',
      );
    case /^PackedPolicyTooLarge/.test(answer.code):
      return refused(
        'bad-policy',
        `The session of ${of} has no room for ${named}: its tags and policies are too large together`,
        'Make the policy shorter, or use fewer session tags.',
      );
    case /^InsufficientSessionLifetime/.test(answer.code):
      return refused(
        'duration-too-long',
        `The session of ${of} ends before ${durationSeconds === undefined ? 'that' : sayDuration(durationSeconds)} is over, and a scope cannot outlive it`,
        'Ask for less with --duration, or get a new session first: awsmfa login --refresh',
      );
    case /^InvalidSubjectCredentials/.test(answer.code) || /with long-term credentials/.test(answer.message):
      return refused(
        'cannot-narrow',
        `AWS does not narrow the credentials of ${of}: ${quoteAnswer(answer)}`,
        `${nothing} Only temporary credentials can be narrowed.`,
      );
    case /^(InvalidAction|ValidationError|UnknownOperation|NotImplemented|.*Unsupported.*)/.test(
      answer.code,
    ) && !/Value .* at '/.test(answer.message):
      return refused(
        'cannot-narrow',
        `What answers at ${nameSts(endpoint)} does not know GetScopedCredentials (${quoteAnswer(answer)})`,
        `${nothing} Use a regional endpoint of AWS: no AWS_ENDPOINT_URL_STS, and --sts-region where it is needed.`,
      );
    case /^(ExpiredToken|InvalidClientTokenId)/.test(answer.code):
      return refused(
        'source-expired',
        `AWS no longer takes the session of ${of}`,
        'Get a new one: awsmfa login --refresh',
      );
    case /^AccessDenied/.test(answer.code):
      return refused(
        'cannot-narrow',
        `AWS refused to narrow the session of ${of}: ${quoteAnswer(answer)}`,
        `${nothing} A session can be narrowed three times at most, and a policy can deny sts:GetScopedCredentials.`,
      );
    default:
      return refused(
        'cannot-narrow',
        `AWS refused to narrow the session of ${of}: ${quoteAnswer(answer)}`,
        nothing,
      );
  }
}

function notNarrowed({ profile, endpoint }: Narrowing): UserError {
  return refused(
    'cannot-narrow',
    `${nameSts(endpoint)} answered for profile "${printable(profile, 60)}" with credentials that are not narrowed`,
    'Nothing runs with them. Use a regional endpoint of AWS.',
  );
}

function federationError(answer: ErrorAnswer, { profile, endpoint }: Federation): UserError {
  const of = `profile "${printable(profile, 60)}"`;
  const onTheWay = wayError(answer, { name: nameSts(endpoint), of: '', withCode: false });
  if (onTheWay) return onTheWay;
  const isDenied = /^AccessDenied/.test(answer.code);
  return refused(
    'cannot-sign-in',
    isDenied
      ? `The user of ${of} may not call GetFederationToken, and has no other way into the console`
      : `AWS refused GetFederationToken for ${of}: ${quoteAnswer(answer)}`,
    'Name a profile with a role: a session of MFA alone cannot sign in to the console. GetFederationToken takes no MFA code, so a policy that wants MFA refuses it.',
  );
}

function refused(code: string, message: string, hint: string): UserError {
  return new UserError(Exit.refused, code, message, hint);
}
