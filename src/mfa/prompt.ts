import { createPrompt, isEnterKey, makeTheme, useEffect, useKeypress, useState } from '@inquirer/core';
import { confirm, input, password, select } from '@inquirer/prompts';
import { deviceOfUser } from '../credentials.ts';
import { attempt, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import { checkedSerial, type SerialNumber } from './device.ts';
import { codeQuestion, compact, isCode, type Question } from './source.ts';
import { onTerminal } from './terminal.ts';

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
    const answer = await askText(ui, {
      message: `MFA device of ${printable(profile, 60)} (ARN, or ${guess ? 'none' : 'nothing'} for a session without MFA):`,
      suggestion: guess,
      problem: (text) => (isNone(text) || deviceOfUser(text.trim()) ? undefined : problem(text)),
    });
    const serial = answer.trim();
    const device = deviceOfUser(serial);
    if (device === undefined) return isNone(serial) ? undefined : serial;
    if (await askYes(ui, insteadOf(serial, device), true)) return device;
  }
}

/** Lets the user choose one of several devices. */
export async function chooseDevice(
  ui: Ui,
  profile: string,
  serials: readonly SerialNumber[],
): Promise<SerialNumber> {
  const offers = serials.map((value) => ({ value, name: printable(value, 256) }));
  return askOne(ui, `MFA device of ${printable(profile, 60)}:`, offers);
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
}

export function askText(ui: Ui, { message, suggestion, problem }: TextQuestion): Promise<string> {
  const question = {
    message,
    validate: (text: string) => problem?.(text) ?? true,
    ...(suggestion !== undefined && { default: suggestion }),
  };
  return onTerminal(ui, (context) => input(question, context));
}

/** Shows one star for each character, so that a user who pastes sees that something came. */
export function askSecret(ui: Ui, message: string): Promise<string> {
  return onTerminal(ui, (context) => password({ message, mask: '*' }, context));
}

/** @param suggestion the answer of a bare Enter */
export function askYes(ui: Ui, message: string, suggestion: boolean): Promise<boolean> {
  return onTerminal(ui, (context) => confirm({ message, default: suggestion }, context));
}

interface Offer<T> {
  readonly name: string;
  readonly value: T;
}

export function askOne<T>(ui: Ui, message: string, choices: readonly Offer<T>[]): Promise<T> {
  const question = { message, choices, loop: false, pageSize: 12 };
  return onTerminal(ui, (context) => select(question, context));
}
