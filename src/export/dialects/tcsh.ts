import { type ShellDialect, statements, unwritable } from '../dialect.ts';

/**
 * tcsh, and csh. Every character that could mean something gets a backslash: inside quotes the shell would still
 * expand `!`. A quoted `setenv` is not the builtin any more, so an alias of that name cannot be avoided.
 */
export const tcsh: ShellDialect = {
  kind: 'code',
  render: (change) =>
    statements(change, {
      unset: (name) => `unsetenv ${name};\n`,
      set: (name, value) => `setenv ${name} ${quote(name, value)};\n`,
    }),
  failure: 'false\n',
  apply: (command) => `eval "\`${command}\`"`,
};

/** eval "`…`" turns every line break into a blank, so a value with one cannot be written. */
function quote(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw unwritable(name, 'tcsh');
  return value === '' ? "''" : value.replace(/[^\w./:+@,-]/gu, '\\$&');
}
