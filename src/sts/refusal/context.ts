import type { RolePlan, SessionPlan } from '../../session/plan.ts';
import type { Fault } from '../answer.ts';

/** What a refusal is explained with. */
export interface Context {
  readonly fault: Fault;
  readonly plan: SessionPlan | RolePlan;
  /** `profile "work"`. */
  readonly of: string;
  /** The access key, shortened. */
  readonly key: string;
  readonly device: string;
  /** How far off this clock is, in words, when that is far enough to matter. */
  readonly offset: string | undefined;
}

/** One of STS's ways to say no. */
export interface Refusal {
  /** Matches `CODE: message`. */
  readonly when: RegExp;
  readonly say: (context: Context) => Told;
}

export type Told = readonly [code: string, message: string, hint: string];

/** Whether the step below is a session of awsmfa's own, which it can get anew. */
export function isRenewable(plan: SessionPlan | RolePlan): boolean {
  return plan.step === 'role' && plan.source.step !== 'keys';
}

export const wrongCode = 'wrong-code';
export const wrongDevice = 'wrong-device';
export const sourceExpired = 'source-expired';
export const unknownKey = 'unknown-key';
