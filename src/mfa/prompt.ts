import { Exit, UserError } from '../errors.ts';
import { cancelled, hungUp, onInterruption } from '../system/signals.ts';
import type { Ui } from '../ui.ts';

interface Context {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/**
 * Asks on the controlling terminal. The library draws on stdout unless told otherwise, and stdout is evaluated by a
 * shell. However it ends, the modes of the terminal are as they were.
 *
 * @throws UserError interrupted for Ctrl-C and Ctrl-D, or as a signal has it
 */
export async function onTerminal<T>(
  ui: Pick<Ui, 'terminal'>,
  ask: (context: Context) => Promise<T>,
): Promise<T> {
  const terminal = ui.terminal();
  if (!terminal) {
    throw new UserError(Exit.cannotAsk, 'cannot-ask', 'The terminal went away before it could be asked');
  }
  const { input, output } = terminal;
  const cancel = new AbortController();
  const stopListening = onInterruption((why) => cancel.abort(why));
  const gone = () => {
    cancel.abort(hungUp());
    // It cannot be left any more, and readline would fail at that.
    Object.assign(input, { setRawMode: undefined });
  };
  // The other side of the terminal may be gone: the library would wait for ever.
  input.on('end', gone).on('error', gone);
  output.on('error', gone);
  input.on('keypress', (_text: unknown, key: Key | undefined) => {
    // readline closes at Ctrl-D without a word to the library, which would wait for ever.
    if (key?.ctrl && key.name === 'd') cancel.abort(cancelled());
    // At Ctrl-Z readline leaves raw mode and stops the process. Below `$(…)` there is no shell that could continue
    // it, so that the system does not stop it either, and the code would be seen.
    if (key?.ctrl && key.name === 'z') setImmediate(() => (input as RawInput).setRawMode?.(true));
  });
  try {
    return await ask({ input, output, signal: cancel.signal });
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError|CancelPromptError)$/.test(error.name)) {
      throw cancel.signal.aborted ? cancel.signal.reason : cancelled();
    }
    throw error;
  } finally {
    stopListening();
    terminal.close();
  }
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

type RawInput = NodeJS.ReadableStream & { setRawMode?: (on: boolean) => void };
