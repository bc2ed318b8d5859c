import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv6 } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';

/** HTTP agents that use the proxy and the certificates of the user. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpAgent;
}

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either case of letters, and a bundle of certificates, as for the AWS
 * CLI. The SDK for JavaScript reads none of them. The agents look at each request, so `NO_PROXY` is compared with the
 * host that the SDK calls, in every partition and for every service.
 *
 * @param caBundle the path of a file of certificates; undefined for those of Node
 * @throws UserError configuration for a bundle that cannot be read, or a proxy that is no URL
 */
export function makeAgents(caBundle: string | undefined): Agents {
  const ca = caBundle === undefined ? {} : { ca: readBundle(caBundle) };
  // Reports a wrong proxy before a token code is asked for. NO_PROXY may leave this host out.
  findProxy('https://sts.amazonaws.com');
  return {
    httpAgent: chooseByRequest((host) => {
      const proxy = findProxy(`http://${host}`);
      return proxy ? new HttpProxyAgent(proxy) : new HttpAgent();
    }),
    httpsAgent: chooseByRequest((host) => {
      const proxy = findProxy(`https://${host}`);
      if (!proxy) return new HttpsAgent(ca);
      // The constructor's options are for the connection to the proxy. These are for the one behind it.
      const tunnel = new HttpsProxyAgent(proxy, ca);
      Object.assign(tunnel.options, ca);
      return tunnel;
    }),
  };
}

/** The proxy that a request to this URL goes through, without its user and password; undefined for none. */
export function shownProxyOf(url: string): string | undefined {
  const proxy = findProxy(url);
  if (!proxy) return undefined;
  const { protocol, username, host } = new URL(proxy);
  return printable(`${protocol}//${username && '…@'}${host}`, 100);
}

/** @param choose the agent for a host and port, which agent-base lets make the connection */
function chooseByRequest(choose: (host: string) => HttpAgent): HttpAgent {
  class Chooser extends Agent {
    override connect(_request: unknown, { host, port }: AgentConnectOpts): HttpAgent {
      return choose(`${isIPv6(host ?? '') ? `[${host}]` : host}:${port}`);
    }
  }
  return new Chooser();
}

/** The URL of the proxy, which may have a password; '' for none. */
function findProxy(url: string): string {
  const proxy = getProxyForUrl(url);
  if (proxy === '' || URL.canParse(proxy)) return proxy;
  throw new UserError(
    Exit.configuration,
    'bad-proxy',
    'The proxy in HTTPS_PROXY or HTTP_PROXY is not a URL',
    'It looks like http://proxy.example.com:3128.',
  );
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
