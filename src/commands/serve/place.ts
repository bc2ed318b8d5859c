import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { isAddress, type Place } from '../../serve/server.ts';

/**
 * `--bind` and `--port`, checked. All addresses at once would open more than anybody asks for, and no URL names them.
 *
 * @throws UserError usage
 */
export function placeOf(address = loopback, text = '0'): Place {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) {
    throw usage(
      `--port: "${printable(text, 40)}" is no port`,
      'Write a number up to 65535, or leave it out.',
    );
  }
  if (!isAddress(address) || /^[0:.]+$/.test(address)) {
    throw usage(
      `--bind: "${printable(address, 60)}" is not one address of this machine`,
      'Give one IP address, such as that of a container bridge: 169.254.170.2.',
    );
  }
  return { address, port };
}

/** What to know about a server that more than this machine can reach; undefined for loopback. */
export function warningOf({ address }: Place): string | undefined {
  if (isLoopback(address)) return undefined;
  const refused = containerAddresses.includes(address.toLowerCase())
    ? ''
    : `, and SDKs refuse plain HTTP there (they take loopback, ${containerAddresses.join(', ')})`;
  return `Whatever reaches ${address} can ask: the token is all that protects it${refused}`;
}

const loopback = '127.0.0.1';

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** ECS, and EKS (botocore's `ContainerMetadataFetcher`, `checkUrl` of the SDK for JavaScript). */
const containerAddresses = ['169.254.170.2', '169.254.170.23', 'fd00:ec2::23'];

function usage(message: string, hint: string): UserError {
  return new UserError(Exit.usage, 'usage', message, hint);
}
