import { UserError } from '../errors.ts';
import { agree } from '../mfa/device-prompt.ts';
import { printable } from '../printable.ts';
import type { ProvidedProfile } from '../profile/profile.ts';
import { findCommand, start } from '../system/command.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';

/**
 * Offers to run `aws sso login` or `aws login` where the session of that command is missing or over. Without a terminal
 * nothing is offered.
 *
 * @param error what the provider of the profile said
 * @returns whether the command was run, and ended well
 */
export async function offerLogin(
  error: unknown,
  { kind, name }: ProvidedProfile,
  ui: Ui,
  world: World,
): Promise<boolean> {
  if (!(error instanceof UserError) || !/^(sso-expired|no-sso-session|login-expired)$/.test(error.code))
    return false;
  if (!ui.canOffer()) return false;
  const command = kind === 'sso' ? ['sso', 'login'] : ['login'];
  const shown = `aws ${command.join(' ')} for ${printable(name, 60)}`;
  if (!(await agree(ui, `${error.message}. Run ${shown} now?`))) return false;
  const terminal = ui.terminal();
  if (!terminal) return false;
  const [stdin, stdout] = [terminal.input as NodeJS.ReadStream, terminal.output as NodeJS.WriteStream];
  try {
    const options = { env: { ...world.env }, stdio: [stdin, stdout, stdout] };
    const { ended } = await start(findCommand('aws', world), [...command, `--profile=${name}`], options);
    return (await ended).status === 0;
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
