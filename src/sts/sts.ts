import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { accountOf, type Credentials, type Session } from '../credentials.ts';
import { sayTimeAndZone } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import type { RoleParameters } from '../profile/role.ts';
import { Secret } from '../secret.ts';
import { clockOffset, nameSts, notAws, quoteForDebug, readError } from './answer.ts';
import { type ClientConfig, clientConfig, nobody, watchAnswers } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { type StsCall, setClock, translateError } from './errors.ts';
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

/** Parameters of AssumeRoleWithWebIdentity. */
export interface WebIdentity {
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly durationSeconds: number;
  /** The token of the identity provider, which stands in for a signature. */
  readonly token: Secret;
}

/**
 * Calls AssumeRoleWithWebIdentity, and gives the credentials of the answer without a check.
 *
 * @throws UserError configuration for a proxy or a bundle that cannot be used; the SDK's own error for everything else
 */
export async function assumeRoleWithWebIdentity(
  endpoint: StsEndpoint,
  { roleArn, roleSessionName, durationSeconds, token }: WebIdentity,
): Promise<AnsweredCredentials> {
  const client = new STSClient(await clientConfig(endpoint, nobody));
  try {
    const command = new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn,
      RoleSessionName: roleSessionName,
      DurationSeconds: durationSeconds,
      WebIdentityToken: token.reveal(),
    });
    const { Credentials: answer } = await client.send(command);
    if (!answer) throw new Error('a 200 without credentials');
    return answer;
  } finally {
    client.destroy();
  }
}

interface AnsweredCredentials {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
  readonly Expiration?: Date | undefined;
}

/** AWS's tokens have up to 4 KiB today and may grow. A value of eight times that is not a token. */
const mostCharacters = 32_768;

/**
 * The session in an answer.
 *
 * @param now this clock, epoch milliseconds
 * @param serverTime the server's clock
 * @throws UserError for an answer that STS would not give, and for a session that has expired by this clock
 */
function checkAnswer(
  answer: AnsweredCredentials,
  service: string,
  now: number,
  serverTime: number | undefined,
): Session {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer;
  const expiration = Math.floor((Expiration?.getTime() ?? Number.NaN) / 1000);
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || Number.isNaN(expiration)) {
    throw notAws(service, '', 'a 200 without credentials');
  }
  const parts = {
    'access key': AccessKeyId,
    'secret access key': SecretAccessKey,
    'session token': SessionToken,
  };
  for (const [name, text] of Object.entries(parts)) {
    if (/[\u0000-\u001f\u007f]/.test(text)) throw notAws(service, '', `a ${name} with a control character`);
    if (text.length > mostCharacters) throw notAws(service, '', `a ${name} of ${text.length} characters`);
  }
  if (expiration * 1000 <= now) throw expiredError(expiration, service, now, serverTime);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: new Secret(SessionToken),
    expiration,
  };
}

function expiredError(
  expiration: number,
  service: string,
  now: number,
  serverTime: number | undefined,
): UserError {
  const offset = clockOffset({ message: '', serverTime }, now);
  if (serverTime !== undefined && expiration * 1000 > serverTime && offset) {
    return new UserError(
      Exit.refused,
      'clock-off',
      `This clock is ${offset}: by it the new session of ${service} is over already`,
      setClock,
    );
  }
  return notAws(service, '', `a session that ended at ${sayTimeAndZone(expiration, now)}`);
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
