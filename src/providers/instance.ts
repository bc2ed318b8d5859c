import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { Exit, UserError } from '../errors.ts';
import { type Asking, found, named, type Provider, providerFault, type Said } from './provider.ts';
import { withSdk } from './sdk.ts';

/**
 * The role of the EC2 instance, from its metadata service (IMDSv2, else v1). Credentials that have expired there are
 * taken for some minutes more, as all SDKs do while that service is failing ("static stability").
 */
export const fromInstance: Provider = async (asking) => {
  const { env } = asking.world;
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') {
    throw new UserError(
      Exit.configuration,
      'metadata-disabled',
      `The source of ${named(asking)} is this EC2 instance, and AWS_EC2_METADATA_DISABLED is true`,
      'Unset it, or use source_profile.',
    );
  }
  const provider = fromInstanceMetadata({
    profile: 'default',
    // The variables of the AWS CLI, with its defaults: one second, one attempt.
    timeout: positive(env.AWS_METADATA_SERVICE_TIMEOUT) * 1000,
    maxRetries: positive(env.AWS_METADATA_SERVICE_NUM_ATTEMPTS) - 1,
    // It would say on the console that it extends expired credentials.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  try {
    const credentials = await withSdk(asking, () => provider());
    return found(credentials, asking, `${serviceName} gave ${named(asking)}`, 'Try again in a moment.');
  } catch (error) {
    throw providerFault(error, asking, {
      name: serviceName,
      refusal: (said) => refusal(said, (error as { statusCode?: number }).statusCode, asking),
    });
  }
};

const serviceName = 'The EC2 metadata service';

function refusal(
  said: Said,
  status: number | undefined,
  asking: Asking,
): readonly [code: string, message: string, hint: string] | undefined {
  const of = named(asking);
  if (/v1 fallback has been blocked/.test(said.text)) {
    return [
      'metadata-refused',
      `${serviceName} gave no token for ${of}, and its version 1 is switched off`,
      'In a container, raise the hop limit of the instance metadata to 2.',
    ];
  }
  if (status === 404) {
    return [
      'no-instance-role',
      `This EC2 instance has no role, and ${of} needs it`,
      'Attach an instance profile to it, or use source_profile.',
    ];
  }
  if (status !== undefined) {
    return [
      'metadata-refused',
      `${serviceName} refused ${of}: HTTP ${status}`,
      'Look at its metadata options.',
    ];
  }
  return /Invalid response/.test(said.text)
    ? [
        'metadata-refused',
        `${serviceName} gave no credentials for ${of}`,
        'Look whether the role of the instance profile still exists and trusts ec2.amazonaws.com.',
      ]
    : undefined;
}

function positive(text: string | undefined): number {
  const number = Number.parseInt(text ?? '', 10);
  return number > 0 ? number : 1;
}
