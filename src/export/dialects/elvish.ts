import { plain, type ShellDialect } from '../dialect.ts';

/** Elvish. The names come from the module `builtin`, so that a function of the user's cannot take their place. */
export const elvish: ShellDialect = {
  kind: 'code',
  render: (change) =>
    `use builtin;\n${change
      .map((step) =>
        'unset' in step
          ? step.unset.map((name) => `builtin:unset-env ${name};\n`).join('')
          : `builtin:set-env ${step.set} ${quote(plain(step.value))};\n`,
      )
      .join('')}`,
  failure: "fail 'awsmfa failed'\n",
  apply: (command) => `eval (${command} | slurp)`,
};

/** Inside Elvish's single quotes only `''` is an escape (Elvish language reference, "Single-quoted string"). */
function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
