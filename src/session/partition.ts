import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { homeRegion, partitionOf, partitionOfArn } from '../profile/region.ts';
import type { StsEndpoint } from '../sts/endpoint.ts';

/**
 * No key works in two partitions. A region that was named for another one is found before a code is asked for.
 *
 * @param arn of the role or the device
 */
export function partitionError(
  { profile, endpoint }: { readonly profile: string; readonly endpoint: StsEndpoint },
  arn: string | undefined,
): UserError | undefined {
  const { region, regionBy, url } = endpoint;
  const partition = partitionOfArn(arn);
  if (regionBy === undefined || url !== undefined || partition === undefined) return undefined;
  if (partition === partitionOf(region)) return undefined;
  const shown = printable(partition, 20);
  return new UserError(
    Exit.configuration,
    'wrong-partition',
    `${regionBy} is ${printable(region, 40)}, in the partition ${partitionOf(region)}, and profile "${printable(profile, 60)}" is in ${shown} (${printable(arn ?? '', 100)})`,
    /^[A-Z_]+$/.test(regionBy)
      ? `Unset ${regionBy}, or set it to a region of ${shown}: ${homeRegion(partition)}`
      : `Name a region of ${shown}: ${homeRegion(partition)}`,
  );
}
