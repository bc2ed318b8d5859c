import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { World } from '../../world.ts';

/** The programs of a name that a shell would find, in its order; of a name with a slash, that file. */
export function onPath(name: string, { env, platform }: Pick<World, 'env' | 'platform'>): readonly string[] {
  if (name.includes('/')) return isExecutable(name) ? [name] : [];
  const endings = platform === 'win32' ? ['.cmd', '.exe', '.bat', ''] : [''];
  const directories = (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  return directories
    .flatMap((directory) => endings.map((ending) => join(directory, name + ending)))
    .filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
