import { plain, type ShellDialect } from '../dialect.ts';
import type { Change } from '../environment.ts';

/** fish: every statement ends in `;` because a captured script may arrive as one line. */
export const fish: ShellDialect = {
  kind: 'code',
  // In the end `true`: `set` leaves the status as it was, which is that of the last question asked in `erase`.
  render: (change) =>
    `${change
      .map((step) =>
        'unset' in step
          ? step.unset.map((name) => erase(name, step.neverEmpty ?? false)).join('')
          : `set -gx ${step.set} ${quote(plain(step.value))};\n`,
      )
      .join('')}builtin true;\n`,
  failure: 'false\n',
  apply: (command) => `eval (${command} | string collect)`,
};

/** The same for one command in a function: local variables, which hide what the shell exports. */
export function fishLocally(change: Change): string {
  return change
    .flatMap((step) =>
      'unset' in step
        ? step.unset.map((name) => `set -lu ${name};\n`)
        : [`set -lx ${step.set} ${quote(plain(step.value))};\n`],
    )
    .join('');
}

/**
 * A universal variable is the user's for all his shells, and stays. fish exports it whatever hides it, except for a
 * global that is exported itself: an empty one does, where empty is as good as none. Where it is not, only the user
 * can take the variable away, and is told how.
 */
function erase(name: string, neverEmpty: boolean): string {
  const advice = `awsmfa: ${name} is a universal variable, and programs still see it; to end that: set -eU ${name}`;
  const hide = neverEmpty
    ? `begin; set -qxU ${name}; and builtin echo ${quote(advice)} >&2; set -gu ${name}; end`
    : `set -gx ${name} ''`;
  return `set -el ${name}; set -eg ${name}; set -q ${name}; and ${hide};\n`;
}

/** Inside fish's single quotes only `\\` and `\'` are escapes. */
export function quote(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
