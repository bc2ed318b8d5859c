import { type ShellDialect, statements } from '../dialect.ts';

/** Elvish. The names come from the module `builtin`, so that a function of the user's cannot take their place. */
export const elvish: ShellDialect = {
  kind: 'code',
  render: (change) =>
    'use builtin;\n' +
    statements(change, {
      unset: (name) => `builtin:unset-env ${name};\n`,
      set: (name, value) => `builtin:set-env ${name} ${quote(value)};\n`,
    }),
  failure: "fail 'awsmfa failed'\n",
  apply: (command) => `eval (${command} | slurp)`,
};

/** Inside Elvish's single quotes only `''` is an escape (Elvish language reference, "Single-quoted string"). */
function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
