import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { SessionRequest } from '../request.ts';
import type { Ui } from '../ui.ts';

/**
 * Inside a scope, awsmfa gives out nothing wider from its cache. This is for honest programs: a program that takes the
 * variable away is not stopped.
 *
 * @param held the scope that the environment is in (`AWSMFA_SCOPE`)
 * @throws UserError refused; cannotAsk, where `--scope none` has nobody to confirm it
 */
export async function checkScope(
  held: string,
  { scope, isUnscoped }: SessionRequest,
  profile: string,
  ui: Ui,
): Promise<void> {
  if (scope?.name === held) return;
  const shown = printable(held, 100);
  const whole = `a whole session of ${printable(profile, 60)}`;
  if (!isUnscoped) {
    throw new UserError(
      Exit.refused,
      'scoped',
      `The credentials here are narrowed to ${shown}, and awsmfa gives out no others inside of that`,
      `On a terminal, --scope none asks whether you want ${whole}; or run it in another shell.`,
    );
  }
  if (!ui.canAsk()) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `${whole} inside the scope ${shown} needs a yes of yours, and ${ui.whyNot}`,
      'Run it in a shell outside of the scope.',
    );
  }
  const { agree } = await import('../mfa/questions.ts');
  if (await agree(ui, `Scope ${shown} narrows the credentials here. Get ${whole}?`, false)) return;
  throw new UserError(Exit.refused, 'scoped', `The credentials stay narrowed to ${shown}`);
}
