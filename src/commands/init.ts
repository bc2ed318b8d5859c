import { join } from 'node:path';
import { usage } from '../errors.ts';
import { integrations, rcLine } from '../export/integration.ts';
import { readText } from '../files/disk.ts';
import { printable } from '../text.ts';
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
    throw usage(
      argument === undefined
        ? 'init: for which shell?'
        : `init: there is no integration for "${printable(argument, 40)}"`,
      `Name one of ${names}: awsmfa init zsh >> ~/.zshrc`,
    );
  }
  if (prints) return { stdout: readText(join(world.shellDirectory, shell.file)), exit: 0 };
  if (world.stdoutIsTerminal()) {
    ui.say(`Add this line to ${shell.rcFile}, then open a new shell:`);
  }
  return { stdout: `${rcLine(shell, world.shellDirectory)}\n`, exit: 0 };
}

/** `awsmfa unload` reaches the program only where there is no integration to unload. */
export async function unload(ui: Ui): Promise<Outcome> {
  ui.say('This shell has no integration loaded that can be taken out: nothing to do');
  return { stdout: '', exit: 0 };
}
