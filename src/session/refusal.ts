import { sayDuration } from '../config/duration.ts';
import { shortKey } from '../config/keys.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { type Fault, said, where } from './answer.ts';
import { clockOffset } from './clock.ts';
import type { RolePlan, SessionPlan } from './plan.ts';

/**
 * STS's "no", with the most likely cause as far as it can be told from here. AWS's texts are matched loosely: they
 * come with and without blanks at the end, and change.
 */
export function refusal(
  fault: Fault,
  plan: SessionPlan | RolePlan,
  accessKeyId: string,
  now: number,
): UserError {
  const context: Context = {
    fault,
    plan,
    of: `profile "${printable(plan.profile, 60)}"`,
    key: shortKey(accessKeyId),
    device: printable(plan.serialNumber ?? '', 100),
    offset: clockOffset(fault, now),
  };
  const common = refusals.find(({ when }) => when.test(`${fault.code}: ${fault.message}`));
  const [code, message, hint] = (common?.say ?? other)(context);
  return new UserError(Exit.refused, code, message, hint);
}

/** True when another code can mend it. */
export function isWrongCode(error: unknown): error is UserError {
  return error instanceof UserError && error.code === wrongCode;
}

/** True when a new session of the step below can mend it. */
export function isSourceExpired(error: unknown): boolean {
  return error instanceof UserError && error.code === sourceExpired;
}

const wrongCode = 'wrong-code';
const sourceExpired = 'source-expired';

interface Context {
  readonly fault: Fault;
  readonly plan: SessionPlan | RolePlan;
  readonly of: string;
  /** The access key, shortened. */
  readonly key: string;
  readonly device: string;
  /** How far off this clock is, in words, when that is far enough to matter. */
  readonly offset: string | undefined;
}

interface Refusal {
  /** Matches `CODE: message`. */
  readonly when: RegExp;
  readonly say: (context: Context) => readonly [code: string, message: string, hint: string];
}

const setClock = 'Set the clock (turn on automatic time), then try again with a new code.';

const refusals: readonly Refusal[] = [
  {
    when: /: Signature (expired|not yet current)|^RequestExpired/,
    say: ({ offset }) => [
      'clock-off',
      `This clock is ${offset ?? 'too far off'}: AWS refuses calls that are more than 15m off`,
      setClock,
    ],
  },
  {
    when: /invalid MFA one time pass code/,
    say: ({ offset, device }) => [
      wrongCode,
      `AWS refused the MFA code: wrong, too old, or used before${offset ? `; this clock is ${offset}` : ''}`,
      offset ? setClock : `Use the next code of ${device}; each works once, for 30 seconds.`,
    ],
  },
  {
    when: /verify your MFA serial number/,
    say: ({ of, device }) => [
      'wrong-device',
      `AWS knows no MFA device ${device} for the user of ${of}`,
      'Take the ARN from IAM, Users, Security credentials: …:mfa/NAME, in the account of this access key.',
    ],
  },
  {
    when: /^ExpiredToken/,
    say: ({ of, plan }) => [
      sourceExpired,
      `The credentials that ${of} comes from have expired`,
      plan.step === 'role' && plan.source.step !== 'keys'
        ? `Renew them: awsmfa login ${printable(plan.profile, 60)} --refresh`
        : 'They are temporary keys: get new ones where those came from.',
    ],
  },
  {
    when: /^InvalidClientTokenId/,
    say: ({ of, key, plan }) =>
      plan.step === 'role' && plan.source.step !== 'keys'
        ? [
            sourceExpired,
            `AWS no longer knows the session that ${of} comes from`,
            `Get a new one: awsmfa login ${printable(plan.profile, 60)} --refresh`,
          ]
        : [
            'unknown-key',
            `AWS does not know the access key ${key} of ${of} in ${plan.endpoint.region}: deleted, disabled, or of another partition`,
            'Look in IAM whether the key is active, and renew it with: aws configure',
          ],
  },
  {
    when: /scoped to correct service/,
    say: ({ plan: { endpoint } }) => [
      'wrong-endpoint',
      `What answers at ${where(endpoint)} is another service of AWS`,
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
    when: /^SignatureDoesNotMatch/,
    say: ({ of, key }) => [
      'wrong-secret',
      `The secret key of ${key} (${of}) is not the one AWS has`,
      'Copy the pair of keys again with: aws configure',
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
  {
    when: /sts:(TagSession|SetSourceIdentity)/,
    say: ({ of, fault }) => [
      'role-denied',
      `${of} may not use ${/TagSession/.test(fault.message) ? 'session tags' : 'a source identity'} with this role`,
      `The trust policy of the role must allow ${/TagSession/.test(fault.message) ? 'sts:TagSession' : 'sts:SetSourceIdentity'}, or leave them out.`,
    ],
  },
  {
    when: /^(PackedPolicyTooLarge|MalformedPolicyDocument)/,
    say: ({ of, fault }) => [
      'bad-policy',
      `AWS does not take the session policy or the tags of ${of}: ${said(fault)}`,
      'Make them shorter, or correct the policy; policy ARNs take less room than a policy.',
    ],
  },
  {
    when: /sts:AssumeRole/,
    say: ({ of, plan, fault }) => [
      'role-denied',
      `${of} may not assume ${printable(plan.step === 'role' ? plan.role.roleArn : '', 120)}${/explicit deny/.test(fault.message) ? ': a policy denies it explicitly' : ': AWS does not say why'}`,
      `Check the name of the role, and whom its trust policy lets in${suspects(plan)}.`,
    ],
  },
];

/** What a trust policy may ask for that this call did not bring. */
function suspects(plan: SessionPlan | RolePlan): string {
  if (plan.step !== 'role') return '';
  const missing = [
    ...(hasMfa(plan)
      ? []
      : [
          plan.source.step === 'role'
            ? 'MFA (which is not handed on from role to role)'
            : 'MFA (no mfa_serial is set)',
        ]),
    ...(plan.role.externalId === undefined ? ['an external_id (none is set)'] : ['another external_id']),
  ];
  return `: it may want ${missing.join(' or ')}`;
}

function hasMfa({ serialNumber, source }: RolePlan): boolean {
  return serialNumber !== undefined || (source.step === 'session' && source.serialNumber !== undefined);
}

function other({ of, fault }: Context): readonly [string, string, string] {
  return [
    'refused',
    `AWS refused ${of}: ${said(fault)}`,
    'With --debug awsmfa says what it sent, and where.',
  ];
}
