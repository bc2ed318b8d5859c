import { shortKey } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { RolePlan, SessionPlan } from '../session/plan.ts';
import { type Fault, said } from './answer.ts';
import { clockOffset } from './clock.ts';
import { type Context, type Refusal, sourceExpired, type Told, wrongCode } from './refusal/context.ts';
import { keyRefusals, secretRefusals } from './refusal/keys.ts';
import { mfaRefusals } from './refusal/mfa.ts';
import { parameterRefusals } from './refusal/parameters.ts';
import { permissionRefusals } from './refusal/permission.ts';
import { placeRefusals } from './refusal/place.ts';

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
  return new UserError(Exit.refused, code, message.replace(/^profile /, 'Profile '), hint);
}

/** True when another code can mend it. */
export function isWrongCode(error: unknown): error is UserError {
  return error instanceof UserError && error.code === wrongCode;
}

/** True when a new session of the step below can mend it. */
export function isSourceExpired(error: unknown): boolean {
  return error instanceof UserError && error.code === sourceExpired;
}

/** The first that matches counts. */
const refusals: readonly Refusal[] = [
  ...mfaRefusals,
  ...keyRefusals,
  ...placeRefusals,
  ...secretRefusals,
  ...parameterRefusals,
  ...permissionRefusals,
];

function other({ of, fault }: Context): Told {
  return [
    'refused',
    `AWS refused ${of}: ${said(fault)}`,
    'With --debug awsmfa says what it sent, and where.',
  ];
}
