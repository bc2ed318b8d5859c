import { readFileSync } from 'node:fs';
import { Exit, UserError } from '../errors.ts';
import { integrations, rcLine } from '../export/integration.ts';
import { printable } from '../printable.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';

/** `awsmfa init SHELL`: the line for the rc file, or the integration itself. @param argument the shell */
export async function init(
  argument: string | undefined,
  prints: boolean,
  ui: Ui,
  world: World,
): Promise<Outcome> {
  const shell = integrations.find(({ name }) => name === argument);
  if (!shell) {
    const names = integrations.map(({ name }) => name).join(', ');
    throw new UserError(
      Exit.usage,
      'usage',
      argument === undefined
        ? 'init: for which shell?'
        : `init: there is no integration for "${printable(argument, 40)}"`,
      `Name one of ${names}: awsmfa init zsh >> ~/.zshrc`,
    );
  }
  if (prints) return { stdout: readFileSync(`${world.shellDirectory}/${shell.file}`, 'utf8'), exit: 0 };
  if (world.stdoutIsTerminal()) {
    ui.say(`Add this line to ${shell.rcFile}, then open a new shell:`);
  }
  return { stdout: `${rcLine(shell, world.shellDirectory)}\n`, exit: 0 };
}
