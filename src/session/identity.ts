import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from '../config/keys.ts';
import { clientConfig } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';
import { garbage, translate } from './fault.ts';
import type { SessionPlan } from './plan.ts';

/** Whose credentials these are, as STS says. No policy can deny the question. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/**
 * @param profile for messages
 * @param now epoch milliseconds
 * @param seconds how long it may take; as long as any call unless told
 * @throws UserError when STS does not take them, or does not answer
 */
export async function identify(
  credentials: Credentials,
  profile: string,
  endpoint: StsEndpoint,
  now: () => number,
  seconds?: number,
): Promise<Identity> {
  const plan: SessionPlan = {
    step: 'session',
    profile,
    source: { step: 'keys', profile, keys: credentials },
    serialNumber: undefined,
    durationSeconds: 0,
    endpoint,
  };
  const client = new STSClient(await clientConfig(endpoint, credentials));
  try {
    const { Account: account, Arn: arn } = await client.send(
      new GetCallerIdentityCommand({}),
      seconds === undefined ? {} : { abortSignal: AbortSignal.timeout(seconds * 1000) },
    );
    if (account && arn) return { account, arn };
    throw garbage(endpoint, 'a 200 without an identity');
  } catch (error) {
    throw translate(error, plan, credentials.accessKeyId, now());
  } finally {
    client.destroy();
  }
}
