import { type Dialect, plain } from './dialect.ts';

/** fish: every statement ends in `;` because a captured script may arrive as one line. */
export const fish: Dialect = {
  kind: 'code',
  render: (change) =>
    change
      .map((step) =>
        'unset' in step
          ? step.unset.map(erase).join('')
          : `set -gx ${step.set} ${quote(plain(step.value))};\n`,
      )
      .join(''),
  failure: 'false\n',
};

/**
 * `set -e` takes away the innermost of a local, a global and a universal variable. A universal one is the user's
 * for all his shells and stays, but it shines through: only a global, empty and not exported, hides it.
 */
function erase(name: string): string {
  return `set -el ${name}; set -eg ${name}; set -q ${name}; and set -gu ${name};\n`;
}

/** Inside fish's single quotes only `\\` and `\'` are escapes. */
export function quote(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
