import { spawnSync } from 'node:child_process';
import type { Ground } from './chapter.ts';
import { limited, type Row, told } from './table.ts';

/** The size of what `npm publish` would send. It has been built already: the scripts of the package stay out. */
export function packed({ project }: Ground): Row {
  // Started by npm, npm's own file is named in npm_execpath.
  const npm = process.env.npm_execpath;
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const [command, all] = npm ? [process.execPath, [npm, ...args]] : ['npm', args];
  const { stdout, error } = spawnSync(command, all, { cwd: project, encoding: 'utf8' });
  if (error) return told('packed npm package', '–', 'left out: npm is not on PATH');
  try {
    // A list, or by name, depending on the version of npm.
    const [{ size, unpackedSize, entryCount }] = Object.values(JSON.parse(stdout)) as [Packed];
    const from = `${entryCount} files, ${(unpackedSize / 1e6).toFixed(2)} MB unpacked`;
    return limited('packed npm package', size / 1e6, 1, 'MB', from);
  } catch {
    throw new Error(`npm pack said nothing usable: ${stdout.slice(0, 200)}`);
  }
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}
