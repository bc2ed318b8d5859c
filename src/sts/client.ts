import { pipeline, Transform } from 'node:stream';
import type { IAMClientConfig } from '@aws-sdk/client-iam';
import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import { state } from '@aws-sdk/core/client';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Credentials, Secret } from '../credentials.ts';
import type { StsEndpoint } from './endpoint.ts';
import type { Agents } from './http.ts';

// The SDK's advice about Node versions is for developers who use it.
state.warningEmitted = true;

export type ClientConfig = STSClientConfig & IAMClientConfig;

/**
 * The configuration of an SDK client. It has every setting, because the SDK would read missing ones from another profile.
 */
export async function clientConfig(endpoint: StsEndpoint, credentials: Credentials): Promise<ClientConfig> {
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
    requestHandler: await createHandler(endpoint.caBundle),
  } as ClientConfig;
}

/** For calls that are not signed. Without credentials the SDK would search for some. */
export const nobody: Credentials = {
  accessKeyId: 'none',
  secretAccessKey: new Secret('none'),
  sessionToken: undefined,
};

/** The limit of an answer. STS, IAM and Identity Center send a few kilobytes. */
const mostBytes = 1_048_576;

/** Milliseconds for the whole body of an answer. */
const mostTime = 30_000;

/**
 * The SDK's HTTP handler, with the user's proxy, and with limits on the length and the time of an answer, which the SDK
 * does not have.
 *
 * @param caBundle as in `makeAgents`
 */
export async function createHandler(caBundle: string | undefined): Promise<NodeHttpHandler> {
  const handler = new NodeHttpHandler({
    ...(await findAgents(caBundle)),
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    throwOnRequestTimeout: true,
  });
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const { response } = await handle(request, options);
    response.body = limit(response.body);
    return { response };
  };
  return handler;
}

function limit(body: NodeJS.ReadableStream): NodeJS.ReadableStream {
  let bytes = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > mostBytes ? new Error('an answer of more than 1 MiB') : null, chunk);
    },
  });
  const late = Object.assign(new Error('no end of the answer'), { name: 'TimeoutError' });
  const timer = setTimeout(() => limited.destroy(late), mostTime).unref();
  pipeline(body, limited, () => clearTimeout(timer));
  return limited;
}

/** Loads the libraries for proxies and bundles where they are needed. */
async function findAgents(caBundle: string | undefined): Promise<Agents | undefined> {
  const proxied = Object.entries(process.env).some(
    ([name, value]) => value && /^(https?|all)_proxy$/i.test(name),
  );
  if (!proxied && caBundle === undefined) return undefined;
  return (await import('./http.ts')).makeAgents(caBundle);
}

/** The last answer that a client got. */
export interface LastAnswer {
  /** The URL that was called; undefined before the first call. */
  readonly url: string | undefined;
  /** The server's clock, epoch milliseconds; undefined where the answer did not say it. */
  readonly date: number | undefined;
}

/** Records the URL and the date of a client's last answer, also of one that the SDK cannot read. */
export function watchAnswers(client: Pick<STSClient, 'middlewareStack'>): () => LastAnswer {
  let last: LastAnswer = { url: undefined, date: undefined };
  client.middlewareStack.add(
    (next) => async (call) => {
      const { protocol, hostname, port } = call.request as { [part: string]: string | undefined };
      last = { url: `${protocol}//${hostname}${port ? `:${port}` : ''}`, date: undefined };
      const answer = await next(call);
      const { headers } = answer.response as { headers?: Record<string, string> };
      const date = Date.parse(headers?.date ?? '');
      last = { ...last, date: Number.isNaN(date) ? undefined : date };
      return answer;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return () => last;
}
