import { dirname } from 'node:path';
import { Exit, UserError } from '../errors.ts';
import { isThere, readOwn, realPath, replaceOwn } from '../files/disk.ts';
import { printable, tilde } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';

const fileName = '.awsmfa';

/**
 * `awsmfa allow`: shells may take the profile that the nearest `.awsmfa` names, as it is now. The file `allowed` keeps
 * one line for it, the name, a tab and the directory, which the prompt hooks compare to the letter. A hash would need a
 * program; the text itself needs none, and people can read it.
 *
 * @param isRemoved take the line out again
 * @throws UserError when there is no such file, or it names no profile
 */
export async function allow({ isRemoved }: { isRemoved: boolean }, ui: Ui, world: World): Promise<Outcome> {
  const { home } = world;
  if (home === undefined) throw wrong('there is no home directory', 'Set HOME.');
  const here = workingDirectory(world.env.PWD);
  const directory = nearest(here);
  if (directory === undefined && !isRemoved) {
    throw wrong(
      `there is no ${fileName} in ${tilde(here, home)} or above`,
      `To make one: echo work > ${fileName}`,
    );
  }
  const path = `${(directory ?? here).replace(/\/$/, '')}/${fileName}`;
  const shown = tilde(path, home);
  const allowed = `${home}/.aws/awsmfa/allowed`;
  const lines = String(readOwn(allowed, 1_048_576, 0o022) ?? '')
    .split('\n')
    .filter((line) => line !== '');
  const others = lines.filter((line) => !line.endsWith(`\t${directory ?? here}`));
  if (isRemoved) {
    ui.say(others.length < lines.length ? `${shown} is allowed no more` : `${shown} was not allowed`);
  } else {
    const name = profileIn(path, shown);
    others.push(`${name}\t${directory}`);
    ui.say(`${shown} is allowed: with AWSMFA_AUTO_PROFILE=1, shells take the profile ${name} here and below`);
  }
  replaceOwn(allowed, others.map((line) => `${line}\n`).join(''));
  return { stdout: '', exit: 0 };
}

/** The directory as the shell calls it: the hooks have its name with the links that led there. */
function workingDirectory(shells: string | undefined): string {
  const real = process.cwd();
  try {
    return shells?.startsWith('/') && realPath(shells) === real ? shells : real;
  } catch {
    return real;
  }
}

function nearest(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (isThere(`${at}/${fileName}`)) return at;
    if (at === dirname(at)) return undefined;
  }
}

/** The first line. @param shown the path for people */
function profileIn(path: string, shown: string): string {
  const content = readOwn(path, 65_536);
  if (!content)
    throw wrong(`${shown} is no file of yours`, 'It must be a file, not a link, that belongs to you.');
  const text = String(content);
  const [name = ''] = text.split('\n');
  const isName = name.trim() === name && name !== '' && printable(name, 200) === name;
  if (!isName || !Buffer.from(text).equals(content)) {
    throw wrong(
      `${shown} names no profile`,
      'Its first line must be the name of a profile, and nothing else.',
    );
  }
  if (printable(path, 4096) !== path) throw wrong(`${shown}: the directory has a name that no line can hold`);
  return name;
}

function wrong(message: string, hint?: string): UserError {
  return new UserError(Exit.configuration, 'no-directory-profile', message, hint);
}
