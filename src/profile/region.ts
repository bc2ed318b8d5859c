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

/**
 * The partitions but for `aws`: how their regions begin, and a region that each of their accounts has (botocore's
 * `partitions.json`). The SDK knows them too; the cached path must not load it.
 */
const partitions: Readonly<Record<string, readonly [prefix: string, home: string]>> = {
  'aws-cn': ['cn-', 'cn-north-1'],
  'aws-us-gov': ['us-gov-', 'us-gov-west-1'],
  'aws-iso': ['us-iso-', 'us-iso-east-1'],
  'aws-iso-b': ['us-isob-', 'us-isob-east-1'],
  'aws-iso-e': ['eu-isoe-', 'eu-isoe-west-1'],
  'aws-iso-f': ['us-isof-', 'us-isof-south-1'],
  'aws-eusc': ['eusc-', 'eusc-de-east-1'],
};

export function partitionOf(region: string): string {
  const found = Object.entries(partitions).find(([, [prefix]]) => region.startsWith(prefix));
  return found ? found[0] : 'aws';
}

/** The partition that an ARN names; undefined for anything else, such as the number on a hardware token. */
export function partitionOfArn(arn: string | undefined): string | undefined {
  return /^arn:([\w-]+):/.exec(arn ?? '')?.[1];
}

/** The region to call where none is configured. */
export function homeRegion(partition: string | undefined): string {
  return (partition !== undefined && partitions[partition]?.[1]) || 'us-east-1';
}
