import { plain, type ShellDialect, unwritable } from '../dialect.ts';

/**
 * tcsh, and csh. Every character that could mean something gets a backslash: inside quotes the shell would still
 * expand `!`. A quoted `setenv` is not the builtin any more, so an alias of that name cannot be avoided.
 */
export const tcsh: ShellDialect = {
  kind: 'code',
  render: (change) =>
    change
      .map((step) =>
        'unset' in step
          ? step.unset.map((name) => `unsetenv ${name};\n`).join('')
          : `setenv ${step.set} ${quote(step.set, plain(step.value))};\n`,
      )
      .join(''),
  failure: 'false\n',
  apply: (command) => `eval "\`${command}\`"`,
};

/** eval "`…`" turns every line break into a blank, so a value with one cannot be written. */
function quote(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw unwritable(name, 'tcsh');
  return value === '' ? "''" : value.replace(/[^\w./:+@,-]/gu, '\\$&');
}
