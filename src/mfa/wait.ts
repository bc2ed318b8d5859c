import { printable } from '../printable.ts';
import { onInterruption } from '../system/signals.ts';
import type { Asking, Question, TokenSource } from './source.ts';
import { nextWindow, secondsUntil } from './source.ts';

/**
 * Waits until the device shows another code. The seconds count down on the terminal; where there is none, or it must
 * not be used, one line on stderr says them. With `--quiet` only a person who is asked next is told.
 *
 * @param why there is to wait: `that code was used already`
 * @param next who gives the next code
 * @throws UserError interrupted
 */
export async function waitForNextCode(
  why: string,
  next: TokenSource,
  { profile }: Pick<Question, 'profile'>,
  { ui, world }: Pick<Asking, 'ui' | 'world'>,
): Promise<void> {
  const end = nextWindow(world.now());
  const line = () =>
    `${printable(profile, 60)}: ${why}; waiting ${secondsUntil(end, world.now())}s for the next`;
  const isOver = () => world.now() >= end;
  if (next.kind === 'person' ? ui.canAsk() : ui.canOffer()) {
    const { countDown } = await import('./code-prompt.ts');
    return countDown({ line, isOver }, ui);
  }
  const say = next.kind === 'person' ? ui.warn : ui.say;
  say(line());
  await silently(isOver);
}

function silently(isOver: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearInterval(timer);
      stopListening();
      settle();
    };
    const timer = setInterval(() => isOver() && finish(resolve), 100);
    const stopListening = onInterruption((why) => finish(() => reject(why)));
  });
}
