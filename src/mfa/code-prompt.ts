import { createPrompt, isEnterKey, makeTheme, useEffect, useKeypress, useState } from '@inquirer/core';
import { printable } from '../printable.ts';
import type { Ui } from '../ui.ts';
import { onTerminal } from './prompt.ts';
import type { Question } from './source.ts';
import { compact, isCode } from './source.ts';

/** Asks for six digits. */
export async function askCode(ui: Ui, { profile, serialNumber, refusal }: Question): Promise<string> {
  if (refusal) ui.warn(refusal);
  const device = printable(serialNumber.replace(/^arn:.*:mfa\//, ''), 60);
  const message = `MFA code for ${printable(profile, 60)} (${device}):`;
  return onTerminal(ui, (context) => codePrompt({ message }, context));
}

/**
 * The question for six digits, masked. Unlike a password prompt it empties the field after a slip: nobody can see
 * which of the stars was wrong.
 */
const codePrompt = createPrompt<string, { message: string }>(({ message }, done) => {
  const theme = makeTheme({});
  const [value, setValue] = useState('');
  const [slip, setSlip] = useState('');
  const [answered, setAnswered] = useState(false);
  useKeypress((key, line) => {
    if (answered) return;
    if (!isEnterKey(key)) {
      setValue(line.line);
      setSlip('');
      return;
    }
    const code = compact(value);
    if (isCode(code)) {
      setAnswered(true);
      done(code);
      return;
    }
    setSlip(`Six digits, please; ${code.length === 0 ? 'that was nothing' : `those were ${count(code)}`}`);
    setValue('');
  });
  return [
    `${theme.style.message(message, 'idle')} ${'*'.repeat(value.length)}`,
    slip && theme.style.error(slip),
  ];
});

function count(code: string): string {
  return /^[0-9]+$/.test(code) ? `${code.length}` : 'not all digits';
}

interface Countdown {
  /** What is shown now. */
  readonly line: () => string;
  readonly isOver: () => boolean;
}

/**
 * One line on the terminal that changes with the seconds, and is gone in the end. What is typed meanwhile is not shown:
 * it may be a code.
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
