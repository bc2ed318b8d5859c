// Before demo, test, bench and pack: what the lock file names is installed, and dist/ and build/ are built from
// the sources as they are now. Building takes half a second, so that nothing here guesses what has changed.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // Started by npm, its own file is named in npm_execpath; `npm` itself is a .cmd on Windows.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  console.error('Installing what package-lock.json names…');
  run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args);
}
run(process.execPath, [
  'node_modules/rolldown/bin/cli.mjs',
  '--config',
  'rolldown.config.js',
  '--log-level',
  'silent',
]);

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// Everything they say goes to stderr: the stdout of `npm pack --json` and of the demo is its own.
function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
