import { type ChildProcess, spawn } from 'node:child_process';
import type { UserError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { Environment, Terminal } from '../world.ts';
import { endTree } from './processes.ts';
import { cancelled, onInterruption } from './signals.ts';

export interface Program {
  readonly words: readonly string[];
  /** The same command as it stands, for Windows. */
  readonly command: string;
  readonly env: Environment;
  readonly platform: string;
  /** Where it may ask and say something; without one its stdin is empty and its stderr is lost. */
  readonly terminal: Terminal | undefined;
  /** How long it may take. */
  readonly seconds: number;
  /** How much it may print, in bytes. */
  readonly most: number;
  /** Text for its stdin, in place of the terminal. A secret goes this way, because argv is public. */
  readonly input?: Secret;
  /** True to start `words` as they are on Windows too, without a shell: for a program that is known to be an .exe. */
  readonly direct?: boolean;
}

export type Ran =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly reason: 'too-slow' | 'too-much' }
  /** Not the program was, but awsmfa. */
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
 * Runs a program and takes what it prints. One that is too slow or prints too much is ended, with all that it
 * started; so is one that runs when awsmfa is told to end. It stays in awsmfa's process group: in another one it could
 * not ask on the terminal.
 */
export function runProgram(program: Program): Promise<Ran> {
  const { seconds, most } = program;
  return new Promise((settle) => {
    let child: ChildProcess;
    const chunks: Buffer[] = [];
    let length = 0;
    let stopped = false;
    const timers: NodeJS.Timeout[] = [];
    const done = (ran: Ran) => {
      for (const timer of timers) clearTimeout(timer);
      stopListening();
      child.stdout?.destroy();
      settle(ran);
    };
    const stop = async (ran: Ran) => {
      if (stopped) return;
      stopped = true;
      if (child.pid !== undefined) await endTree(child.pid, program.platform);
      done(ran);
    };
    // Before there is a program: a signal that comes in between would leave it behind.
    const stopListening = onInterruption((why) => stop({ ok: false, reason: 'interrupted', why }));
    try {
      child = start(program);
    } catch (error) {
      stopListening();
      settle(cannotStart(error));
      return;
    }
    const end = (status: number | null, signal: string | null) => {
      if (stopped) return;
      if (status === 0) done({ ok: true, stdout: Buffer.concat(chunks).toString('utf8') });
      // Ctrl-C on the terminal reaches both, in any order.
      else if (signal === 'SIGINT') done({ ok: false, reason: 'interrupted', why: cancelled() });
      else done({ ok: false, reason: 'failed', status: status ?? undefined, signal: signal ?? undefined });
    };

    timers.push(setTimeout(() => stop({ ok: false, reason: 'too-slow' }), seconds * 1000));
    child.stdout?.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > most) stop({ ok: false, reason: 'too-much' });
      else chunks.push(chunk);
    });
    child.on('error', (error) => done(cannotStart(error)));
    // A program that ends without reading its stdin is judged by its exit status alone.
    child.stdin?.on('error', () => {});
    child.stdin?.end(program.input?.reveal());
    child.on('close', end);
    // Something that it left running may keep its stdout open for good.
    child.on('exit', (status, signal) => timers.push(setTimeout(() => end(status, signal), 1000)));
  });
}

/** Node starts no .cmd file on Windows but through its shell, which reads the command itself. */
function start({ words, command, env, platform, terminal, input, direct }: Program): ChildProcess {
  const stdio = [
    input === undefined ? ((terminal?.input as NodeJS.ReadStream | undefined) ?? 'ignore') : 'pipe',
    'pipe',
    (terminal?.output as NodeJS.WriteStream | undefined) ?? 'ignore',
  ] as const;
  const options = { env: { ...env }, stdio: [...stdio], windowsHide: true };
  if (platform === 'win32' && !direct) return spawn(command, { ...options, shell: true });
  const [file = '', ...args] = words;
  return spawn(file, args, options);
}

function cannotStart(error: unknown): Ran {
  return {
    ok: false,
    reason: 'cannot-start',
    code: (error as NodeJS.ErrnoException).code ?? 'unknown reason',
  };
}
