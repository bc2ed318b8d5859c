import { sayDuration, sayTime } from '../duration.ts';
import { printable } from '../printable.ts';
import type { Held } from '../session/get-session.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';

/** One line for people: for whom, until when. */
export function reportSession(held: Held, ui: Ui, world: World): void {
  ui.say(sessionWords(held, world).join(timeLeft(held.session.expiration, world)));
}

/** The same line, before and behind the time left. */
export function sessionWords({ profile, from, session }: Held, world: World): readonly [string, string] {
  const what = from === 'sts' ? 'new session' : 'session';
  return [
    `${printable(profile, 60)}: ${what}, `,
    ` left (until ${sayTime(session.expiration, world.now())})`,
  ];
}

/** The same for commands that run often: nothing when the session came from the cache. */
export function reportNew({ profile, from, session }: Held, ui: Ui, world: World): void {
  if (from !== 'sts') return;
  ui.say(`${printable(profile, 60)}: new session, ${timeLeft(session.expiration, world)} left`);
}

/** @param expiration epoch seconds */
function timeLeft(expiration: number, { now }: Pick<World, 'now'>): string {
  return sayDuration(expiration - now() / 1000);
}
