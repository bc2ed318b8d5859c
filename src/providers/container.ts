import { setTimeout as delay } from 'node:timers/promises';
import { Exit, UserError } from '../errors.ts';
import { readText } from '../files/disk.ts';
import { printable } from '../text.ts';
import { type Asking, named, type Provider, provide, type Raw } from './provider.ts';

/**
 * The role of an ECS task or an EKS pod, from the agent beside it (AWS SDKs and Tools reference guide, "Container
 * credential provider"). The SDK's `fromHttp` would wait for ever for a silent agent, and warn on the console.
 */
export const fromContainer: Provider = (asking) => {
  const service = { name: serviceName, renew: 'Try again in a moment.', errors: () => [] };
  return provide(asking, service, () => ask(agentUrl(asking), authorization(asking), asking));
};

async function ask(url: URL, headers: Readonly<Record<string, string>>, asking: Asking): Promise<Raw> {
  for (let attempt = 1; ; attempt++) {
    try {
      // `fetch` uses no proxy. The agent is on this host, or on a link-local address.
      const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(2000) });
      if (response.status < 500 || attempt === 3) {
        const text = await response.text();
        if (response.status !== 200) throw answered(response.status, asking);
        return read(text);
      }
      await response.body?.cancel();
    } catch (error) {
      if (attempt === 3 || error instanceof UserError || error instanceof SyntaxError) throw causeOf(error);
    }
    await delay(250 * attempt);
  }
}

const serviceName = 'The container credentials agent';

function agentUrl(asking: Asking): URL {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } =
    asking.world.env;
  const text = path ? `http://169.254.170.2${path}` : full;
  if (!text) {
    throw misconfigured(
      `The source of ${named(asking)} is its container, and neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set`,
      'That works in an ECS task or an EKS pod with a role; elsewhere use source_profile.',
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url &&
    !url.username &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isNear(url.hostname)))
  ) {
    return url;
  }
  throw misconfigured(
    `The container credentials agent of ${named(asking)} would be at ${printable(text, 100)}, which is neither https nor this host`,
    `Correct ${path ? 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI' : 'AWS_CONTAINER_CREDENTIALS_FULL_URI'}.`,
  );
}

/** This host, and the addresses of ECS and EKS: plain HTTP goes nowhere else. `URL` writes IPv4 in one way only. */
function isNear(host: string): boolean {
  return (
    ['localhost', '[::1]', '169.254.170.2', '169.254.170.23', '[fd00:ec2::23]'].includes(host) ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

/** The file is read each time: EKS renews the token in it. */
function authorization(asking: Asking): Readonly<Record<string, string>> {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: given } =
    asking.world.env;
  const variable = file ? 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE' : 'AWS_CONTAINER_AUTHORIZATION_TOKEN';
  let token = given;
  try {
    if (file) token = readText(file).trimEnd();
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw misconfigured(
      `${printable(file ?? '')} of ${variable} cannot be read: ${code}`,
      `Correct ${variable}.`,
    );
  }
  if (!token) return {};
  if (/^[\x20-\x7e]+$/.test(token)) return { Authorization: token };
  throw misconfigured(`${variable} holds characters that no token has`, `Correct ${variable}.`);
}

function read(text: string): Raw {
  const { AccessKeyId, SecretAccessKey, Token, Expiration, AccountId } = JSON.parse(text);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    accountId: AccountId,
    expiration: Expiration === undefined ? undefined : new Date(Expiration),
  };
}

function answered(status: number, asking: Asking): UserError {
  return new UserError(
    status >= 500 ? Exit.unreachable : Exit.refused,
    'container-refused',
    `${serviceName} gave ${named(asking)} no credentials: HTTP ${status}`,
    'Look at the role of the task or pod, and at AWS_CONTAINER_AUTHORIZATION_TOKEN.',
  );
}

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): unknown {
  return error instanceof TypeError && error.cause ? error.cause : error;
}

function misconfigured(message: string, hint: string): UserError {
  return new UserError(Exit.configuration, 'container-configuration', message, hint);
}
