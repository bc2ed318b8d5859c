import { Exit } from '../errors.ts';
import type { Profile, Setting } from '../profile/profile.ts';
import type { CodeRequest } from '../request.ts';
import type { ConfiguredProgram } from '../system/configured.ts';
import { ofProfile } from './device.ts';
import type { Asking, TokenSource } from './source.ts';
import { compact, isCode, sizeOf } from './source.ts';

/**
 * The command that prints token codes: `AWSMFA_MFA_PROCESS`, else aws-vault's `mfa_process` of the profile or of the
 * profiles it gets its credentials from.
 */
export function codeProgram({ program }: CodeRequest, profile: Profile): Setting | undefined {
  return program ?? ofProfile(profile, 'mfa_process');
}

/** Whether a token code is available without asking a person. */
export function hasCode(code: CodeRequest, profile: Profile): boolean {
  return (code.fromStdin ?? code.given) !== undefined || codeProgram(code, profile) !== undefined;
}

/**
 * `mfa_process`: a program that prints the code. aws-vault runs every command with `/bin/sh -c`; awsmfa uses a shell only
 * for a command that is more than words.
 */
export function fromProgram({ code, world, profile }: Asking): TokenSource | undefined {
  const setting = codeProgram(code, profile);
  if (!setting) return undefined;
  const name = setting.by.replace(/^mfa_process/, 'the $&');
  return {
    name,
    kind: 'program',
    read: async ({ profile, serialNumber }) => {
      const program: ConfiguredProgram = {
        command: setting.value,
        subject: name.replace(/^the/, 'The'),
        code: 'mfa-process',
        shell: true,
        env: { AWSMFA_MFA_PROFILE: profile, AWSMFA_MFA_SERIAL: serialNumber },
      };
      const { failed, outputOf } = await import('../system/configured.ts');
      const stdout = await outputOf(program, world);
      const found = codeIn(stdout);
      if (found.code !== undefined) return found.code;
      throw failed(
        Exit.refused,
        program,
        `printed ${found.instead} instead of six digits`,
        'It must print the code that the device shows now, and nothing else on stdout.',
      );
    },
  };
}

/** The code, or a description of other output. Windows PowerShell prints a byte order mark first. */
function codeIn(stdout: string): { readonly code?: string; readonly instead: string } {
  const text = stdout.replace(/^\ufeff/, '').trim();
  const code = /[\r\n]/.test(text) ? text : compact(text);
  if (isCode(code)) return { code, instead: '' };
  const lines = text.split(/\r?\n/).length;
  return { instead: text === '' ? 'nothing' : lines > 1 ? `${lines} lines` : sizeOf(code) };
}
