import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { accountOf, type Credentials, fromPlain, type Session } from '../credentials.ts';
import type { RolePlan, SessionPlan } from '../session/plan.ts';
import { detailed, readFault, where } from './answer.ts';
import { clientConfig, quietly } from './client.ts';
import { garbage, translate } from './fault.ts';
import { secondLook } from './second-look.ts';

/** One call of STS; it wants the token code when the plan has an MFA device. */
export type Call = (tokenCode: string | undefined) => Promise<Session>;

/**
 * GetSessionToken or AssumeRole, made ready: what can fail without a token code fails here.
 *
 * @param now epoch milliseconds
 * @param debug takes AWS's own code and request ID, and never a secret
 * @throws UserError; the call throws one for every answer that is not a session
 */
export async function prepareCall(
  plan: SessionPlan | RolePlan,
  credentials: Credentials,
  now: () => number,
  debug: (line: string) => void,
): Promise<Call> {
  const { endpoint, serialNumber } = plan;
  // A code counts as spent with the first call that reaches AWS: a second one would be refused for the wrong reason.
  const attempts = serialNumber === undefined ? endpoint.attempts : 1;
  const config = await clientConfig({ ...endpoint, attempts }, credentials);
  debug(
    `${plan.step === 'role' ? `AssumeRole ${plan.role.roleArn}` : 'GetSessionToken'} at ${where(plan.endpoint)}`,
  );
  return async (tokenCode) => {
    const client = quietly(() => new STSClient(config));
    const mfa =
      plan.serialNumber === undefined || tokenCode === undefined
        ? {}
        : { SerialNumber: plan.serialNumber, TokenCode: tokenCode };
    try {
      const { Credentials: answer, $metadata } =
        plan.step === 'role'
          ? await client.send(assumeRole(plan, mfa, now()))
          : await client.send(new GetSessionTokenCommand({ DurationSeconds: plan.durationSeconds, ...mfa }));
      // An MFA device that STS has taken the code of is one of the user's, and so of the user's account.
      const account = plan.step === 'role' ? plan.role.roleArn : mfa.SerialNumber;
      debug(`HTTP ${$metadata.httpStatusCode}, request ${$metadata.requestId}`);
      const session = fromPlain({
        accessKeyId: answer?.AccessKeyId,
        secretAccessKey: answer?.SecretAccessKey,
        sessionToken: answer?.SessionToken,
        expiration: (answer?.Expiration?.getTime() ?? Number.NaN) / 1000,
        accountId: accountOf(account),
      });
      if (!session) throw garbage(plan.endpoint, 'a 200 without credentials');
      return session;
    } catch (error) {
      debug(detailed(readFault(error)));
      throw await secondLook(translate(error, plan, credentials.accessKeyId, now()), plan, credentials, now);
    } finally {
      client.destroy();
    }
  };
}

function assumeRole(
  { role, durationSeconds }: RolePlan,
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
