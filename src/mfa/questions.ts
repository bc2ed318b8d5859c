import { createPrompt, isEnterKey, makeTheme, useEffect, useKeypress, useState } from '@inquirer/core';
import { confirm, input, select } from '@inquirer/prompts';
import { deviceOfUser } from '../credentials.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Ui } from '../ui.ts';
import { checkedSerial, type SerialNumber } from './device.ts';
import { onTerminal } from './prompt.ts';
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
    const answer = await onTerminal(ui, (context) =>
      input(
        {
          message: `device of ${printable(profile, 60)} (ARN, or ${guess ? 'none' : 'nothing'} for a session without MFA):`,
          ...(guess === undefined ? {} : { default: guess }),
          validate: (text) => isNone(text) || deviceOfUser(text.trim()) !== undefined || problem(text),
          theme: { prefix: 'MFA' },
        },
        context,
      ),
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
  const choices = serials.map((value) => ({ value, name: printable(value, 256) }));
  const theme = { prefix: 'MFA' };
  const message = `device of ${printable(profile, 60)}:`;
  return onTerminal(ui, (context) => select({ message, choices, theme, loop: false }, context));
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

function problem(text: string): true | string {
  try {
    checkedSerial({ value: text, by: '' });
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${error.message.replace(/^: /, '')}. ${error.hint ?? ''}`.trim();
  }
}
