import { printable } from '../printable.ts';
import { onInterruption } from '../system/signals.ts';
import type { Asking, Question, TokenSource } from './source.ts';
import { nextWindow, secondsUntil } from './window.ts';

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
  { flags, world }: Pick<Asking, 'flags' | 'world'>,
): Promise<void> {
  const end = nextWindow(world.now());
  const line = () =>
    `${printable(profile, 60)}: ${why}; waiting ${secondsUntil(end, world.now())}s for the next`;
  const isOver = () => world.now() >= end;
  const isSilent = flags.quiet && next.kind !== 'person';
  const terminal = flags['no-prompt'] || isSilent ? undefined : world.openTerminal();
  terminal?.close();
  if (terminal) {
    const { countDown } = await import('./countdown.ts');
    return countDown({ line, isOver }, world);
  }
  if (!isSilent) world.say(line());
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
