import { sayDuration } from '../../duration.ts';
import { printable } from '../../printable.ts';
import { said } from '../answer.ts';
import type { Context, Refusal, Told } from './context.ts';

/** What AWS does not take of what was asked for: durations, policies, tags, names. */
export const parameterRefusals: readonly Refusal[] = [
  {
    when: /MaxSessionDuration/,
    say: ({ of, plan }) => [
      'duration-over-maximum',
      `The role of ${of} does not allow ${sayDuration(plan.durationSeconds)}: its maximum session duration is less`,
      'Ask for less (1h is always allowed), or let an administrator raise the maximum of the role.',
    ],
  },
  {
    when: /role chaining/,
    say: ({ of, plan }) => [
      'duration-over-maximum',
      `${of} is assumed from another session, and lives an hour at most; ${sayDuration(plan.durationSeconds)} was asked for`,
      'Ask for 1h or less, or name a source profile with long-term keys and an MFA device.',
    ],
  },
  { when: /at 'durationSeconds'.* (?:less|greater) than or equal to \d+/, say: durationLimit },
  {
    when: /^PackedPolicyTooLarge/,
    say: ({ of, fault }) => {
      const [what, hint] = /tags/.test(fault.message)
        ? ['tags', 'Use fewer or shorter tags.']
        : ['policy and tags', 'Make them shorter; policy ARNs take less room than a policy.'];
      return ['bad-policy', `The session ${what} of ${of} are too large${percent(fault.message)}`, hint];
    },
  },
  {
    when: /^MalformedPolicyDocument/,
    say: ({ of, fault }) => [
      'bad-policy',
      `AWS does not take the session policy of ${of}: ${said(fault)}`,
      'Correct the policy; IAM Access Analyzer says what is wrong with it: aws accessanalyzer validate-policy',
    ],
  },
  {
    when: /^ValidationError: Request ARN is invalid/,
    say: ({ of, plan }) => [
      'bad-role',
      `AWS does not take ${printable(plan.step === 'role' ? plan.role.roleArn : '', 120)} of ${of} for a role`,
      'A role looks like arn:aws:iam::123456789012:role/NAME.',
    ],
  },
  { when: /^ValidationError: .* at '\w+/, say: constraints },
];

function durationLimit({ of, plan, fault }: Context): Told {
  const [, direction, seconds] = /(less|greater) than or equal to (\d+)/.exec(fault.message) ?? [];
  const limit = sayDuration(Number(seconds));
  const bound = direction === 'less' ? 'at most' : 'at least';
  return [
    'duration-out-of-range',
    `${of} may ask AWS for ${limit} ${bound}, and ${sayDuration(plan.durationSeconds)} was asked for`,
    `Ask for ${limit} or ${direction === 'less' ? 'less' : 'more'} with --duration.`,
  ];
}

function percent(message: string): string {
  const [found] = /\d+%/.exec(message) ?? [];
  return found ? `: AWS packs them into ${found} of the room there is` : '';
}

/** `1 validation error detected: Value 'x' at 'externalId' failed to satisfy constraint: RULE; Value …`, without the values. */
function constraints({ of, fault }: Context): Told {
  const found = [...fault.message.matchAll(/at '(\w+)[^']*' failed to satisfy constraint: ([^;]+)/g)];
  const rules = found.map(
    ([, name = '', rule = '']) => `${settings[name] ?? name} (${rule.trim().replace(/^Member /, '')})`,
  );
  const names = found.map(([, name = '']) => settings[name] ?? name);
  return [
    'bad-parameter',
    `AWS does not take what ${of} gives for ${rules.join(', ') || printable(fault.message, 200)}`,
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
