import type { UserError } from '../../errors.ts';
import type { Patient } from './patient.ts';

/** `unknown`: it could not be looked at, or there was nothing to look at. Only `broken` fails the command. */
export type State = 'ok' | 'warning' | 'broken' | 'unknown';

/** What a check found: one line, and where it is not well a second one that says what to do. */
export interface Finding {
  readonly state: State;
  readonly message: string;
  readonly hint: string | undefined;
}

/** One thing to look at. What it throws is a finding as well. */
export type Check = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;

export function ok(message: string): Finding {
  return { state: 'ok', message, hint: undefined };
}

export function warning(message: string, hint: string): Finding {
  return { state: 'warning', message, hint };
}

export function broken(message: string, hint: string): Finding {
  return { state: 'broken', message, hint };
}

export function unknown(message: string, hint?: string): Finding {
  return { state: 'unknown', message, hint };
}

/** What went wrong elsewhere, in the words of those who know. */
export function failed(
  { message, hint }: Pick<UserError, 'message' | 'hint'>,
  state: State = 'broken',
): Finding {
  return { state, message, hint };
}
