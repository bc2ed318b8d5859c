// Before demo, test, bench and pack: what the lock file names is installed, and dist/ and build/ are built from
// the sources as they are now.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';

const programs = ['dist/awsmfa.cjs', 'dist/aws-mfa.cjs'];
const built = [
  ...programs,
  'build/demo.cjs',
  'build/bench.cjs',
  'build/soak.cjs',
  'dist/awsmfa.1',
  'dist/completion.tsv',
  'build/edit-driver.cjs',
  'build/lock-driver.cjs',
];
const sources = [
  'package-lock.json',
  'package.json',
  'rolldown.config.js',
  'scripts',
  'shell',
  'src',
  'tools',
];
const drivers = ['test/config/edit-driver.ts', 'test/files/lock-driver.ts'];

if (!isInstalled()) {
  // npm names its own file in npm_execpath; `npm` itself is a .cmd on Windows.
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
if (Math.min(...built.map(modified)) < Math.max(...[...sources, ...drivers].flatMap(files).map(modified))) {
  // Imported here: before the lines above there may be no rolldown.
  const { build } = await import('rolldown');
  const { default: outputs } = await import('../rolldown.config.js');
  await build(outputs);
  for (const program of programs) chmodSync(program, 0o755);
  run(process.execPath, ['build/generate.cjs']);
}

/** Whether node_modules holds the versions of the lock file. npm leaves out packages for other platforms. */
function isInstalled() {
  const kept = 'node_modules/.package-lock.json';
  if (!existsSync(kept)) return false;
  const { packages: installed } = JSON.parse(readFileSync(kept, 'utf8'));
  const { packages: wanted } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (optional && !installed[path]) || installed[path]?.version === version,
  );
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
