import { GetScopedCredentialsCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Session } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type ErrorAnswer, type ErrorRow, nameSts, quoteAnswer, translate } from './answer.ts';
import { clientConfig } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { malformedPolicy, sourceExpired } from './errors.ts';
import { type Outside, send } from './sts.ts';

/** Parameters of GetScopedCredentials. */
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
 * The same identity with fewer permissions: those that the policy and the session both allow (API reference,
 * GetScopedCredentials).
 *
 * @throws UserError whenever STS does not narrow. The caller must not go on with the session itself.
 */
export async function narrow(session: Session, narrowing: Narrowing, outside: Outside): Promise<Session> {
  const { policy, durationSeconds, profile } = narrowing;
  // The token of the legacy global endpoint is good for the regional ones, and only they narrow.
  const isGlobal = narrowing.endpoint.url === 'https://sts.amazonaws.com';
  const endpoint = isGlobal ? { ...narrowing.endpoint, url: undefined } : narrowing.endpoint;
  const sts = nameSts(endpoint);
  outside.debug(`GetScopedCredentials at ${sts}`);
  const command = async (client: STSClient) => {
    const answer = await client.send(
      new GetScopedCredentialsCommand({
        Policy: policy,
        ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
      }),
    );
    // A stand-in for STS may answer to every call with the credentials that it has.
    const isSame = answer.Credentials?.AccessKeyId === session.accessKeyId;
    if (isSame || answer.ScopedPoliciesCount === 0) throw notNarrowed(sts, profile);
    return answer;
  };
  const explain = (error: unknown) =>
    translate(error, { name: sts, of: '', withCode: false }, (answer) => errorRows(answer, sts, narrowing));
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

function errorRows(
  answer: ErrorAnswer,
  sts: string,
  { profile, scope, durationSeconds }: Narrowing,
): readonly ErrorRow[] {
  const of = `profile "${printable(profile, 60)}"`;
  const named = `the scope ${printable(scope, 100)}`;
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
