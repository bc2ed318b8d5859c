import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { orUndefined, UserError } from '../../errors.ts';
import { runningShell, shellCalled, shells } from '../../export/dialects.ts';
import { type Integration, integrations, loadLine, rcLine } from '../../export/integration.ts';
import { readText, realPath } from '../../files/disk.ts';
import { readSharedFile } from '../../files/shared-file.ts';
import { runProgram } from '../../system/program.ts';
import { windowsCandidates } from '../../system/windows.ts';
import { printable, tilde } from '../../text.ts';
import type { Environment, World } from '../../world.ts';
import { rowFor } from '../overview.ts';
import { holdingOf, problemsOf } from '../problems.ts';
import { rcFileOf } from '../rc-file.ts';
import { type Check, type Finding, ok, warning } from './patient.ts';

/** Checks whether the shell has the shell function, and whether its version is this one. */
export const integration: Check = ({ world }) => {
  const running = runningShell(world);
  if (running === undefined) return [ok('which shell runs awsmfa cannot be seen here; --shell names it')];
  const shell = integrations.find(({ name }) => name === running);
  if (!shell) {
    const dialect = shellCalled(running);
    const instead = dialect ? `; ${shells[dialect].apply('awsmfa env')} does without` : '';
    return [ok(`there is none for ${running}${instead}`)];
  }
  const loaded = stamp(world.env.AWSMFA_INTEGRATION);
  // A shell that another one has started inherits its words, and not its functions.
  if (loaded?.shell !== shell.name) return [missing(shell, world)];
  const own = join(world.shellDirectory, shell.file);
  const shipped = shippedVersion(own, shell.name);
  const from = isSame(loaded.path, own) ? '' : `, from ${printable(loaded.path, 200)}`;
  if (shipped !== undefined && loaded.version !== shipped) {
    return [
      warning(
        `${shell.name} has the integration of version ${printable(loaded.version, 20)}${from}; this is ${shipped}`,
        from
          ? `Load this version's own file in its place: ${loadLine(shell, world.shellDirectory)}`
          : `Open a new shell, or in this one: ${loadLine(shell, world.shellDirectory)}`,
      ),
    ];
  }
  return [ok(`loaded in this ${titleOf(shell, world)}, version ${printable(loaded.version, 20)}${from}`)];
};

/** Windows has two PowerShells with profiles of their own. 7 puts its own directories into PSModulePath (about_PSModulePath). */
function titleOf({ name }: Integration, { env }: World): string {
  if (name !== 'powershell') return name;
  const is7 = env.POWERSHELL_DISTRIBUTION_CHANNEL || /[\\/]powershell[\\/]/i.test(env.PSModulePath ?? '');
  return is7 ? 'PowerShell 7' : 'Windows PowerShell 5';
}

interface Stamp {
  readonly shell: string;
  readonly version: string;
  /** As the shell was told it, perhaps relative. */
  readonly path: string;
}

/** `SHELL:VERSION:FILE`, which the shell function tells each program that it starts. */
function stamp(text = ''): Stamp | undefined {
  const [, shell, version, path] = /^(\w+):([\w.+-]+):(.*)$/s.exec(text) ?? [];
  return shell && version && path !== undefined ? { shell, version, path } : undefined;
}

/** What the file beside this program would say. */
function shippedVersion(file: string, shell: string): string | undefined {
  const text = orUndefined(() => readText(file)) ?? '';
  return new RegExp(`AWSMFA_INTEGRATION\\W+${shell}:([\\w.+-]+):`).exec(text)?.[1];
}

/** A relative path, or code that was evaluated, tells nothing. */
function isSame(loaded: string, own: string): boolean {
  return !isAbsolute(loaded) || real(loaded) === real(own);
}

function missing(shell: Integration, world: World): Finding {
  const what = `not loaded in this ${titleOf(shell, world)}: awsmfa use and awsmfa clear cannot change it`;
  const path = rcFileOf(shell, world);
  const place = path === undefined ? shell.rcFile : tilde(path, world.home);
  const text = path && orUndefined(() => readSharedFile(path));
  return text?.includes(shell.file)
    ? warning(
        `${what}; ${place} has the line`,
        `Open a new shell, or in this one: ${loadLine(shell, world.shellDirectory)} (and call awsmfa by its name, without a path)`,
      )
    : warning(what, `Run awsmfa setup, or add to ${place}: ${rcLine(shell, world.shellDirectory)}`);
}

/** Which `awsmfa` a shell finds: this one, another version, several, none. */
export const program: Check = async ({ world }) => {
  const own = join(dirname(world.shellDirectory), 'dist', 'awsmfa.cjs');
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
        'Install it as its README.md says, or add its directory to PATH.',
      ),
    ];
  }
  const shown = `${VERSION}, ${printable(first.path, 200)}`;
  if (first.version !== VERSION) return [different(first, own)];
  // A version manager's own program and the awsmfa behind it have the same version.
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
  return orUndefined(() => realPath(path)) ?? path;
}

/** Version managers put their own programs in between: only `--version` tells which awsmfa is behind one. */
async function version(path: string, own: string, { env, platform }: World): Promise<string | undefined> {
  if (real(path) === real(own)) return VERSION;
  const ran = await runProgram({
    words: [path, '--version'],
    command: `"${path}" --version`,
    env,
    platform,
    terminal: undefined,
    // A version manager, a network drive or a virus scanner can make the start of Node slow.
    seconds: 10,
    most: 1000,
  });
  return ran.ok && /^\d[\w.+-]*$/.test(ran.stdout.trim()) ? ran.stdout.trim() : undefined;
}

/** Set by the build, from package.json. */
declare const VERSION: string;

/** The programs of a name that a shell would find, in its order; of a name with a slash, that file. */
export function onPath(name: string, { env, platform }: Pick<World, 'env' | 'platform'>): readonly string[] {
  if (platform === 'win32') return windowsCandidates(name, env).filter(isExecutable);
  if (name.includes('/')) return isExecutable(name) ? [name] : [];
  const directories = (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  return directories.map((directory) => join(directory, name)).filter(isExecutable);
}

function isExecutable(path: string): boolean {
  const isFile = orUndefined(() => {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  });
  return isFile ?? false;
}

/** The Node that runs awsmfa. */
export const node: Check = ({ world: { env, platform } }) => [
  nodeFinding(process.versions.node, env, `${platform} ${process.arch}${surroundings(env, platform)}`),
];

/** Where two systems share one machine, their homes and PATHs are not the same. */
function surroundings(env: Environment, platform: string): string {
  if (platform === 'linux' && env.WSL_DISTRO_NAME) return ' in WSL, whose home is not that of Windows';
  return platform === 'win32' && env.MSYSTEM ? ' below Git Bash, whose HOME is ignored' : '';
}

/** @param version such as `20.19.1` */
export function nodeFinding(version: string, env: Environment, machine: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const shown = `Node ${version} on ${machine}`;
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    return warning(`${shown} is too old: awsmfa needs ${least.join('.')} or later`, install);
  }
  // Odd lines live half a year, and are not among those that awsmfa is tested on.
  if (major % 2 === 1) return warning(`${shown}: awsmfa is made for even versions`, install);
  // Node 20 reads it at every start, Node 22 when the first connection needs it.
  const slow = major === 20 && env.NODE_EXTRA_CA_CERTS;
  return ok(slow ? `${shown}; NODE_EXTRA_CA_CERTS makes each start some 40 ms slower with it` : shown);
}

/** `engines` in package.json. */
const least = [20, 19] as const;

const install = 'Install an even version: 22 or 24.';

/** The conflicts among variables that `status` shows. */
export const environment: Check = ({ request, world, files: read }) => {
  const files = read instanceof UserError ? undefined : read;
  const holding = holdingOf(world.env, files);
  const row = files && holding.profile ? rowFor(holding.profile, request, files, world) : undefined;
  const problems = problemsOf({
    env: world.env,
    files,
    holding,
    cached: row?.cached,
    now: world.now() / 1000,
  });
  if (problems.length === 0) return [ok('no conflict among the variables')];
  return problems.map(({ message, hint }) => warning(message, hint));
};
