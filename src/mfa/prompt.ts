import { createPrompt, isEnterKey, makeTheme, useEffect, useKeypress, useState } from '@inquirer/core';
import { confirm, input, password, select } from '@inquirer/prompts';
import { deviceOfUser } from '../credentials.ts';
import { attempt, Exit, UserError } from '../errors.ts';
import { inTurn, runtimeDirectory } from '../files/lock.ts';
import { printable } from '../printable.ts';
import { isBackground, isRunning, isStopped, ownTerminal } from '../system/processes.ts';
import { cancelled, hungUp, onInterruption } from '../system/signals.ts';
import type { Ui } from '../ui.ts';
import { checkedSerial, type SerialNumber } from './device.ts';
import { codeQuestion, compact, isCode, type Question } from './source.ts';

/** Asks for six digits. */
export async function askCode(ui: Ui, question: Question): Promise<string> {
  if (question.problem) ui.warn(question.problem);
  return onTerminal(ui, (context) => codePrompt({ message: codeQuestion(question) }, context));
}

/** A masked prompt for six digits. It empties the field after a mistake: nobody can see which of the stars is wrong. */
const codePrompt = createPrompt<string, { message: string }>(({ message }, done) => {
  const theme = makeTheme({});
  const [value, setValue] = useState('');
  const [mistake, setMistake] = useState('');
  const [answered, setAnswered] = useState(false);
  useKeypress((key, line) => {
    if (answered) return;
    if (!isEnterKey(key)) {
      setValue(line.line);
      setMistake('');
      return;
    }
    const code = compact(value);
    if (isCode(code)) {
      setAnswered(true);
      done(code);
      return;
    }
    setMistake(`Six digits, please; ${instead(code)}`);
    setValue('');
  });
  return [
    `${theme.style.message(message, 'idle')} ${'*'.repeat(value.length)}`,
    mistake && theme.style.error(mistake),
  ];
});

function instead(code: string): string {
  if (code === '') return 'that was nothing';
  return `those were ${/^[0-9]+$/.test(code) ? code.length : 'not all digits'}`;
}

interface Countdown {
  readonly line: () => string;
  readonly isOver: () => boolean;
}

/**
 * Shows a line that changes with the seconds, and removes it in the end. Keys that are typed meanwhile are not shown:
 * they may be a code.
 *
 * @throws UserError interrupted for Ctrl-C and Ctrl-D
 */
export async function countDown(countdown: Countdown, ui: Ui): Promise<void> {
  await onTerminal(ui, (context) => countdownPrompt(countdown, { ...context, clearPromptOnDone: true }));
}

const countdownPrompt = createPrompt<undefined, Countdown>(({ line, isOver }, done) => {
  const [shown, setShown] = useState(line());
  useEffect(() => {
    const timer = setInterval(() => {
      if (isOver()) done(undefined);
      else setShown(line());
    }, 100);
    return () => clearInterval(timer);
  }, []);
  useKeypress((_key, rl) => rl.clearLine(0));
  return shown;
});

/**
 * Asks for the MFA device; undefined for a session without MFA. For a user's ARN it proposes the device of that user.
 *
 * @param guess the default answer
 */
export async function askDevice(
  ui: Ui,
  profile: string,
  guess: SerialNumber | undefined,
): Promise<SerialNumber | undefined> {
  for (;;) {
    const answer = await askText(
      {
        message: `device of ${printable(profile, 60)} (ARN, or ${guess ? 'none' : 'nothing'} for a session without MFA):`,
        suggestion: guess,
        problem: (text) => (isNone(text) || deviceOfUser(text.trim()) ? undefined : problem(text)),
        prefix: 'MFA',
      },
      ui,
    );
    const serial = answer.trim();
    const device = deviceOfUser(serial);
    if (device === undefined) return isNone(serial) ? undefined : serial;
    if (await agree(ui, insteadOf(serial, device))) return device;
  }
}

/** Lets the user choose one of several devices. */
export async function chooseDevice(
  ui: Ui,
  profile: string,
  serials: readonly SerialNumber[],
): Promise<SerialNumber> {
  const offers = serials.map((value) => ({ value, name: printable(value, 256) }));
  return askOne(`device of ${printable(profile, 60)}:`, offers, ui, 'MFA');
}

/** Asks a question with yes or no. @param suggestion the default answer */
export async function agree(ui: Ui, question: string, suggestion = true): Promise<boolean> {
  // The first word takes the place of the library's question mark.
  const [prefix = '', ...rest] = question.split(' ');
  return onTerminal(ui, (context) =>
    confirm({ message: rest.join(' '), default: suggestion, theme: { prefix } }, context),
  );
}

export function insteadOf(user: string, device: SerialNumber): string {
  return `${printable(user, 256)} is a user. Use its device ${printable(device, 256)} instead?`;
}

function isNone(text: string): boolean {
  return /^(?:none)?$/i.test(text.trim());
}

function problem(text: string): string | undefined {
  const serial = attempt(() => checkedSerial({ value: text, by: '' }));
  if (!(serial instanceof UserError)) return undefined;
  return `${serial.message.replace(/^: /, '')}. ${serial.hint ?? ''}`.trim();
}

interface TextQuestion {
  readonly message: string;
  /** The answer of a bare Enter. */
  readonly suggestion?: string | undefined;
  /** What is wrong with an answer; undefined for nothing. */
  readonly problem?: (text: string) => string | undefined;
  /** A word in place of the library's question mark. */
  readonly prefix?: string;
}

export function askText({ message, suggestion, problem, prefix }: TextQuestion, ui: Ui): Promise<string> {
  const question = {
    message,
    validate: (text: string) => problem?.(text) ?? true,
    ...(suggestion !== undefined && { default: suggestion }),
    ...(prefix && { theme: { prefix } }),
  };
  return onTerminal(ui, (context) => input(question, context));
}

/** Shows one star for each character, so that a user who pastes sees that something came. */
export function askSecret(message: string, ui: Ui): Promise<string> {
  return onTerminal(ui, (context) => password({ message, mask: '*' }, context));
}

export function askYes(message: string, suggestion: boolean, ui: Ui): Promise<boolean> {
  return onTerminal(ui, (context) => confirm({ message, default: suggestion }, context));
}

interface Offer<T> {
  readonly name: string;
  readonly value: T;
}

/** @param prefix a word in place of the library's question mark */
export function askOne<T>(
  message: string,
  choices: readonly Offer<T>[],
  ui: Ui,
  prefix?: string,
): Promise<T> {
  const question = { message, choices, loop: false, pageSize: 12, ...(prefix && { theme: { prefix } }) };
  return onTerminal(ui, (context) => select(question, context));
}

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
