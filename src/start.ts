import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';

/**
 * The program's first file. It prepares the compile cache and loads `core.cjs`.
 */

// Without a listener, Node answers SIGUSR1 by opening its debugger to every local user.
process.on('SIGUSR1', () => {});

// Node 22.8 and later. Node checks the files there, and compiles again if one is damaged or of another version.
const { enableCompileCache } = process.getBuiltinModule('node:module') as {
  enableCompileCache?: (directory: string) => unknown;
};
const cache = enableCompileCache && ownCacheDirectory();
if (cache !== undefined) enableCompileCache?.(cache);

require('./core.cjs');

/**
 * A directory for compiled code, which Node runs without comparing its source: absolute, not a link, and private. It ignores
 * AWSMFA_CACHE_DIR, which the settings of a project may contain. Undefined if there can be none.
 */
function ownCacheDirectory(): string | undefined {
  const { HOME, LOCALAPPDATA, XDG_CACHE_HOME = '' } = process.env;
  const home = process.platform === 'darwin' ? `${HOME}/Library/Caches` : `${HOME}/.cache`;
  const ofPlatform =
    process.platform === 'win32' ? LOCALAPPDATA : isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : home;
  if (!ofPlatform || !isAbsolute(ofPlatform)) return undefined;
  const directory = `${ofPlatform}/awsmfa`;
  try {
    const stat = lstatSync(directory, { throwIfNoEntry: false }) ?? make(directory);
    const isOwn = stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
    return stat.isDirectory() && (isOwn || process.platform === 'win32') ? directory : undefined;
  } catch {
    return undefined;
  }
}

function make(directory: string) {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
  mkdirSync(directory, { mode: 0o700 });
  return lstatSync(directory);
}
