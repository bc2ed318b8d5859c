import { Secret } from '../secret.ts';
import type { Change } from './environment.ts';

/** A shell's or a format's way to say a change. */
export interface Dialect {
  /** Code changes a shell; data describes a session. */
  readonly kind: 'code' | 'data';
  render(change: Change): string;
  /** What `env` prints when it fails, so that `eval "$(awsmfa env)"` fails as well; empty for data formats. */
  readonly failure: string;
}

/** The value that a variable is set to. */
export function plain(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}

/** The variables a change sets, for the formats that are data and not code. */
export function settings(change: Change): ReadonlyMap<string, string> {
  return new Map(change.flatMap((step) => ('set' in step ? [[step.set, plain(step.value)] as const] : [])));
}
