import { partition } from '@aws-sdk/core/client';
import { printable } from '../../printable.ts';
import { environmentProfile } from '../../profile/choice.ts';
import { shellWord } from '../../shell-word.ts';
import { type Context, isRenewable, type Refusal, sourceExpired, type Told, unknownKey } from './context.ts';

/** What is wrong with the keys that called. */
export const keyRefusals: readonly Refusal[] = [
  {
    when: /^ExpiredToken/,
    say: ({ of, plan }) => [
      sourceExpired,
      `The credentials that ${of} comes from have expired`,
      isRenewable(plan)
        ? `Renew them: awsmfa login ${shellWord(plan.profile)} --refresh`
        : 'They are temporary keys: get new ones where those came from.',
    ],
  },
  {
    when: /^InvalidClientTokenId/,
    say: (context) => (isRenewable(context.plan) ? unknownSession(context) : unknown(context)),
  },
  {
    when: /with session credentials/,
    say: ({ of, plan }) => [
      'session-keys',
      `The keys of ${of} are a session already, and AWS gives no session for one`,
      `Put the long-term keys (AKIA…) into [${printable(plan.profile, 60)}-long-term], or name the profile that has them.`,
    ],
  },
  {
    when: /may not be assumed by root/,
    say: ({ of }) => [
      'root-keys',
      `${of} comes from keys of the root user, and they may assume no role`,
      'Use the keys of an IAM user; root keys are better deleted.',
    ],
  },
  {
    // Its text repeats the access key.
    when: /^IncompleteSignature/,
    say: ({ of }) => [
      'malformed-key',
      `The access key of ${of} has a character that no AWS key has`,
      'Copy the access key and its secret again, each on one line, without quotes.',
    ],
  },
];

/** To be asked after the refusals of an endpoint, which are about signatures as well. */
export const secretRefusals: readonly Refusal[] = [
  {
    when: /^SignatureDoesNotMatch/,
    say: ({ of, key, plan }) => [
      'wrong-secret',
      `The secret key of ${key} (${of}) is not the one AWS has`,
      `Copy the pair of keys again${anew(plan)}`,
    ],
  },
];

function unknownSession({ of, plan }: Context): Told {
  return [
    sourceExpired,
    `AWS no longer knows the session that ${of} comes from`,
    `Get a new one: awsmfa login ${shellWord(plan.profile)} --refresh`,
  ];
}

/** How other keys get to where these are; `setup` knows the way to a profile. */
function anew({ source }: Context['plan']): string {
  if (source.step !== 'keys' || source.profile === environmentProfile) return ', where it comes from.';
  return `: awsmfa setup --profile ${shellWord(source.profile)} --overwrite`;
}

/** Keys are known in one partition only, and the ARNs of a profile say in which. */
function unknown({ of, key, plan }: Context): Told {
  const { region } = plan.endpoint;
  const here = partition(region).name;
  const arn = plan.serialNumber?.startsWith('arn:') ? plan.serialNumber : arnOfRole(plan);
  const there = arn?.split(':')[1];
  if (arn !== undefined && there !== here) {
    return [
      'wrong-partition',
      `AWS does not know the access key ${key} of ${of} in ${region}, which is in the partition ${here}; ${printable(arn, 100)} is in ${printable(there ?? '', 20)}`,
      `Set the region of the profile to one of ${printable(there ?? '', 20)}${exampleOf(there)}.`,
    ];
  }
  return [
    unknownKey,
    `AWS does not know the access key ${key} of ${of} in ${region}: deleted, disabled, or of another partition`,
    `Look in IAM whether the key is active; put another in its place${anew(plan)}`,
  ];
}

function arnOfRole(plan: Context['plan']): string | undefined {
  return plan.step === 'role' ? plan.role.roleArn : undefined;
}

function exampleOf(name: string | undefined): string {
  const region = { aws: 'us-east-1', 'aws-cn': 'cn-north-1', 'aws-us-gov': 'us-gov-west-1' }[name ?? ''];
  return region ? `, such as ${region}` : '';
}
