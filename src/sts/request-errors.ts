import { sayDuration } from '../duration.ts';
import { printable } from '../printable.ts';
import { type Context, nameSts, quoteAnswer, type Refusal, type Told } from './answer.ts';

/** Errors about the endpoint, the region, or the network. */
export const endpointRefusals: readonly Refusal[] = [
  {
    when: /scoped to correct service/,
    say: ({ call: { endpoint } }) => [
      'wrong-endpoint',
      `What answers at ${nameSts(endpoint)} is another service of AWS`,
      'Correct AWS_ENDPOINT_URL_STS or endpoint_url.',
    ],
  },
  {
    when: /^InvalidAction/,
    say: ({ call }) => [
      'wrong-endpoint',
      `What answers at ${nameSts(call.endpoint)} does not know ${call.role ? 'AssumeRole' : 'GetSessionToken'}`,
      'Correct AWS_ENDPOINT_URL_STS or endpoint_url.',
    ],
  },
  {
    when: /^SignatureDoesNotMatch: .*scoped/,
    say: ({ call: { endpoint } }) => [
      'wrong-region',
      `The region ${endpoint.region} does not fit the endpoint ${nameSts(endpoint)}`,
      'Set --sts-region, or the endpoint, so that both name the same region.',
    ],
  },
  {
    when: /^RegionDisabledException/,
    say: ({ call: { endpoint } }) => [
      'region-disabled',
      `STS is switched off for this account in ${endpoint.region}`,
      'Use another region with --sts-region, or let an administrator switch it on in IAM, Account settings.',
    ],
  },
  {
    when: /^MissingAuthenticationToken/,
    say: ({ call: { endpoint } }) => [
      'signature-lost',
      `The signature did not arrive at ${nameSts(endpoint)}`,
      'Look for a proxy that takes the Authorization header away.',
    ],
  },
];

/** What AWS does not take of what was asked for: durations, policies, tags, names. */
export const parameterRefusals: readonly Refusal[] = [
  {
    when: /MaxSessionDuration/,
    say: ({ of, call }) => [
      'duration-over-maximum',
      `The role of ${of} does not allow ${sayDuration(call.durationSeconds ?? 0)}: its maximum session duration is less`,
      'Ask for less (1h is always allowed), or let an administrator raise the maximum of the role.',
    ],
  },
  {
    when: /role chaining/,
    say: ({ of, call }) => [
      'duration-over-maximum',
      `${of} is assumed from another session, and lives an hour at most; ${sayDuration(call.durationSeconds ?? 0)} was asked for`,
      'Ask for 1h or less, or name a source profile with long-term keys and an MFA device.',
    ],
  },
  { when: /at 'durationSeconds'.* (?:less|greater) than or equal to \d+/, say: durationLimit },
  {
    when: /^PackedPolicyTooLarge/,
    say: ({ of, answer }) => {
      const [what, hint] = /tags/.test(answer.message)
        ? ['tags', 'Use fewer or shorter tags.']
        : ['policy and tags', 'Make them shorter; policy ARNs take less room than a policy.'];
      return ['bad-policy', `The session ${what} of ${of} are too large${percent(answer.message)}`, hint];
    },
  },
  {
    when: /^MalformedPolicyDocument/,
    say: ({ of, answer }) => [
      'bad-policy',
      `AWS does not take the session policy of ${of}: ${quoteAnswer(answer)}`,
      'Correct the policy; IAM Access Analyzer says what is wrong with it: aws accessanalyzer validate-policy',
    ],
  },
  {
    when: /^ValidationError: Request ARN is invalid/,
    say: ({ of, call }) => [
      'bad-role',
      `AWS does not take ${printable(call.role?.roleArn ?? '', 120)} of ${of} for a role`,
      'A role looks like arn:aws:iam::123456789012:role/NAME.',
    ],
  },
  { when: /^ValidationError: .* at '\w+/, say: constraints },
];

function durationLimit({ of, call, answer }: Context): Told {
  const [, direction, seconds] = /(less|greater) than or equal to (\d+)/.exec(answer.message) ?? [];
  const limit = sayDuration(Number(seconds));
  const bound = direction === 'less' ? 'at most' : 'at least';
  return [
    'duration-out-of-range',
    `${of} may ask AWS for ${limit} ${bound}, and ${sayDuration(call.durationSeconds ?? 0)} was asked for`,
    `Ask for ${limit} or ${direction === 'less' ? 'less' : 'more'} with --duration.`,
  ];
}

function percent(message: string): string {
  const [found] = /\d+%/.exec(message) ?? [];
  return found ? `: AWS packs them into ${found} of the room there is` : '';
}

/** `1 validation error detected: Value 'x' at 'externalId' failed to satisfy constraint: RULE; Value …`, without the values. */
function constraints({ of, answer }: Context): Told {
  const found = [...answer.message.matchAll(/at '(\w+)[^']*' failed to satisfy constraint: ([^;]+)/g)];
  const rules = found.map(
    ([, name = '', rule = '']) => `${settings[name] ?? name} (${rule.trim().replace(/^Member /, '')})`,
  );
  const names = found.map(([, name = '']) => settings[name] ?? name);
  return [
    'bad-parameter',
    `AWS does not take what ${of} gives for ${rules.join(', ') || printable(answer.message, 200)}`,
    `Correct ${names.join(' and ') || 'it'}.`,
  ];
}

/** AWS's parameters, as the user wrote them. */
const settings: Readonly<Record<string, string>> = {
  serialNumber: 'mfa_serial',
  tokenCode: 'the MFA code',
  roleArn: 'role_arn',
  roleSessionName: 'role_session_name',
  externalId: 'external_id',
  sourceIdentity: 'source_identity',
  durationSeconds: 'duration_seconds',
  policy: 'the session policy',
  policyArns: 'the policy ARNs',
  tags: 'the session tags',
  transitiveTagKeys: 'the transitive tags',
};
