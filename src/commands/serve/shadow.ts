import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { resolveProfile } from '../../profile/resolve.ts';

import type { Environment, World } from '../../world.ts';

/** What programs find before they ask a server: the profile `default`, which every SDK looks at first. */
export interface Shadow {
  readonly file: 'config' | 'credentials';
  readonly path: string;
}

/** Undefined where nothing stands between a program and a server; the files are those that the program would read. */
export function shadowing(world: World): Shadow | undefined {
  const files = loadSharedFiles(world);
  if (!hasDefault(files, world.env)) return undefined;
  const env = { ...world.env, AWS_SHARED_CREDENTIALS_FILE: nothing(world) };
  return hasDefault(loadSharedFiles({ ...world, env }), env)
    ? { file: 'config', path: files.configPath }
    : { file: 'credentials', path: files.credentialsPath };
}

/** A shared file without profiles, for every program. */
export function nothing({ platform }: World): string {
  return platform === 'win32' ? 'NUL' : '/dev/null';
}

function hasDefault(files: SharedFiles, env: Environment): boolean {
  try {
    resolveProfile({ name: 'default', by: 'every SDK' }, files, env);
    return true;
  } catch {
    return false;
  }
}
