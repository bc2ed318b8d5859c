import type { Credentials } from '../credentials.ts';
import type { StsEndpoint } from './endpoint.ts';
import { type Identity, reach } from './reach.ts';

export type { Identity } from './reach.ts';

/**
 * Whose credentials these are.
 *
 * @param profile for messages
 * @param now epoch milliseconds
 * @param seconds how long it may take in all; undefined for as long as the attempts take
 * @throws UserError when STS does not take them, or does not answer
 */
export async function identify(
  credentials: Credentials,
  profile: string,
  endpoint: StsEndpoint,
  now: () => number,
  seconds?: number,
): Promise<Identity> {
  const { identity, error } = await reach(credentials, profile, endpoint, now, seconds);
  if (identity) return identity;
  throw error;
}
