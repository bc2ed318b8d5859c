import { isAbsolute, join } from 'node:path';
import { runningShell, shellCalled, shells } from '../../export/dialects.ts';
import { type Integration, integrations, loadLine } from '../../export/integration.ts';
import { readText, realPath } from '../../files/disk.ts';
import { readSharedFile } from '../../files/shared-file.ts';
import { printable, tilde } from '../../printable.ts';
import type { World } from '../../world.ts';
import { rcFileOf } from '../rc-file.ts';
import { type Check, type Finding, ok, warning } from './finding.ts';

/** Whether the shell that asks has the shell function, and whether that is the one of this version. */
export const integration: Check = ({ world }) => {
  const running = runningShell(world);
  if (running === undefined) return [ok('which shell runs awsmfa cannot be seen here; --shell names it')];
  const shell = integrations.find(({ name }) => name === running);
  if (!shell) {
    const dialect = shellCalled(running);
    const instead = dialect ? `; ${shells[dialect].apply('awsmfa env')} does without` : '';
    return [ok(`there is none for ${running}${instead}`)];
  }
  const loaded = stamp(world.env.AWSMFA_INTEGRATION);
  // A shell that another one has started inherits its words, and not its functions.
  if (loaded?.shell !== shell.name) return [missing(shell, world)];
  const own = join(world.shellDirectory, shell.file);
  const shipped = shippedVersion(own, shell.name);
  const from = isSame(loaded.path, own) ? '' : `, from ${printable(loaded.path, 200)}`;
  if (shipped !== undefined && loaded.version !== shipped) {
    return [
      warning(
        `${shell.name} has the integration of version ${printable(loaded.version, 20)}${from}; this is ${shipped}`,
        from
          ? `Load this version's own file in its place: ${loadLine(shell, world.shellDirectory)}`
          : `Open a new shell, or in this one: ${loadLine(shell, world.shellDirectory)}`,
      ),
    ];
  }
  return [ok(`loaded in this ${titleOf(shell, world)}, version ${printable(loaded.version, 20)}${from}`)];
};

/** Windows has two PowerShells with profiles of their own. 7 puts its own directories into PSModulePath (about_PSModulePath). */
function titleOf({ name }: Integration, { env }: World): string {
  if (name !== 'powershell') return name;
  const is7 = env.POWERSHELL_DISTRIBUTION_CHANNEL || /[\\/]powershell[\\/]/i.test(env.PSModulePath ?? '');
  return is7 ? 'PowerShell 7' : 'Windows PowerShell 5';
}

interface Stamp {
  readonly shell: string;
  readonly version: string;
  /** As the shell was told it, perhaps relative. */
  readonly path: string;
}

/** `SHELL:VERSION:FILE`, which the shell function tells each program that it starts. */
function stamp(text = ''): Stamp | undefined {
  const [, shell, version, path] = /^(\w+):([\w.+-]+):(.*)$/s.exec(text) ?? [];
  return shell && version && path !== undefined ? { shell, version, path } : undefined;
}

/** What the file beside this program would say. */
function shippedVersion(file: string, shell: string): string | undefined {
  try {
    return new RegExp(`AWSMFA_INTEGRATION\\W+${shell}:([\\w.+-]+):`).exec(readText(file))?.[1];
  } catch {
    return undefined;
  }
}

/** A path that depends on where the user stood, or code that was evaluated, tells nothing. */
function isSame(loaded: string, own: string): boolean {
  if (!isAbsolute(loaded)) return true;
  try {
    return realPath(loaded) === realPath(own);
  } catch {
    return loaded === own;
  }
}

function missing(shell: Integration, world: World): Finding {
  const line = loadLine(shell, world.shellDirectory);
  const what = `not loaded in this ${titleOf(shell, world)}: awsmfa use and awsmfa clear cannot change it`;
  const path = rcFileOf(shell, world);
  const place = path === undefined ? shell.rcFile : tilde(path, world.home);
  return namesIt(path, shell)
    ? warning(
        `${what}; ${place} has the line`,
        `Open a new shell, or in this one: ${line} (and call awsmfa by its name, without a path)`,
      )
    : warning(what, `Run awsmfa setup, or add to ${place}: ${line}`);
}

function namesIt(path: string | undefined, { file }: Integration): boolean {
  try {
    return path !== undefined && (readSharedFile(path)?.includes(file) ?? false);
  } catch {
    return false;
  }
}
