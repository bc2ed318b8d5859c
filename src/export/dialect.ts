import { Secret } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import type { Change } from './environment.ts';

/** A shell's or a format's way to write a change. */
export interface Dialect {
  /** Code changes a shell; data describes a session. */
  readonly kind: 'code' | 'data';
  /** @throws UserError (unwritable-value) for a value that this dialect cannot hold safely */
  render(change: Change): string;
  /** What `env` prints when it fails, so that `eval "$(awsmfa env)"` fails as well; empty for data formats. */
  readonly failure: string;
}

export interface ShellDialect extends Dialect {
  /** How a user of this shell runs the code that a command prints: `eval "$(awsmfa env work)"`. */
  readonly apply: (command: string) => string;
}

/** How a shell writes one variable, with the end of the statement. */
export interface Statements {
  unset(name: string, neverEmpty: boolean): string;
  set(name: string, value: string): string;
}

/** The change as statements, one for each variable. */
export function statements(change: Change, { unset, set }: Statements): string {
  return change
    .map((step) =>
      'unset' in step
        ? step.unset.map((name) => unset(name, step.neverEmpty ?? false)).join('')
        : set(step.set, plain(step.value)),
    )
    .join('');
}

/** The value that a variable is set to. */
export function plain(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}

/** Names the variable and never its value, which may be a secret. */
export function unwritable(
  variable: string,
  dialect: string,
  reason = 'it has a character that cannot be quoted there',
): UserError {
  return new UserError(
    Exit.failed,
    'unwritable-value',
    `${dialect} cannot hold the value of ${variable}: ${reason}`,
    'Another --format can: json holds any value.',
  );
}
