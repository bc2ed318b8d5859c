import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** A shell as the tests see it: how to run a script file without rc files, and the few words that differ. */
export type Shell = {
  name: string;
  command: string;
  /** Go before the script file. */
  args: readonly string[];
  /** Go instead of `args` for an interactive shell on a terminal. */
  interactive: readonly string[];
  /** The file under `shell/` that a user of this shell sources. */
  integration?: string;
  /** The variable with the status of the last command. */
  status: '$?' | '$status';
  quote(text: string): string;
  /** A command that exports a variable. Written so that neither an alias nor a function can take it over. */
  assign(name: string, value: string): string;
};

const posix = {
  status: '$?',
  quote: (text: string) => `'${text.replaceAll("'", "'\\''")}'`,
  assign: (name: string, value: string) => `\\builtin export ${name}=${posix.quote(value)}`,
} as const;

const plain = { ...posix, assign: (name: string, value: string) => `export ${name}=${posix.quote(value)}` };

const integration = (file: string) => fileURLToPath(new URL(`../../shell/${file}`, import.meta.url));

/** Every shell that the tests know, in order. */
export const shells: readonly Shell[] = [
  {
    name: 'zsh',
    command: 'zsh',
    args: ['-f'],
    interactive: ['-f', '-i'],
    integration: integration('awsmfa.zsh'),
    ...posix,
  },
  {
    name: 'bash',
    command: 'bash',
    args: ['--norc', '--noprofile'],
    interactive: ['--norc', '--noprofile', '-i'],
    integration: integration('awsmfa.bash'),
    ...posix,
  },
  {
    name: 'fish',
    command: 'fish',
    args: ['--no-config'],
    interactive: ['--no-config', '-i'],
    integration: integration('awsmfa.fish'),
    status: '$status',
    quote: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
    assign: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  },
  { name: 'dash', command: 'dash', args: [], interactive: ['-i'], ...plain },
  { name: 'busybox', command: 'busybox', args: ['sh'], interactive: ['sh', '-i'], ...plain },
];

export type IntegratedShell = Shell & { integration: string };

/** Those that have an integration. */
export const integrated = shells.filter((shell): shell is IntegratedShell => shell.integration !== undefined);

export type RunOptions = {
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** Milliseconds after which it is killed; 50 s without. */
  timeout?: number;
};
export type RunResult = {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
};

/**
 * Runs a script in a shell, without a terminal, with exactly the environment given. The script goes there as a
 * file: fish 3.6 cannot read one from the stdin that Node gives to a child.
 */
export async function run(shell: Shell, script: string, options: RunOptions): Promise<RunResult> {
  const directory = mkdtempSync(join(tmpdir(), 'awsmfa-script-'));
  try {
    const file = join(directory, 'script');
    writeFileSync(file, script);
    return await collect(shell.command, [...shell.args, file], options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs any program as `run` runs a shell: in a session of its own, hence with no terminal to ask on. It is looked
 * up on the PATH of the tests, and not on the one that it gets.
 */
export function collect(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(locate(command) ?? command, args, {
      env: { ...options.env },
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeout ?? 50_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/**
 * A test body for one shell (or any other program). Where that is missing the test fails in CI, and elsewhere
 * is skipped with a message that says what to install.
 */
export function needs(program: string | Shell, body: (context: TestContext) => unknown) {
  const command = typeof program === 'string' ? program : program.command;
  return async (context: TestContext) => {
    if (!locate(command)) missing(command, context);
    await body(context);
  };
}

/** What becomes of a test whose program is not there. */
export function missing(name: string, context: Pick<TestContext, 'skip'>): never {
  const message = `${name} is not installed`;
  if (process.env.CI) throw new Error(`${message}, and CI is set: tests are not skipped there`);
  return context.skip(message);
}

/** The path of a program on the PATH of the tests. */
export function locate(command: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, command)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
