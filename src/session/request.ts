import type { SerialNumber } from '../mfa/device.ts';
import type { Secret } from '../secret.ts';
import type { StsEndpoint } from './endpoint.ts';

/** Everything that shapes one GetSessionToken call but the token code. */
export interface SessionRequest {
  /** For texts only: it is no part of what makes two requests the same. */
  readonly profile: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Undefined: a session without MFA. */
  readonly serialNumber: SerialNumber | undefined;
  readonly durationSeconds: number;
  readonly endpoint: StsEndpoint;
}

/** Two requests with the same key are answered by the same session. No secret is part of it. */
export function keyOf({ accessKeyId, serialNumber, durationSeconds, endpoint }: SessionRequest): string {
  const { region, url, fips, dualStack } = endpoint;
  return JSON.stringify([
    'GetSessionToken',
    accessKeyId,
    serialNumber ?? '',
    durationSeconds,
    url ?? '',
    region,
    fips,
    dualStack,
  ]);
}
