import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { Exit, UserError } from '../errors.ts';
import { named, type Provider, provide } from './provider.ts';
import { withSdk } from './sdk.ts';

/**
 * The role of the EC2 instance, from its metadata service (IMDSv2, else v1). While that service fails, the SDK uses expired
 * credentials for some minutes more, as all SDKs do ("static stability").
 */
export const fromInstance: Provider = async (asking) => {
  const { env } = asking.world;
  const of = named(asking);
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') {
    throw new UserError(
      Exit.configuration,
      'metadata-disabled',
      `The source of ${of} is this EC2 instance, and AWS_EC2_METADATA_DISABLED is true`,
      'Unset it, or use source_profile.',
    );
  }
  const name = 'The EC2 metadata service';
  const errors = (_quoted: string, status: number | undefined) => [
    {
      when: /v1 fallback has been blocked/,
      code: 'metadata-refused',
      message: `${name} gave no token for ${of}, and its version 1 is switched off`,
      hint: 'In a container, raise the hop limit of the instance metadata to 2.',
    },
    {
      when: status === 404 ? /^/ : undefined,
      code: 'no-instance-role',
      message: `This EC2 instance has no role, and ${of} needs it`,
      hint: 'Attach an instance profile to it, or use source_profile.',
    },
    {
      when: status === undefined ? undefined : /^/,
      code: 'metadata-refused',
      message: `${name} refused ${of}: HTTP ${status}`,
      hint: 'Look at its metadata options.',
    },
    {
      when: /Invalid response/,
      code: 'metadata-refused',
      message: `${name} gave no credentials for ${of}`,
      hint: 'Check that the role of the instance profile still exists and trusts ec2.amazonaws.com.',
    },
  ];
  const provider = fromInstanceMetadata({
    profile: 'default',
    // The variables of the AWS CLI, with its defaults: one second, one attempt.
    timeout: positive(env.AWS_METADATA_SERVICE_TIMEOUT) * 1000,
    maxRetries: positive(env.AWS_METADATA_SERVICE_NUM_ATTEMPTS) - 1,
    // The SDK would write to the console that it extends expired credentials.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const service = { name, renew: 'Try again in a moment.', errors };
  return provide(asking, service, () => withSdk(asking, provider));
};

function positive(text: string | undefined): number {
  const number = Number.parseInt(text ?? '', 10);
  return number > 0 ? number : 1;
}
