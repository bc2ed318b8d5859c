import { createPrompt, useEffect, useKeypress, useState } from '@inquirer/core';
import type { World } from '../world.ts';
import { onTerminal } from './prompt.ts';

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
export async function countDown(countdown: Countdown, world: World): Promise<void> {
  await onTerminal(world, (context) => prompt(countdown, { ...context, clearPromptOnDone: true }));
}

const prompt = createPrompt<undefined, Countdown>(({ line, isOver }, done) => {
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
