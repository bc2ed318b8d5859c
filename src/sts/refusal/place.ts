import { where } from '../answer.ts';
import type { Refusal } from './context.ts';

/** What is wrong with the endpoint, the region, or the way there. */
export const placeRefusals: readonly Refusal[] = [
  {
    when: /scoped to correct service/,
    say: ({ plan: { endpoint } }) => [
      'wrong-endpoint',
      `What answers at ${where(endpoint)} is another service of AWS`,
      'Correct AWS_ENDPOINT_URL_STS or endpoint_url.',
    ],
  },
  {
    when: /^InvalidAction/,
    say: ({ plan }) => [
      'wrong-endpoint',
      `What answers at ${where(plan.endpoint)} does not know ${plan.step === 'role' ? 'AssumeRole' : 'GetSessionToken'}`,
      'Correct AWS_ENDPOINT_URL_STS or endpoint_url.',
    ],
  },
  {
    when: /^SignatureDoesNotMatch: .*scoped/,
    say: ({ plan: { endpoint } }) => [
      'wrong-region',
      `The region ${endpoint.region} does not fit the endpoint ${where(endpoint)}`,
      'Set --sts-region, or the endpoint, so that both name the same region.',
    ],
  },
  {
    when: /^RegionDisabledException/,
    say: ({ plan: { endpoint } }) => [
      'region-disabled',
      `STS is switched off for this account in ${endpoint.region}`,
      'Use another region with --sts-region, or let an administrator switch it on in IAM, Account settings.',
    ],
  },
  {
    when: /^MissingAuthenticationToken/,
    say: ({ plan: { endpoint } }) => [
      'signature-lost',
      `The signature did not arrive at ${where(endpoint)}`,
      'Look for a proxy that takes the Authorization header away.',
    ],
  },
];
