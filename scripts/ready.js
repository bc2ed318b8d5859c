// Before demo, test, bench and pack: what the lock file names is installed, and dist/ and build/ are built from
// the sources as they are now.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';

const programs = ['dist/awsmfa.cjs', 'dist/aws-mfa.cjs'];
const built = [...programs, 'build/demo.cjs', 'build/bench.cjs'];
const sources = ['package-lock.json', 'rolldown.config.js', 'scripts', 'src', 'tools'];

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // Started by npm, its own file is named in npm_execpath; `npm` itself is a .cmd on Windows.
  const npm = process.env.npm_execpath;
  // `npm install --global .` hands its own settings on to this npm: they are not about the project.
  const args = [
    'ci',
    '--no-global',
    '--location=project',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  console.error('Installing what package-lock.json names…');
  run(npm ? process.execPath : 'npm', npm ? [npm, ...args] : args);
}
if (Math.min(...built.map(modified)) < Math.max(...sources.flatMap(files).map(modified))) {
  // Imported here: before the lines above there may be no rolldown.
  const { build } = await import('rolldown');
  const { default: outputs } = await import('../rolldown.config.js');
  await build(outputs);
  for (const program of programs) chmodSync(program, 0o755);
}

function files(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => files(`${path}/${name}`));
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// Everything they say goes to stderr: the stdout of `npm pack --json` and of the demo is its own.
function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
