import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';

/**
 * A region becomes part of a host name: anything but letters, digits and hyphens is refused before it gets there.
 *
 * @param by where it came from, for the message
 */
export function checkedRegion(region: string, by: string): string {
  // A host label (RFC 1123): what botocore checks as well before it builds an endpoint.
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(region)) return region;
  throw new UserError(
    by.startsWith('--') ? Exit.usage : Exit.configuration,
    'bad-region',
    `${by}: "${printable(region, 60)}" is no region`,
    'A region looks like eu-west-1.',
  );
}
