import { UserError } from '../../errors.ts';
import { codeProgram } from '../../mfa/program.ts';
import { tokenSource } from '../../mfa/sources.ts';
import { printable } from '../../printable.ts';
import type { Setting } from '../../request.ts';
import { needsShell, splitWords } from '../../system/words.ts';
import type { World } from '../../world.ts';
import { broken, type Check, type Finding, failed, ok, warning } from './finding.ts';
import { nobody } from './nobody.ts';
import { onPath } from './on-path.ts';
import { attempt } from './patient.ts';

/**
 * Where the next token code would come from. A program is looked for and not run: it would ask for a touch or a
 * password, and the code that it made would be spent for nothing.
 */
export const code: Check = ({ request, ui, world, chosen }) => {
  const profile = chosen instanceof UserError ? nobody : chosen.profile;
  const source = attempt(() => tokenSource({ code: request.code, ui, world, profile }));
  if (source instanceof UserError) return [failed(source, 'warning')];
  if (source.kind === 'fixed') {
    return [
      warning(
        `${source.name} is set, and a code is good for one session: the next one will be refused`,
        'Unset it, and let awsmfa ask.',
      ),
    ];
  }
  if (source.kind === 'program')
    return [programFinding(codeProgram(request.code, profile) as Setting, world)];
  if (source.name === 'the terminal') return [ok('asked for on the terminal')];
  const dialog = ['osascript', 'zenity', 'kdialog'].find((name) => onPath(name, world).length > 0);
  return [
    dialog
      ? ok(`asked for in a dialog of ${dialog}`)
      : warning(
          'there is no terminal to ask on, and no program that could show a dialog',
          'Install zenity or kdialog, or name a program that prints codes in mfa_process.',
        ),
  ];
};

function programFinding({ value, by }: Setting, world: World): Finding {
  const source = printable(by, 100);
  if (world.platform !== 'win32' && needsShell(value))
    return ok(`made by a shell command (${source}), not run here`);
  const [name] = splitWords(value) ?? [];
  if (name === undefined) return broken(`${source} has a quote that is not closed`, 'Close it.');
  const [path] = onPath(name, world);
  const shown = printable(name, 100);
  return path
    ? ok(`made by ${printable(path, 200)} (${source}), not run here`)
    : broken(`${source}: there is no program ${shown}`, 'Install it, or write its whole path.');
}
