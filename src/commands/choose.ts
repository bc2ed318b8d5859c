import { createPrompt, isDownKey, isEnterKey, isUpKey, useKeypress, useState } from '@inquirer/core';
import { Exit, UserError } from '../errors.ts';
import { onTerminal } from '../mfa/terminal.ts';
import { type Paints, paints, plain } from '../screen.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Environment } from '../world.ts';

export interface Choice {
  /** What is shown, cut to the width of the terminal. */
  readonly line: string;
  /** What can be typed to find it, in lower case. */
  readonly words: string;
}

/**
 * A list that gets shorter as one types; the index of what was chosen.
 *
 * The library's search prompt looks for matches asynchronously: a user who types fast and presses Enter gets the match of the
 * text before, which must not happen with accounts. This prompt filters while it draws.
 *
 * @param height of the terminal
 * @throws UserError interrupted for Ctrl-C, Ctrl-D and Escape
 */
export async function choose(
  choices: readonly Choice[],
  height: number,
  ui: Ui,
  env: Environment,
): Promise<number> {
  const config: Config = {
    choices,
    page: Math.max(1, Math.min(choices.length, height - 4, 15)),
    paint: paints(env) ?? plain,
  };
  const chosen = await onTerminal(ui, (context) => prompt(config, { ...context, clearPromptOnDone: true }));
  if (chosen === undefined) throw new UserError(Exit.interrupted, 'interrupted', 'Cancelled');
  return chosen;
}

interface Config {
  readonly choices: readonly Choice[];
  /** How many are shown at once. */
  readonly page: number;
  readonly paint: Paints;
}

const prompt = createPrompt<number | undefined, Config>(({ choices, page, paint }, done) => {
  const [term, setTerm] = useState('');
  const [active, setActive] = useState(0);
  const found = matching(choices, term);

  useKeypress((key, rl) => {
    const move = (by: number) => setActive(Math.max(0, Math.min(found.length - 1, active + by)));
    const chosen = found[active];
    if (key.name === 'escape') done(undefined);
    else if (isEnterKey(key) && chosen !== undefined) done(chosen);
    else if (isUpKey(key, ['emacs'])) move(-1);
    else if (isDownKey(key, ['emacs'])) move(1);
    else if (key.name === 'pageup') move(-page);
    else if (key.name === 'pagedown') move(page);
    else if (!isEnterKey(key) && key.name !== 'tab') {
      if (rl.line !== term) setActive(0);
      setTerm(rl.line);
      return;
    }
    // Enter, the tabulator and the keys that move in the list change the line as well.
    if (rl.line === term) return;
    rl.clearLine(0);
    rl.write(term);
  });

  const start = Math.max(0, Math.min(active - Math.floor(page / 2), found.length - page));
  const lines = found.slice(start, start + page).map((choice, index) => {
    const line = choices[choice]?.line ?? '';
    return start + index === active ? paint.cyan(`> ${line}`) : `  ${line}`;
  });
  const count = found.length === choices.length ? '' : `${found.length} of `;
  const help = `  ${count}${choices.length} profiles · type to filter · ↑↓ · Enter · Esc`;
  return [
    `${paint.bold('Profile:')} ${printable(term, 60)}`,
    [...(lines.length > 0 ? lines : ['  Nothing matches']), paint.dim(help)].join('\n'),
  ];
});

/**
 * The indices of the choices that fit the term: first those that have every word of it somewhere, then those that it is made
 * of, in any order (`paymentsprod` finds `prod-payments`).
 */
export function matching(choices: readonly Pick<Choice, 'words'>[], term: string): readonly number[] {
  const words = term.toLowerCase().split(/\s+/);
  const exact: number[] = [];
  const loose: number[] = [];
  for (const [index, choice] of choices.entries()) {
    const missing = words.filter((word) => !choice.words.includes(word));
    if (missing.length === 0) exact.push(index);
    else if (missing.every((word) => isMadeOf(word, choice.words.split(/[^\p{L}\p{N}]+/u))))
      loose.push(index);
  }
  return [...exact, ...loose];
}

/** Whether the beginnings of some of these words, two letters or more each, make up the text. */
function isMadeOf(text: string, words: readonly string[]): boolean {
  if (text === '') return true;
  return words.some((word, index) => {
    let length = 0;
    while (length < word.length && word[length] === text[length]) length++;
    const others = words.filter((_, other) => other !== index);
    for (; length >= 2; length--) if (isMadeOf(text.slice(length), others)) return true;
    return false;
  });
}
