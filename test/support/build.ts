import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Before the first test of a run: `dist` and `build` are made from the sources as they are now. */
export function setup(): void {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const { status } = spawnSync(process.execPath, ['scripts/ready.js'], { cwd: project, stdio: 'inherit' });
  if (status !== 0) throw new Error('There is no build to test.');
}
