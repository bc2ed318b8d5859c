import type { IAMClientConfig } from '@aws-sdk/client-iam';
import type { STSClientConfig } from '@aws-sdk/client-sts';
import type { Credentials } from '../credentials.ts';
import type { StsEndpoint } from './endpoint.ts';
import type { Agents } from './http.ts';

/**
 * How a client of the SDK calls an endpoint with these credentials. Everything is said outright: what the SDK finds by
 * itself would be the settings of another profile.
 */
export async function clientConfig(endpoint: StsEndpoint, credentials: Credentials): Promise<ClientConfig> {
  const agents = await agentsFor(endpoint.caBundle);
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
    maxAttempts: endpoint.attempts,
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
  } as ClientConfig;
}

/**
 * Makes a client of the SDK. Its advice about Node versions goes to its users' developers, not to ours. What keeps it
 * quiet must not stay in the environment, which is that of the command of `exec` as well.
 */
export function quietly<Client>(make: () => Client): Client {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const before = process.env[name];
  process.env[name] = 'true';
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}

export type ClientConfig = STSClientConfig & IAMClientConfig;

/** Most calls need neither a proxy nor a bundle, and are spared the libraries. */
async function agentsFor(caBundle: string | undefined): Promise<Agents | undefined> {
  const proxied = Object.entries(process.env).some(
    ([name, value]) => value && /^(https?|all)_proxy$/i.test(name),
  );
  if (!proxied && caBundle === undefined) return undefined;
  return (await import('./http.ts')).makeAgents(caBundle);
}
