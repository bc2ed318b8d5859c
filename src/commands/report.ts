import type { Invocation } from '../cli/invocation.ts';
import { sayDuration } from '../duration.ts';
import { printable } from '../printable.ts';
import type { World } from '../world.ts';
import type { Held } from './session.ts';

/** One line for people: for whom, until when; nothing when `env` or a command only gets what the cache held. */
export function report(held: Held, { command, flags, rest }: Invocation, world: World): void {
  if (flags.quiet) return;
  const { expiration } = held.session;
  const left = sayDuration(expiration - world.now() / 1000);
  const name = printable(held.profile, 60);
  if (command === 'env' || (command === 'exec' && rest?.length)) {
    if (held.from === 'sts') world.say(`${name}: new session, ${left} left`);
    if (command === 'env' && world.stdoutIsTerminal()) {
      world.say(
        'Nothing is applied yet: run eval "$(awsmfa env)", or load the shell integration (awsmfa init)',
      );
    }
    return;
  }
  world.say(
    `${name}: ${held.from === 'sts' ? 'new session' : 'session'}, ${left} left (until ${clock(expiration, world)})`,
  );
}

/** `21:47`, or with the day when that is another one, in local time. */
export function clock(epochSeconds: number, world: World): string {
  const date = new Date(epochSeconds * 1000);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(world.now()).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
