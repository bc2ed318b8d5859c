import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { partition } from '@aws-sdk/core/client';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { StsEndpoint } from './endpoint.ts';

/** The agents that carry calls through a proxy, and trust the certificates that the user trusts. */
export interface Agents {
  readonly httpAgent?: HttpProxyAgent<string>;
  readonly httpsAgent?: Agent | HttpsProxyAgent<string>;
}

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case of letters, and `AWS_CA_BUNDLE` or `ca_bundle`, as for
 * the AWS CLI. The SDK for JavaScript reads none of them.
 *
 * @throws UserError configuration for a bundle that cannot be read, or a proxy that is no URL
 */
export function agents(endpoint: StsEndpoint): Agents {
  const { caBundle } = endpoint;
  const target = urlOf(endpoint);
  const proxy = proxyOf(endpoint);
  const secure = target.startsWith('https:');
  const ca = caBundle === undefined || !secure ? {} : { ca: readBundle(caBundle) };
  if (!proxy) return secure ? { httpsAgent: new Agent(ca) } : {};
  if (!URL.canParse(proxy)) {
    throw new UserError(
      Exit.configuration,
      'bad-proxy',
      'The proxy in HTTPS_PROXY or HTTP_PROXY is no URL',
      'It looks like http://proxy.example.com:3128.',
    );
  }
  if (!secure) return { httpAgent: new HttpProxyAgent(proxy) };
  // The constructor's options are about the way to the proxy; these are about what lies behind it.
  const tunnel = new HttpsProxyAgent(proxy, ca);
  Object.assign(tunnel.options, ca);
  return { httpsAgent: tunnel };
}

/** The URL of the proxy that calls go through, with what it has of a password; '' for none. */
export function proxyOf(endpoint: StsEndpoint): string {
  return getProxyForUrl(urlOf(endpoint));
}

function urlOf(endpoint: StsEndpoint): string {
  return endpoint.url ?? `https://${hostOf(endpoint)}`;
}

/** What NO_PROXY is compared with. The partitions, and how their hosts are called, are the SDK's knowledge. */
function hostOf({ region, fips, dualStack }: StsEndpoint): string {
  const { dnsSuffix, dualStackDnsSuffix } = partition(region);
  return `sts${fips ? '-fips' : ''}.${region}.${dualStack ? dualStackDnsSuffix : dnsSuffix}`;
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(
      Exit.configuration,
      'unreadable-file',
      `The CA bundle ${printable(path)} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      'Correct AWS_CA_BUNDLE, or ca_bundle in the config file.',
    );
  }
}
