import { rfc3339, type Session } from '../credentials.ts';

/**
 * A session as container credentials (AWS SDKs and Tools reference guide, "Container credential provider"): the names
 * are those of the ECS agent, whose `Token` is the session token.
 */
export function containerCredentials(session: Session, roleArn: string | undefined): string {
  return JSON.stringify({
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey.reveal(),
    Token: session.sessionToken.reveal(),
    Expiration: rfc3339(session.expiration),
    AccountId: session.accountId,
    ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
  });
}
