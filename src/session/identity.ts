import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Credentials } from '../config/keys.ts';
import { Exit, UserError } from '../errors.ts';
import type { StsEndpoint } from './endpoint.ts';
import { garbage, translate } from './fault.ts';
import type { SessionPlan } from './plan.ts';
import { clientConfig, makeClient } from './sts.ts';

/** Whose credentials these are, as STS says. No policy can deny the question. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/**
 * @param profile for messages
 * @param now epoch milliseconds
 * @throws UserError when STS does not take them, or does not answer
 */
export async function identify(
  credentials: Credentials,
  profile: string,
  endpoint: StsEndpoint,
  now: () => number,
): Promise<Identity> {
  const plan: SessionPlan = {
    step: 'session',
    profile,
    source: { step: 'keys', profile, keys: credentials },
    serialNumber: undefined,
    durationSeconds: 0,
    endpoint,
  };
  const client = makeClient(await clientConfig(plan, credentials));
  try {
    const { Account: account, Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
    if (account && arn) return { account, arn };
    throw garbage(endpoint, 'a 200 without an identity');
  } catch (error) {
    throw ofThisShell(translate(error, plan, credentials.accessKeyId, now()));
  } finally {
    client.destroy();
  }
}

/** What is wrong with a source when a session is asked for, is wrong with the shell's own keys here. */
function ofThisShell(error: UserError): UserError {
  if (error.code === 'source-expired') {
    return new UserError(Exit.refused, 'expired', 'The session of this shell has expired', 'Run: awsmfa use');
  }
  if (error.code === 'unknown-key') {
    return new UserError(
      Exit.refused,
      'unknown-key',
      'AWS does not know the keys of this shell: deleted, disabled, or of another partition',
      'Get a session: awsmfa use',
    );
  }
  return error;
}
