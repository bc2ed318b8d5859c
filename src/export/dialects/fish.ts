import { plain, type ShellDialect, statements } from '../dialect.ts';
import type { Change } from '../environment.ts';

/** fish: every statement ends in `;` because a captured script may arrive as one line. */
export const fish: ShellDialect = {
  kind: 'code',
  // `true` at the end, because `set` leaves the status as it was: that of the last test in `erase`.
  render: (change) =>
    `${change
      .map((step) =>
        'unset' in step
          ? erase(step.unset, step.neverEmpty ?? false)
          : `set -gx ${step.set} ${quote(plain(step.value))};\n`,
      )
      .join('')}builtin true;\n`,
  failure: 'false\n',
  apply: (command) => `eval (${command} | string collect)`,
};

/** The change for one command in a function: local variables, which hide what the shell exports. */
export function fishLocally(change: Change): string {
  return statements(change, {
    unset: (name) => `set -lu ${name};\n`,
    set: (name, value) => `set -lx ${name} ${quote(value)};\n`,
  });
}

/**
 * A universal variable belongs to all shells of the user, and stays. fish exports it unless an exported global hides it.
 * An empty global does, where an empty variable means the same as none. Where it does not, only the user can erase the
 * variable, and a message says how.
 */
function erase(names: readonly string[], neverEmpty: boolean): string {
  const hide = (name: string) => {
    const advice = `awsmfa: ${name} is a universal variable, and programs still see it; to end that: set -eU ${name}`;
    return neverEmpty
      ? `begin; set -qxU ${name}; and builtin echo ${quote(advice)} >&2; set -gu ${name}; end`
      : `set -gx ${name} ''`;
  };
  const hidden = names.map((name) => `set -q ${name}; and ${hide(name)};\n`);
  return `set -el ${names.join(' ')}; set -eg ${names.join(' ')};\n${hidden.join('')}`;
}

/** Inside fish's single quotes only `\\` and `\'` are escapes. */
export function quote(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
