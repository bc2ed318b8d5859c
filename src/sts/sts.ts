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
import { clockOffset, nameSts, notAws, quoteForDebug, readError, type StsCall } from './answer.ts';
import { setClock } from './caller-errors.ts';
import { clientConfig, nobody, watchAnswers } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { translateError } from './errors.ts';
import { secondLook } from './second-look.ts';

/** One call of STS; it wants the token code when there is an MFA device. */
export type Call = (tokenCode: string | undefined) => Promise<Session>;

/** A call that gives a session. */
export type SessionCall = StsCall & { readonly durationSeconds: number };

/**
 * GetSessionToken or AssumeRole, made ready: what can fail without a token code fails here.
 *
 * @param now epoch milliseconds
 * @param debug takes AWS's own code and request ID, and never a secret
 * @throws UserError; the call throws one for every answer that is not a session
 */
export async function prepareCall(
  call: SessionCall,
  credentials: Credentials,
  now: () => number,
  debug: (line: string) => void,
): Promise<Call> {
  const { endpoint, serialNumber, role, durationSeconds } = call;
  // A code counts as spent with the first call that reaches AWS: a second one would be refused for the wrong reason.
  const attempts = serialNumber === undefined ? endpoint.attempts : 1;
  const config = await clientConfig({ ...endpoint, attempts }, credentials);
  debug(`${role ? `AssumeRole ${role.roleArn}` : 'GetSessionToken'} at ${nameSts(endpoint)}`);
  return async (tokenCode) => {
    const client = new STSClient(config);
    const lastAnswer = watchAnswers(client);
    const mfa =
      serialNumber === undefined || tokenCode === undefined
        ? {}
        : { SerialNumber: serialNumber, TokenCode: tokenCode };
    try {
      const { Credentials: answer, $metadata } = role
        ? await client.send(assumeRole(role, durationSeconds, mfa, now()))
        : await client.send(new GetSessionTokenCommand({ DurationSeconds: durationSeconds, ...mfa }));
      debug(`HTTP ${$metadata.httpStatusCode}, request ${$metadata.requestId}`);
      return {
        ...checkAnswer(answer ?? {}, nameSts(endpoint), now(), lastAnswer().date),
        // An MFA device that STS has taken a code of is one of the user's, and so of the user's account.
        accountId: accountOf(role ? role.roleArn : mfa.SerialNumber),
      };
    } catch (error) {
      debug(quoteForDebug(readError(error)));
      const translated = translateError(error, call, credentials.accessKeyId, now());
      throw await secondLook(translated, call, credentials, now);
    } finally {
      client.destroy();
    }
  };
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
 * The credentials of a role for the token of an identity provider, as they stand in the answer.
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

export interface AnsweredCredentials {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
  readonly Expiration?: Date | undefined;
}

/** AWS says 4 KiB for a token today, and to be prepared for any size; eight times that is no token. */
const mostCharacters = 32_768;

/**
 * The session in an answer.
 *
 * @param now this clock, epoch milliseconds
 * @param serverTime the clock of who answered
 * @throws UserError for what no STS gives, and for a session that is over by this clock, which is off then
 */
export function checkAnswer(
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
  if (expiration * 1000 <= now) throw overAlready(expiration, service, now, serverTime);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: new Secret(SessionToken),
    expiration,
  };
}

function overAlready(
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
