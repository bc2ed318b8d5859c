import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';

/**
 * Refuses anything but letters, digits and hyphens, because a region becomes part of a host name.
 *
 * @param by its origin, for the message
 */
export function checkedRegion(region: string, by: string): string {
  // A host label (RFC 1123). botocore checks the same before it builds an endpoint.
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(region)) return region;
  throw new UserError(
    by.startsWith('--') ? Exit.usage : Exit.configuration,
    'bad-region',
    `${by}: "${printable(region, 60)}" is no region`,
    'A region looks like eu-west-1.',
  );
}

/**
 * All partitions except `aws`: the prefix of their regions, and a region that all of their accounts have (botocore's
 * `partitions.json`). The SDK knows them too, but the cached path must not load it.
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
  for (const name in partitions) if (region.startsWith(partitions[name]?.[0] as string)) return name;
  return 'aws';
}

/** The partition that an ARN names; undefined for anything else, such as the number on a hardware token. */
export function partitionOfArn(arn: string | undefined): string | undefined {
  return /^arn:([\w-]+):/.exec(arn ?? '')?.[1];
}

/** The region to call where none is configured. */
export function homeRegion(partition: string | undefined): string {
  return (partition !== undefined && partitions[partition]?.[1]) || 'us-east-1';
}

/** AWS's regions except those of the isolated partitions, as in the endpoint rules of AWS's SDK. */
export const regions: readonly string[] =
  `af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1
cn-northwest-1 eusc-de-east-1 us-gov-east-1 us-gov-west-1`.split(/\s+/);
