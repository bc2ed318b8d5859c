import { IAMClient, ListMFADevicesCommand } from '@aws-sdk/client-iam';
import type { Credentials } from '../credentials.ts';
import { clientConfig } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';

/**
 * The serial numbers of all MFA devices of the user whose long-term keys these are, in IAM's order; of security keys
 * and passkeys as well. It is a convenience, and has little time.
 *
 * @param seconds how long it may take in all
 * @throws the SDK's own error when IAM refuses, cannot be reached or is not IAM
 */
export async function listMfaDevices(
  credentials: Credentials,
  endpoint: StsEndpoint,
  seconds = 4,
): Promise<readonly string[]> {
  const config = await clientConfig(await placed(endpoint, credentials), credentials);
  const client = new IAMClient(config);
  const abortSignal = AbortSignal.timeout(seconds * 1000);
  const serials: string[] = [];
  try {
    for (let marker: string | undefined; ; ) {
      const command = new ListMFADevicesCommand(marker === undefined ? {} : { Marker: marker });
      const { MFADevices: devices, IsTruncated, Marker } = await client.send(command, { abortSignal });
      if (devices === undefined) throw new Error('a 200 without a list of devices');
      for (const { SerialNumber: serial } of devices) if (serial) serials.push(serial);
      if (!IsTruncated || !Marker) return serials;
      marker = Marker;
    }
  } finally {
    client.destroy();
  }
}

/**
 * Where the partition of a region has its IAM, and the one region that it is signed for, also behind a URL of the
 * user's: `cn-north-1`, `us-gov-west-1`, `us-east-1`. The SDK's endpoint rules know both.
 */
async function placed(endpoint: StsEndpoint, credentials: Credentials): Promise<StsEndpoint> {
  const { region, fips, dualStack } = endpoint;
  const config = await clientConfig(endpoint, credentials);
  const { endpointProvider } = new IAMClient(config).config;
  const { url, properties } = endpointProvider({ Region: region, UseFIPS: fips, UseDualStack: dualStack });
  const [scheme] = (properties?.authSchemes ?? []) as readonly { readonly signingRegion?: string }[];
  return {
    ...endpoint,
    region: scheme?.signingRegion ?? region,
    url: endpoint.url ?? url.href,
    // The URL is the one of that form already.
    fips: false,
    dualStack: false,
    attempts: Math.min(endpoint.attempts, 2),
  };
}
