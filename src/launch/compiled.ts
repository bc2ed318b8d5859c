import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { readOwn } from '../files/disk.ts';
import { cacheDirectory } from '../session/cache.ts';
import type { Environment } from '../world.ts';

/** The program behind the launcher. */
export interface Core {
  readonly path: string;
  readonly source: string;
  /** What tells one build from another: an installed one by its version, one in a clone by its time. */
  readonly build: string;
}

export function readCore(directory: string): Core {
  const path = `${directory}/core.cjs`;
  const { size, mtimeMs } = statSync(path);
  // The build leaves nothing but ASCII in it.
  return { path, source: readFileSync(path, 'latin1'), build: `${VERSION}-${size}-${Math.floor(mtimeMs)}` };
}

/** Set by the build, from package.json. */
declare const VERSION: string;

/**
 * Where the compiled program is kept: beside the sessions, because nothing there is anybody else's. Undefined for a user
 * without a home, and for a directory that is named from where he stands. V8 refuses by itself what another version of it,
 * or one with other flags, has made.
 */
export function compiledPath({ build }: Core, env: Environment): string | undefined {
  const directory = cacheDirectory(env, env.HOME || env.USERPROFILE);
  // Relative, it would be another one in each directory, and what a hostile clone brings along is the user's own file.
  if (!directory || !isAbsolute(directory)) return undefined;
  return `${directory}/code-${build}-${process.version}-${process.arch}.bin`;
}

/**
 * Undefined for what is not there, not whole, or not for the user alone. V8 trusts what it is given: one bit that has
 * flipped, and it may never end. A checksum would take longer to load than it spares, so the code is there twice.
 */
export function readCompiled(path: string): Buffer | undefined {
  const twice = readOwn(path, 8 * 1024 * 1024, 0o077);
  if (!twice) return undefined;
  const half = twice.length / 2;
  const once = twice.subarray(0, half);
  return half > 0 && once.equals(twice.subarray(half)) ? once : undefined;
}
