import { type ShellDialect, statements, unwritable } from '../dialect.ts';

/**
 * The Windows command prompt. A line must mean the same in a batch file, where `%` is expanded, and in
 * `for /f "tokens=1*" %a in ('awsmfa env') do @set %b`, where it is not; and with delayed expansion, which expands `!`.
 * Other values are refused. Between quotes cmd takes everything else literally.
 */
export const cmd: ShellDialect = {
  kind: 'code',
  render: (change) =>
    statements(change, {
      unset: (name) => `set "${name}="\r\n`,
      set: (name, value) => `set "${name}=${checked(name, value)}"\r\n`,
    }),
  // A builtin that sets ERRORLEVEL to 1, since no variable has this name. `exit` would end the user's own script.
  failure: 'set AWSMFA_FAILED\r\n',
  apply: (command) => `for /f "tokens=1*" %a in ('${command}') do @set %b`,
};

function checked(name: string, value: string): string {
  const reason = reasonAgainst(name, value);
  if (reason !== undefined) throw unwritable(name, 'cmd', reason);
  return value;
}

function reasonAgainst(name: string, value: string): string | undefined {
  if (/[\0-\x1f\x7f]/.test(value)) return 'it has a line break or another control character';
  if (/[^\x20-\x7e]/.test(value)) return 'it has a character outside ASCII, which depends on the code page';
  const [special] = /["%!]/.exec(value) ?? [];
  if (special) return `it has ${special}`;
  // A line of cmd has at most 8191 characters.
  return name.length + value.length < 8000 ? undefined : 'it is longer than a line of cmd';
}
