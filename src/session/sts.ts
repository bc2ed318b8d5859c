import { GetSessionTokenCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { garbage, translate } from './fault.ts';
import type { SessionRequest } from './request.ts';
import { fromPlain, type Session } from './session.ts';

/**
 * GetSessionToken: the only room that knows the AWS SDK.
 *
 * With a token code there is one attempt: a code counts as spent with the first call that reaches AWS, so that a
 * second one would be refused for the wrong reason. Without a code, three, as the AWS CLI does.
 *
 * @throws UserError for every answer that is not a session
 */
export async function getSessionToken(
  request: SessionRequest,
  tokenCode: string | undefined,
  now: () => number,
): Promise<Session> {
  const client = new STSClient(configure(request, tokenCode === undefined ? 3 : 1));
  try {
    const { Credentials } = await client.send(
      new GetSessionTokenCommand({
        DurationSeconds: request.durationSeconds,
        ...(tokenCode === undefined
          ? {}
          : { SerialNumber: request.serialNumber as string, TokenCode: tokenCode }),
      }),
    );
    const session = fromPlain({
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
      expiration: (Credentials?.Expiration?.getTime() ?? Number.NaN) / 1000,
    });
    if (!session) throw garbage(request, 'a 200 without credentials');
    return session;
  } catch (error) {
    throw translate(error, request, now());
  } finally {
    client.destroy();
  }
}

/** Everything is said outright: what the SDK finds by itself would be the settings of another profile. */
function configure(request: SessionRequest, maxAttempts: number): STSClientConfig {
  // The SDK's advice about Node versions goes to its users' developers, not to ours.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const { endpoint } = request;
  return {
    region: endpoint.region,
    ...(endpoint.url === undefined ? {} : { endpoint: endpoint.url }),
    ignoreConfiguredEndpointUrls: true,
    useFipsEndpoint: endpoint.fips,
    useDualstackEndpoint: endpoint.dualStack,
    credentials: {
      accessKeyId: request.accessKeyId,
      secretAccessKey: request.secretAccessKey.reveal(),
    },
    maxAttempts,
    retryMode: 'standard',
    defaultsMode: 'standard',
    userAgentAppId: 'awsmfa',
    authSchemePreference: ['aws.auth#sigv4'],
    sigv4aSigningRegionSet: [],
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  } as STSClientConfig;
}
