import { spawn } from 'node:child_process';
import type { Options, Result } from 'execa';
import type { Secret } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import type { Environment, Terminal, World } from '../world.ts';
import { isFile } from './command.ts';
import { endTree } from './processes.ts';
import { cancelled, onInterruption } from './signals.ts';
import { systemProgram, windowsCandidates } from './windows.ts';

export interface Program {
  readonly words: readonly string[];
  /** The same command as one text, for Windows. */
  readonly command: string;
  readonly env: Environment;
  readonly platform: string;
  /** Its stdin and stderr. Without one, stdin is empty and stderr is lost. */
  readonly terminal: Terminal | undefined;
  /** Time limit. */
  readonly seconds: number;
  /** Output limit, in bytes. */
  readonly most: number;
  /** Text for its stdin, in place of the terminal. A secret goes this way, because argv is public. */
  readonly input?: Secret;
  /** True to start `words` as they are on Windows too, without a shell: for a program that is known to be an .exe. */
  readonly direct?: boolean;
}

export type Ran =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly reason: 'too-slow' | 'too-much' }
  /** awsmfa was interrupted. */
  | { readonly ok: false; readonly reason: 'interrupted'; readonly why: UserError }
  /** `code` of the file system, such as ENOENT. */
  | { readonly ok: false; readonly reason: 'cannot-start'; readonly code: string }
  /** `status` is undefined when a signal ended it. */
  | {
      readonly ok: false;
      readonly reason: 'failed';
      readonly status: number | undefined;
      readonly signal: string | undefined;
    };

/**
 * Runs a program and captures its stdout. A program that is too slow or prints too much is ended with its descendants, and
 * so is a running one when a signal ends awsmfa. It stays in awsmfa's process group, or it could not read the terminal.
 *
 * execa starts it and limits its output. Its own time limit and signals (`timeout`, `cancelSignal`, `killSignal`) end the
 * program without the processes that it started, and execa would wait for everything that has the program's stdout.
 */
export async function runProgram(program: Program): Promise<Ran> {
  const { execa } = await import('execa');
  let stop = (_ran: Ran) => {};
  let timer: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;
  // Listen before the program starts, or a signal in between would leave it running.
  const stopListening = onInterruption((why) => stop({ ok: false, reason: 'interrupted', why }));
  try {
    const child = execa(...commandOf(program), optionsOf(program));
    const { pid, stdout } = child;
    let isStopped = false;
    let hasExited = false;
    const stopped = new Promise<Ran>((settle) => {
      stop = (ran) => {
        if (isStopped || pid === undefined) return;
        isStopped = true;
        settle(endTree(pid, program.platform).then(() => ran));
      };
    });
    timer = setTimeout(() => stop({ ok: false, reason: 'too-slow' }), program.seconds * 1000);
    // execa destroys stdout when the program has printed too much.
    stdout?.once('close', () => {
      if (!stdout.readableEnded && !hasExited) stop({ ok: false, reason: 'too-much' });
    });
    child.once('exit', () => {
      hasExited = true;
      // A descendant that still runs may keep stdout open for ever.
      grace = setTimeout(() => stdout?.destroy(), 1000);
    });
    // A program of another user (sudo) cannot be ended, and execa would wait for it.
    const ran = await Promise.race([
      stopped,
      child.then((result) => (isStopped ? stopped : ranOf(result, pid))),
    ]);
    stdout?.destroy();
    return ran;
  } catch {
    // execa's error contains the command line.
    return { ok: false, reason: 'cannot-start', code: 'ERR_INVALID_ARG_VALUE' };
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    stopListening();
  }
}

/**
 * On Windows, Node starts a .cmd file only through a shell, which parses the command itself. A program that is started
 * directly is searched in PATH here: Windows would search the current directory first, and key stores are given secrets.
 */
function commandOf({ words: [file = '', ...args], ...program }: Program): [string, readonly string[]] {
  if (usesShell(program)) return [program.command, []];
  if (program.platform !== 'win32') return [file, args];
  return [windowsCandidates(file, program.env).find(isFile) ?? systemProgram(file, program.env), args];
}

function usesShell({ platform, direct }: Pick<Program, 'platform' | 'direct'>): boolean {
  return platform === 'win32' && !direct;
}

function optionsOf(program: Program) {
  const { env, terminal, most, input } = program;
  return {
    // cmd looks into the current directory for a program, unless this variable is set.
    env: usesShell(program) ? { ...env, NoDefaultCurrentDirectoryInExePath: '1' } : env,
    extendEnv: false,
    cwd: workingDirectory(),
    shell: usesShell(program),
    stdio: [
      input === undefined ? ((terminal?.input as NodeJS.ReadStream | undefined) ?? 'ignore') : 'pipe',
      'pipe',
      (terminal?.output as NodeJS.WriteStream | undefined) ?? 'ignore',
    ],
    ...(input && { input: input.reveal() }),
    // In bytes, with this encoding.
    maxBuffer: most,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    // onInterruption ends the program with everything that it started.
    cleanup: false,
    // NODE_DEBUG=execa would show what the program prints.
    verbose: 'none',
  } as const satisfies Options;
}

/** execa refuses to start a program from a directory that has been removed. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** execa's error contains the command line and the output of the program, so take only plain facts from it. */
function ranOf(result: Result<ReturnType<typeof optionsOf>>, pid: number | undefined): Ran {
  const { exitCode, signal } = result;
  if (pid === undefined) return { ok: false, reason: 'cannot-start', code: result.code ?? 'unknown reason' };
  if (result.isMaxBuffer) return { ok: false, reason: 'too-much' };
  // A program that ends without reading its stdin is judged by its exit status alone.
  if (exitCode === 0) return { ok: true, stdout: Buffer.from(result.stdout ?? []).toString('utf8') };
  // Ctrl-C on the terminal reaches both, in any order.
  if (signal === 'SIGINT') return { ok: false, reason: 'interrupted', why: cancelled() };
  return { ok: false, reason: 'failed', status: exitCode, signal };
}

/** The program of the system that opens an address. */
export interface Opener {
  /** Becomes false when the opener fails, and never settles otherwise. */
  readonly failed: Promise<false>;
}

/**
 * Opens an address with the opener of the system, and does not wait for the browser. The address is in the opener's argv:
 * it must not be a secret.
 *
 * @throws UserError when there is no opener
 */
export async function openUrl(
  url: string,
  { platform, env }: Pick<World, 'platform' | 'env'>,
): Promise<Opener> {
  const [program, ...args] = openerOf(platform, env);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, url], {
      env: { ...env },
      stdio: 'ignore',
      detached: true,
      windowsHide: true,
    });
    child.once('error', () =>
      reject(
        new UserError(
          Exit.failed,
          'no-browser',
          `There is no ${program} that could open a browser`,
          'Add --print to print the address, and open it yourself.',
        ),
      ),
    );
    const failed = new Promise<false>((fail) => {
      // The exit status of rundll32 means nothing.
      child.once('exit', (status) => status !== 0 && platform !== 'win32' && fail(false));
    });
    child.once('spawn', () => {
      child.unref();
      resolve({ failed });
    });
  });
}

function openerOf(platform: string, env: World['env']): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return [systemProgram('rundll32.exe', env), 'url.dll,FileProtocolHandler'];
  return env.WSL_DISTRO_NAME ? ['wslview'] : ['xdg-open'];
}
