import {
  AssumeRoleCommand,
  GetSessionTokenCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import type { Credentials } from '../config/keys.ts';
import { readFault, said, where } from './answer.ts';
import { garbage, translate } from './fault.ts';
import type { Agents } from './http.ts';
import type { RolePlan, SessionPlan } from './plan.ts';
import { fromPlain, type Session } from './session.ts';

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
  const config = await clientConfig(plan, credentials);
  debug(
    `${plan.step === 'role' ? `AssumeRole ${plan.role.roleArn}` : 'GetSessionToken'} at ${where(plan.endpoint)}`,
  );
  return async (tokenCode) => {
    const client = makeClient(config);
    const mfa =
      plan.serialNumber === undefined || tokenCode === undefined
        ? {}
        : { SerialNumber: plan.serialNumber, TokenCode: tokenCode };
    try {
      const { Credentials: answer, $metadata } =
        plan.step === 'role'
          ? await client.send(assumeRole(plan, mfa, now()))
          : await client.send(new GetSessionTokenCommand({ DurationSeconds: plan.durationSeconds, ...mfa }));
      debug(`HTTP ${$metadata.httpStatusCode}, request ${$metadata.requestId}`);
      const session = fromPlain({
        accessKeyId: answer?.AccessKeyId,
        secretAccessKey: answer?.SecretAccessKey,
        sessionToken: answer?.SessionToken,
        expiration: (answer?.Expiration?.getTime() ?? Number.NaN) / 1000,
      });
      if (!session) throw garbage(plan.endpoint, 'a 200 without credentials');
      return session;
    } catch (error) {
      const fault = readFault(error);
      debug(`HTTP ${fault.status ?? 'none'}, request ${fault.requestId ?? 'none'}: ${said(fault)}`);
      throw translate(error, plan, credentials.accessKeyId, now());
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

/**
 * The SDK's advice about Node versions goes to its users' developers, not to ours. What keeps it quiet must not stay
 * in the environment, which is that of the command of `exec` as well.
 */
export function makeClient(config: STSClientConfig): STSClient {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const before = process.env[name];
  process.env[name] = 'true';
  try {
    return new STSClient(config);
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

/** How the SDK's client calls the endpoint of a plan, with these credentials. */
export async function clientConfig(
  plan: SessionPlan | RolePlan,
  credentials: Credentials,
): Promise<STSClientConfig> {
  return configure(plan, credentials, await agentsFor(plan));
}

/** Most calls need neither a proxy nor a bundle, and are spared the libraries. */
async function agentsFor({ endpoint }: SessionPlan | RolePlan): Promise<Agents> {
  const proxied = Object.entries(process.env).some(
    ([name, value]) => value && /^(https?|all)_proxy$/i.test(name),
  );
  if (!proxied && endpoint.caBundle === undefined) return {};
  const { agents } = await import('./http.ts');
  return agents(endpoint);
}

/** Everything is said outright: what the SDK finds by itself would be the settings of another profile. */
function configure(
  { endpoint, serialNumber }: SessionPlan | RolePlan,
  credentials: Credentials,
  agents: Agents,
): STSClientConfig {
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
    maxAttempts: serialNumber === undefined ? endpoint.attempts : 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    userAgentAppId: 'awsmfa',
    authSchemePreference: ['aws.auth#sigv4'],
    sigv4aSigningRegionSet: [],
    requestHandler: {
      ...agents,
      connectionTimeout: 10_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    },
  } as STSClientConfig;
}
