import { type ShellDialect, statements } from '../dialect.ts';

/**
 * PowerShell, by the grammar of 5.1. Every statement is one line, because `awsmfa env | Invoke-Expression` evaluates
 * each line by itself. To assign `$null` removes a variable and reports no error when there is none.
 */
export const powershell: ShellDialect = {
  kind: 'code',
  render: (change) =>
    statements(change, {
      unset: (name) => `$env:${name} = $null;\n`,
      set: (name, value) => `$env:${name} = ${quote(value)};\n`,
    }),
  // An error that obeys `$ErrorActionPreference`. `$LASTEXITCODE` is the status of awsmfa itself.
  failure: "Microsoft.PowerShell.Utility\\Write-Error 'awsmfa env failed';\n",
  apply: (command) => `${command} | Invoke-Expression`,
};

/**
 * An expression in ASCII: PowerShell decodes what a program prints by the code page of the console, and a byte of a
 * UTF-8 sequence may come out as one of the typographic quotes, which end a string as `'` does
 * (about_Quoting_Rules). A string plus `[char]` is a string, because the first operand is one.
 */
export function quote(value: string): string {
  const parts = value.match(/[\x20-\x7e]+|[^\x20-\x7e]/g) ?? [];
  const terms = parts.map((part) =>
    /^[\x20-\x7e]/.test(part) ? `'${part.replaceAll("'", "''")}'` : `[char]${part.charCodeAt(0)}`,
  );
  if (!terms[0]?.startsWith("'")) terms.unshift("''");
  return terms.join(' + ');
}
