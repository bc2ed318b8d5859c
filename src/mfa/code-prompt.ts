import { createPrompt, isEnterKey, makeTheme, useKeypress, useState } from '@inquirer/core';
import { compact, isCode } from './code.ts';

/**
 * The question for six digits, masked. Unlike a password prompt it empties the field after a slip: nobody can see
 * which of the stars was wrong.
 */
export const codePrompt = createPrompt<string, { message: string }>(({ message }, done) => {
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
