import { Exit, UserError } from '../errors.ts';
import { inTurn, runtimeDirectory } from '../files/lock.ts';
import { isBackground, isRunning, isStopped, ownTerminal } from '../system/processes.ts';
import { cancelled, hungUp, onInterruption } from '../system/signals.ts';
import type { Ui } from '../ui.ts';

interface Context {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

let hasTurn = false;

/**
 * Asks on the controlling terminal when no other awsmfa asks there: two prompts at once would share the keys that are
 * typed. The prompt is not on stdout, which a shell evaluates. The modes of the terminal are restored in every case.
 *
 * @throws UserError interrupted for Ctrl-C and Ctrl-D, or as a signal has it; cannotAsk when the other prompt stays open for two minutes
 */
export async function onTerminal<T>(
  ui: Pick<Ui, 'terminal'>,
  ask: (context: Context) => Promise<T>,
): Promise<T> {
  const name = ownTerminal();
  const directory = name === undefined || hasTurn ? undefined : runtimeDirectory();
  if (name === undefined || directory === undefined) return askNow(ui, ask);
  let before: number | undefined;
  const askInTurn = async () => {
    hasTurn = true;
    try {
      if (before !== undefined) await untilEnded(before);
      return await askNow(ui, ask);
    } finally {
      hasTurn = false;
    }
  };
  const tooLong = async () => {
    const other = before === undefined ? 'another awsmfa' : `another awsmfa (process ${before})`;
    const why = `${other} has been asking on this terminal for two minutes`;
    throw new UserError(Exit.cannotAsk, 'cannot-ask', why, 'Answer it there, or cancel it with Ctrl-C.');
  };
  const waiting = {
    self: () => ({ pid: process.pid, command: '', terminal: name, hasCode: false }),
    isStopped,
    isForPerson: true,
    onHolder: ({ pid }: { readonly pid: number }) => {
      before = pid;
    },
  };
  const prefix = `terminal-${name.replace(/\W/g, '-')}-`;
  return inTurn(directory, prefix, askInTurn, () => {}, waiting, tooLong);
}

/** Waits for the end of a process, which restores the terminal and would show the code here. Five seconds at most. */
async function untilEnded(pid: number): Promise<void> {
  for (let waited = 0; waited < 5000 && isRunning(pid); waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function askNow<T>(ui: Pick<Ui, 'terminal'>, ask: (context: Context) => Promise<T>): Promise<T> {
  const terminal = ui.terminal();
  if (!terminal) {
    throw new UserError(Exit.cannotAsk, 'cannot-ask', 'The terminal went away before it could be asked');
  }
  const { input, output } = terminal;
  const cancel = new AbortController();
  const stopListening = onInterruption((why) => cancel.abort(why));
  const gone = () => {
    cancel.abort(hungUp());
    // Raw mode cannot be left on a lost terminal: readline would fail.
    Object.assign(input, { setRawMode: undefined });
  };
  // When the other side of the terminal is closed, the library would wait for ever.
  input.on('end', gone).on('error', gone);
  output.on('error', gone);
  input.on('keypress', (_text: unknown, key: Key | undefined) => {
    // readline closes at Ctrl-D without a word to the library, which would wait for ever.
    if (key?.ctrl && key.name === 'd') cancel.abort(cancelled());
    // At Ctrl-Z readline leaves raw mode and stops the process. Below `$(…)` no shell could continue it, so the
    // system does not stop it, and the code would be visible.
    if (key?.ctrl && key.name === 'z') setImmediate(() => (input as RawInput).setRawMode?.(true));
  });
  const showAgain = rememberFrame(output);
  // A process that is continued in the background (bg) would be stopped again by the next key.
  const continued = () => {
    if (isBackground()) {
      cancel.abort(new UserError(Exit.cannotAsk, 'cannot-ask', 'Another job has the terminal'));
      return;
    }
    // readline pauses its input when the process is continued.
    setImmediate(() => {
      input.resume();
      showAgain();
    });
  };
  process.on('SIGCONT', continued);
  try {
    return await ask({ input, output, signal: cancel.signal });
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError|CancelPromptError)$/.test(error.name)) {
      throw cancel.signal.aborted ? cancel.signal.reason : cancelled();
    }
    throw error;
  } finally {
    process.off('SIGCONT', continued);
    stopListening();
    terminal.close();
  }
}

/**
 * Remembers the last frame of the library, which draws nothing when the process is continued (fg). The shell has written
 * lines of its own meanwhile.
 *
 * @returns draws the frame again, below those lines
 */
function rememberFrame(output: NodeJS.WritableStream): () => void {
  const write = output.write.bind(output) as (text: string) => boolean;
  let frame = '';
  output.write = (text: string | Uint8Array) => {
    const seen = typeof text === 'string' && text.replace(/\u001b\[[0-?]*[@-~]/g, '').trim() !== '';
    // The first codes of a frame erase the one before.
    if (seen) frame = text.replace(/^(?:\u001b\[\d*[ABGK])+/, '');
    return write(text as string);
  };
  return () => write(frame);
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

type RawInput = NodeJS.ReadableStream & { setRawMode?: (on: boolean) => void };
