import { printable } from '../../printable.ts';
import type { RolePlan, SessionPlan } from '../../session/plan.ts';
import type { Refusal } from './context.ts';

/** What a policy does not allow. */
export const permissionRefusals: readonly Refusal[] = [
  {
    when: /sts:(TagSession|SetSourceIdentity)/,
    say: ({ of, fault }) => [
      'role-denied',
      `${of} may not use ${/TagSession/.test(fault.message) ? 'session tags' : 'a source identity'} with this role`,
      `The trust policy of the role must allow ${/TagSession/.test(fault.message) ? 'sts:TagSession' : 'sts:SetSourceIdentity'}, or leave them out.`,
    ],
  },
  {
    when: /sts:AssumeRole/,
    say: ({ of, plan, fault }) => [
      'role-denied',
      `${of} may not assume ${printable(plan.step === 'role' ? plan.role.roleArn : '', 120)}: ${reason(fault.message)}`,
      `Check the name of the role, and whom its trust policy lets in${suspects(plan)}.`,
    ],
  },
  {
    when: /sts:GetSessionToken/,
    say: ({ of, fault }) => [
      'session-denied',
      `${of} may not have a session: ${reason(fault.message)}`,
      'GetSessionToken needs no permission, so something denies it: let an administrator look at the policies of the user and of the organization.',
    ],
  },
];

/** As far as AWS names the policy that stands in the way (IAM user guide, "access denied error messages"). */
function reason(message: string): string {
  const [, denied] = /with an explicit deny in an? ([\w -]+)/.exec(message) ?? [];
  const [, missing] = /because no ([\w -]+) allows/.exec(message) ?? [];
  if (denied) return `${/^[aeiou]/.test(denied) ? 'an' : 'a'} ${denied} denies it explicitly`;
  return missing ? `no ${missing} allows it` : 'AWS does not say why';
}

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
