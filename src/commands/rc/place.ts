import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Integration } from '../../export/integration.ts';
import type { World } from '../../world.ts';

/**
 * The rc file that a new interactive shell reads; undefined where there is no home. bash on macOS is the exception to
 * one file a shell: its terminals open login shells, which read the first of three files (bash(1), "INVOCATION") and
 * `.bashrc` only when that says so.
 */
export function rcFileOf({ name }: Pick<Integration, 'name'>, world: World): string | undefined {
  const { env, home } = world;
  switch (name) {
    case 'zsh':
      return under(env.ZDOTDIR || home, '.zshrc');
    case 'fish':
      return under(env.XDG_CONFIG_HOME || under(home, '.config'), 'fish/config.fish');
    default:
      return home && (world.platform === 'darwin' ? loginFile(home) : join(home, '.bashrc'));
  }
}

/** Every file that `setup` may have written to. */
export function allRcFiles(integrations: readonly Integration[], world: World): readonly string[] {
  const { home } = world;
  const files = integrations.map((integration) => rcFileOf(integration, world));
  const bash = home === undefined ? [] : ['.bashrc', ...loginFiles].map((file) => join(home, file));
  return [...new Set([...files, ...bash])].filter((file) => file !== undefined);
}

const loginFiles = ['.bash_profile', '.bash_login', '.profile'] as const;

/** A new `.bash_profile` would hide a `.profile` that is there. */
function loginFile(home: string): string {
  const file = loginFiles.map((name) => join(home, name)).find(isThere) ?? join(home, '.bash_profile');
  return /^[^#\n]*\.bashrc/m.test(textOf(file)) ? join(home, '.bashrc') : file;
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function under(directory: string | undefined, file: string): string | undefined {
  return directory && join(directory, file);
}
