import { type Dialect, plain } from './dialect.ts';

/** fish: every statement ends in `;` because a captured script may arrive as one line. */
export const fish: Dialect = {
  kind: 'code',
  // In the end `true`: `set` leaves the status as it was, which is that of the last question asked in `erase`.
  render: (change) =>
    `${change
      .map((step) =>
        'unset' in step
          ? step.unset.map(erase).join('')
          : `set -gx ${step.set} ${quote(plain(step.value))};\n`,
      )
      .join('')}true;\n`,
  failure: 'false\n',
};

/**
 * A universal variable is the user's for all his shells, and stays. A global that is not exported hides it from fish
 * itself; programs get it all the same (fish exports universal variables that a global does not export), and an
 * empty AWS_PROFILE breaks more than it mends: only the user can take it away.
 */
function erase(name: string): string {
  const advice = `awsmfa: ${name} is a universal variable, and programs still see it; to end that: set -eU ${name}`;
  return `set -el ${name}; set -eg ${name}; set -q ${name}; and begin; set -qxU ${name}; and echo ${quote(advice)} >&2; set -gu ${name}; end;\n`;
}

/** Inside fish's single quotes only `\\` and `\'` are escapes. */
export function quote(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
