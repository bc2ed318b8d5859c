import {
  AssumeRoleCommand,
  GetSessionTokenCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import type { Credentials } from '../config/keys.ts';
import type { StsEndpoint } from './endpoint.ts';
import { garbage, translate } from './fault.ts';
import type { RolePlan, SessionPlan } from './plan.ts';
import { fromPlain, type Session } from './session.ts';

/** One call of STS: for which step, with which credentials, and the token code if there is one. */
export interface Call<Plan> {
  readonly plan: Plan;
  readonly credentials: Credentials;
  readonly tokenCode: string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** @throws UserError for every answer that is not a session */
export function getSessionToken(call: Call<SessionPlan>): Promise<Session> {
  const { plan } = call;
  return send(call, (client) =>
    client.send(new GetSessionTokenCommand({ DurationSeconds: plan.durationSeconds, ...mfa(call) })),
  );
}

/** @throws UserError for every answer that is not a session */
export function assumeRole(call: Call<RolePlan>): Promise<Session> {
  const { plan, now } = call;
  const { role } = plan;
  return send(call, (client) =>
    client.send(
      new AssumeRoleCommand({
        RoleArn: role.roleArn,
        RoleSessionName: role.roleSessionName ?? `awsmfa-${Math.floor(now() / 1000)}`,
        DurationSeconds: plan.durationSeconds,
        ...mfa(call),
        ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
        ...(role.sourceIdentity === undefined ? {} : { SourceIdentity: role.sourceIdentity }),
        ...(role.policy === undefined ? {} : { Policy: role.policy }),
        ...(role.tags.length === 0 ? {} : { Tags: role.tags.map(([Key, Value]) => ({ Key, Value })) }),
        ...(role.transitiveTagKeys.length === 0 ? {} : { TransitiveTagKeys: [...role.transitiveTagKeys] }),
        ...(role.policyArns.length === 0 ? {} : { PolicyArns: role.policyArns.map((arn) => ({ arn })) }),
      }),
    ),
  );
}

function mfa({ plan, tokenCode }: Call<SessionPlan | RolePlan>): {
  SerialNumber?: string;
  TokenCode?: string;
} {
  return plan.serialNumber === undefined || tokenCode === undefined
    ? {}
    : { SerialNumber: plan.serialNumber, TokenCode: tokenCode };
}

interface Answer {
  readonly Credentials?:
    | {
        readonly AccessKeyId: string | undefined;
        readonly SecretAccessKey: string | undefined;
        readonly SessionToken: string | undefined;
        readonly Expiration: Date | undefined;
      }
    | undefined;
}

async function send(
  call: Call<SessionPlan | RolePlan>,
  command: (client: STSClient) => Promise<Answer>,
): Promise<Session> {
  const client = new STSClient(configure(call));
  try {
    const { Credentials } = await command(client);
    const session = fromPlain({
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
      expiration: (Credentials?.Expiration?.getTime() ?? Number.NaN) / 1000,
    });
    if (!session) throw garbage(call.plan.endpoint, 'a 200 without credentials');
    return session;
  } catch (error) {
    throw translate(error, call.plan, call.credentials.accessKeyId, call.now());
  } finally {
    client.destroy();
  }
}

/** Everything is said outright: what the SDK finds by itself would be the settings of another profile. */
function configure({ plan, credentials, tokenCode }: Call<SessionPlan | RolePlan>): STSClientConfig {
  // The SDK's advice about Node versions goes to its users' developers, not to ours.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const endpoint: StsEndpoint = plan.endpoint;
  return {
    region: endpoint.region,
    ...(endpoint.url === undefined ? {} : { endpoint: endpoint.url }),
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: endpoint.fips,
    useDualstackEndpoint: endpoint.dualStack,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey.reveal(),
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken.reveal() }),
    },
    // A code counts as spent with the first call that reaches AWS: a second one would be refused for the wrong reason.
    maxAttempts: tokenCode === undefined ? 3 : 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    userAgentAppId: 'awsmfa',
    authSchemePreference: ['aws.auth#sigv4'],
    sigv4aSigningRegionSet: [],
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  } as STSClientConfig;
}
