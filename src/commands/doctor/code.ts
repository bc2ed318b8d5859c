import { UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { splitWords } from '../../program/words.ts';
import type { World } from '../../world.ts';
import { broken, type Check, ok, warning } from './finding.ts';
import { onPath } from './on-path.ts';

/**
 * Where the next token code would come from. A program is looked for and not run: it would ask for a touch or a
 * password, and the code that it made would be spent for nothing.
 */
export const code: Check = ({ world, chosen }) => {
  const { env } = world;
  if (env.AWSMFA_TOKEN_CODE) {
    return [
      warning(
        'AWSMFA_TOKEN_CODE is set, and is good for one session: the next one will be refused',
        'Unset it, and let awsmfa ask.',
      ),
    ];
  }
  const configured = chosen instanceof UserError ? undefined : chosen.profile.setting('mfa_process');
  const program = configured ?? setting('AWSMFA_MFA_PROCESS', world);
  if (program) return [programFinding(program.value, program.by, world)];
  const terminal = world.openTerminal();
  terminal?.close();
  if (terminal) return [ok('asked for on the terminal')];
  const dialog = dialogOf(world);
  if (dialog) return [ok(`asked for in a dialog (${dialog})`)];
  return [
    warning(
      'there is no terminal and no dialog to ask on',
      'Give it with --token-code, or name a program that makes codes in mfa_process.',
    ),
  ];
};

function setting(variable: string, { env }: World) {
  const value = env[variable];
  return value ? { value, by: variable } : undefined;
}

function programFinding(command: string, by: string, world: World) {
  const [name] = splitWords(command) ?? [];
  const source = printable(by, 100);
  if (name === undefined) {
    return broken(`${source} has a quote that is not closed`, 'Close it, or remove it.');
  }
  const [path] = onPath(name, world);
  const shown = printable(name, 100);
  return path
    ? ok(`made by ${printable(path, 200)} (${source}), which was not run`)
    : broken(
        `${source}: there is no program ${shown}`,
        `Install it, or write its whole path: ${source} = /…/${shown}`,
      );
}

/** As `mfa/` looks for one. */
function dialogOf({ env, platform }: World): string | undefined {
  if (platform === 'darwin') return 'osascript';
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined;
  return ['zenity', 'kdialog'].find((name) => onPath(name, { env, platform }).length > 0);
}
