import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { printable } from '../../printable.ts';
import { runProgram } from '../../system/program.ts';
import type { World } from '../../world.ts';
import { type Check, type Finding, ok, warning } from './finding.ts';
import { onPath } from './on-path.ts';

/** Which `awsmfa` a shell finds: this one, another version, several, none. */
export const program: Check = async ({ world }) => {
  const own = `${dirname(world.shellDirectory)}/dist/awsmfa.cjs`;
  const found = await Promise.all(
    distinct(onPath('awsmfa', world)).map(async (path) => ({
      path,
      version: await version(path, own, world),
    })),
  );
  const [first, ...rest] = found;
  if (!first) {
    return [
      warning(
        `${VERSION}, not on PATH: shells do not find it`,
        'Install it with npm install -g awsmfa, or add its directory to PATH.',
      ),
    ];
  }
  const shown = `${VERSION}, ${printable(first.path, 200)}`;
  if (first.version !== VERSION) return [different(first, own)];
  // The same version again is what lies behind a version manager's own program.
  const others = rest.filter((other) => other.version !== VERSION);
  if (others.length === 0) return [ok(shown)];
  const further = others.map((other) => `${printable(other.path, 200)} (${other.version ?? 'no version'})`);
  return [
    warning(`${shown}, and further on in PATH ${further.join(', ')}`, 'Remove those that you do not use.'),
  ];
};

interface Found {
  readonly path: string;
  /** Undefined when it does not say one. */
  readonly version: string | undefined;
}

function different({ path, version }: Found, own: string): Finding {
  return warning(
    `PATH finds ${printable(path, 200)} (${version ?? 'it does not say its version'}); this is ${VERSION}, ${printable(own, 200)}`,
    'Remove one of them, or put the directory of this one before it in PATH.',
  );
}

/** Directories may be in PATH twice, and links lead to the same program. */
function distinct(paths: readonly string[]): readonly string[] {
  return [...new Map([...paths].reverse().map((path) => [real(path), path])).values()].reverse();
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Version managers put programs of their own in between: only the answer tells what is behind one. */
async function version(path: string, own: string, { env, platform }: World): Promise<string | undefined> {
  if (real(path) === real(own)) return VERSION;
  const ran = await runProgram({
    words: [path, '--version'],
    command: `"${path}" --version`,
    env,
    platform,
    terminal: undefined,
    seconds: 3,
    most: 1000,
  });
  return ran.ok && /^\d[\w.+-]*$/.test(ran.stdout.trim()) ? ran.stdout.trim() : undefined;
}

/** Set by the build, from package.json. */
declare const VERSION: string;
