import { type ShellDialect, statements } from '../dialect.ts';

/** xonsh: Python, in which `${...}` is the environment. */
export const xonsh: ShellDialect = {
  kind: 'code',
  render: (change) =>
    statements(change, {
      unset: (name) => `\${...}.pop('${name}', None);\n`,
      set: (name, value) => `\${...}['${name}'] = ${quote(value)};\n`,
    }),
  failure: "raise RuntimeError('awsmfa failed')\n",
  apply: (command) => `execx($(${command}))`,
};

/** A Python string in ASCII (Python language reference, "String and Bytes literals"), whatever the locale. */
function quote(value: string): string {
  const text = value.replace(/[\\']/g, '\\$&').replace(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `'${text}'`;
}
