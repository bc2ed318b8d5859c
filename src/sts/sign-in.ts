import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetFederationTokenCommand } from '@aws-sdk/client-sts';
import { partition } from '@aws-sdk/core/client';
import { HttpRequest } from '@smithy/core/protocols';
import { type Credentials, Secret, type Session } from '../credentials.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import { printable, withoutUser } from '../text.ts';
import { nameSts, quoteAnswer, translate } from './answer.ts';
import { clientConfig, createHandler } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { type Outside, send } from './sts.ts';

/** Parameters of GetFederationToken, which gives credentials for the console to a user without a role. */
export interface Federation {
  readonly profile: string;
  /** 2 to 32 characters: the name that CloudTrail shows. */
  readonly name: string;
  readonly policy: string;
  readonly durationSeconds: number;
  readonly endpoint: StsEndpoint;
}

/**
 * Calls GetFederationToken.
 *
 * @throws UserError, also when a policy requires MFA: the call has no parameter for it
 */
export async function federate(
  keys: Credentials,
  { profile, name, policy, durationSeconds, endpoint }: Federation,
  outside: Outside,
): Promise<Session> {
  const sts = nameSts(endpoint);
  const of = `profile "${printable(profile, 60)}"`;
  const hint =
    'Name a profile with a role: a session of MFA alone cannot sign in to the console. GetFederationToken takes no MFA code, so a policy that wants MFA refuses it.';
  const denied = `The user of ${of} may not call GetFederationToken, and has no other way into the console`;
  outside.debug(`GetFederationToken at ${sts}`);
  return send(
    await clientConfig(endpoint, keys),
    sts,
    (client) =>
      client.send(
        new GetFederationTokenCommand({ Name: name, Policy: policy, DurationSeconds: durationSeconds }),
      ),
    outside,
    (error) =>
      translate(error, { name: sts, of: '', withCode: false }, (answer) => [
        { when: /^AccessDenied/, code: 'cannot-sign-in', message: denied, hint },
        {
          when: /^/,
          code: 'cannot-sign-in',
          message: `AWS refused GetFederationToken for ${of}: ${quoteAnswer(answer)}`,
          hint,
        },
      ]),
  );
}

/** The AWS console of a partition, and its sign-in endpoint. */
export interface SignInPlace {
  /** The federation endpoint, without a query. */
  readonly federation: string;
  /** With a slash at the end. */
  readonly console: string;
}

/**
 * The addresses of a region's console (IAM user guide, "Enabling custom identity broker access to the AWS console").
 *
 * @param endpoint `AWS_ENDPOINT_URL_SIGNIN` or `AWS_ENDPOINT_URL`, which replace AWS's endpoint as in every SDK
 * @throws UserError for a partition whose console is not known, and for an invalid URL
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
      'AWS_ENDPOINT_URL_SIGNIN or AWS_ENDPOINT_URL is not a URL',
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
 * A URL that signs in to the console. It is a secret: everyone can use it for 15 minutes. The sign-in lasts as long as the
 * session.
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
  const token: unknown = orUndefined(() => JSON.parse(body).SigninToken);
  return typeof token === 'string' && token !== '' ? token : undefined;
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

/** Sends a form. The caller must not show the body of an error: it may repeat the form. */
async function post(
  url: string,
  form: string,
  caBundle: string | undefined,
): Promise<{ status: number; body: string }> {
  const { protocol, hostname, port, pathname } = new URL(url);
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(form)),
    'user-agent': 'awsmfa',
  };
  const request = new HttpRequest({
    method: 'POST',
    protocol,
    hostname,
    ...(port ? { port: Number(port) } : {}),
    path: pathname,
    headers,
    body: form,
  });
  const handler = await createHandler(caBundle);
  try {
    const { response } = await handler.handle(request);
    return { status: response.statusCode, body: await text(response.body) };
  } catch (error) {
    const name = `The sign-in endpoint ${printable(withoutUser(url), 100)}`;
    throw translate(error, { name, of: '', withCode: false }, () => []);
  } finally {
    handler.destroy();
  }
}

/** A local address that redirects once to a secret one. */
export interface Redirect {
  readonly url: string;
  /** True when a browser followed it, false when none did in time. */
  readonly followed: Promise<boolean>;
  close(): void;
}

/**
 * Serves a redirect on loopback, at a path that nobody can guess. A URL that signs in must not be in the argv of a browser,
 * which is public.
 *
 * @param seconds how long it waits for the browser
 */
export async function redirectOnce(target: Secret, seconds: number): Promise<Redirect> {
  const path = `/${randomBytes(24).toString('base64url')}`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  let end: (followed: boolean) => void = () => {};
  const ended = new Promise<boolean>((resolve) => {
    end = resolve;
  });
  const timer = setTimeout(() => end(false), seconds * 1000);
  let isUsed = false;
  server.on('request', (request, response) => {
    // A browser may send HEAD first, and asks for an icon.
    if (isUsed || request.method !== 'GET' || request.url !== path) {
      response.writeHead(404, { connection: 'close' }).end();
      return;
    }
    isUsed = true;
    response.writeHead(302, {
      location: target.reveal(),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(() => end(true));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    followed: ended.then((followed) => {
      clearTimeout(timer);
      server.close();
      return followed;
    }),
    close: () => end(false),
  };
}
