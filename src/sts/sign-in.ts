import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { partition } from '@aws-sdk/core/client';
import type { Session } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable, withoutUser } from '../printable.ts';
import { Secret } from '../secret.ts';

/** Where the AWS console of a partition is, and where one signs in to it. */
export interface SignInPlace {
  /** The federation endpoint, without a query. */
  readonly federation: string;
  /** With a slash at the end. */
  readonly console: string;
}

/**
 * The addresses of a region's console (IAM user guide, "Enabling custom identity broker access to the AWS console").
 *
 * @param endpoint `AWS_ENDPOINT_URL_SIGNIN` or `AWS_ENDPOINT_URL`, which stand in the place of AWS for every SDK
 * @throws UserError for a partition whose console is not known, and a URL that is none
 */
export function signInPlace(region: string, endpoint: string | undefined): SignInPlace {
  const { name } = partition(region);
  const place = places[name]?.(region);
  if (!place) {
    throw new UserError(
      Exit.configuration,
      'no-console',
      `The console of the partition ${printable(name, 40)} (region ${printable(region, 40)}) is not known`,
      'Sign in with the address that your administrator gave you.',
    );
  }
  if (!endpoint) return place;
  if (!URL.canParse(endpoint)) {
    throw new UserError(
      Exit.configuration,
      'bad-endpoint',
      'AWS_ENDPOINT_URL_SIGNIN or AWS_ENDPOINT_URL is no URL',
      'It looks like http://localhost:4566. Unset it to sign in to AWS.',
    );
  }
  return { ...place, federation: `${endpoint.replace(/\/+$/, '')}/federation` };
}

const places: Readonly<Record<string, (region: string) => SignInPlace>> = {
  aws: (region) => ({
    federation: `https://${region}.signin.aws.amazon.com/federation`,
    console: `https://${region}.console.aws.amazon.com/`,
  }),
  'aws-cn': () => ({
    federation: 'https://signin.amazonaws.cn/federation',
    console: 'https://console.amazonaws.cn/',
  }),
  'aws-us-gov': () => ({
    federation: 'https://signin.amazonaws-us-gov.com/federation',
    console: 'https://console.amazonaws-us-gov.com/',
  }),
  'aws-eusc': (region) => ({
    federation: `https://${region}.signin.amazonaws-eusc.eu/federation`,
    console: `https://${region}.console.amazonaws-eusc.eu/`,
  }),
};

/**
 * A URL that signs in whoever opens it within 15 minutes, for as long as the session lives. It is a secret.
 *
 * @param service the first word of a console's path, such as `s3`; undefined for the start page
 * @param caBundle a file of certificates to trust; undefined for those of Node
 * @throws UserError when the endpoint does not take the session, or cannot be reached
 */
export async function signInUrl(
  session: Session,
  { federation, console }: SignInPlace,
  {
    service,
    region,
    caBundle,
  }: { service: string | undefined; region: string; caBundle: string | undefined },
): Promise<Secret> {
  const form = new URLSearchParams({
    Action: 'getSigninToken',
    Session: JSON.stringify({
      sessionId: session.accessKeyId,
      sessionKey: session.secretAccessKey.reveal(),
      sessionToken: session.sessionToken.reveal(),
    }),
  });
  // POST: the query of a GET would be in the logs of proxies.
  const { status, body } = await post(federation, form.toString(), caBundle);
  const token = status === 200 ? tokenIn(body) : undefined;
  if (!token) throw notTaken(status, federation);
  const destination = `${console}${service ?? 'console'}/home?region=${region}`;
  const query = new URLSearchParams({
    Action: 'login',
    Issuer: 'awsmfa',
    Destination: destination,
    SigninToken: token,
  });
  return new Secret(`${federation}?${query}`);
}

function tokenIn(body: string): string | undefined {
  try {
    const { SigninToken: token } = JSON.parse(body);
    return typeof token === 'string' && token !== '' ? token : undefined;
  } catch {
    return undefined;
  }
}

function notTaken(status: number, federation: string): UserError {
  const where = printable(withoutUser(federation), 100);
  if (status === 400 || status === 403) {
    return new UserError(
      Exit.refused,
      'cannot-sign-in',
      `The sign-in endpoint of AWS does not take these credentials (HTTP ${status} from ${where})`,
      'The console takes sessions of roles and of GetFederationToken. A session of MFA alone, and one made from such a session, cannot sign in.',
    );
  }
  return new UserError(
    Exit.unreachable,
    'not-sign-in',
    `What answered at ${where} is not the sign-in endpoint of AWS: HTTP ${status}`,
    'Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL_SIGNIN in between.',
  );
}

/** The body of an answer that is no success is thrown away: it may repeat what was sent. */
async function post(
  url: string,
  form: string,
  caBundle: string | undefined,
): Promise<{ status: number; body: string }> {
  const isSecure = url.startsWith('https:');
  const { makeAgents } = await import('./http.ts');
  const { httpAgent, httpsAgent } = makeAgents(caBundle);
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(
        new UserError(
          Exit.unreachable,
          'unreachable',
          `The sign-in endpoint ${printable(withoutUser(url), 100)} could not be reached: ${printable(error.code ?? 'no answer in time', 60)}`,
          'Look at the network, the region and the proxy settings, then try again.',
        ),
      );
    const call = (isSecure ? httpsRequest : httpRequest)(
      url,
      {
        method: 'POST',
        agent: isSecure ? httpsAgent : httpAgent,
        timeout: 30_000,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(form),
          'user-agent': 'awsmfa',
        },
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (part) => {
          body += part;
          if (body.length > 65_536) answer.destroy();
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
        answer.on('error', failed);
      },
    );
    call.on('timeout', () => call.destroy(new Error()));
    call.on('error', failed);
    call.end(form);
  });
}
