import type { Session } from '../../credentials.ts';
import { sayDuration } from '../../duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { Unavailable } from '../../serve/answer.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';

/** The session that could not be renewed. */
export interface About {
  readonly profile: string;
  /** The command that gets the session in a terminal. */
  readonly login: string;
  readonly ui: Ui;
  readonly world: World;
}

/** Waiting does not help: somebody has to give a code, or to mend something. */
export function needsPerson(trouble: unknown): boolean {
  return trouble instanceof UserError && trouble.exit !== Exit.unreachable;
}

/** In the terminal of the server: what is wrong, and what to do; nobody is asked there, programs are waiting. */
export function sayTrouble(trouble: unknown, secondsLeft: number, about: About): void {
  const { profile, login, ui } = about;
  const name = printable(profile, 60);
  const left = secondsLeft > 0 ? `, ${sayDuration(secondsLeft)} left` : '';
  if (needsCode(trouble)) {
    ui.warn(`${name}: an MFA code is needed${left}; in any terminal: ${login}`);
    return;
  }
  const { message, hint } = described(trouble);
  ui.warn(`${name}: not renewed${left}: ${message}`);
  if (hint) ui.say(`  ${hint}`);
}

export function sayMended({ expiration }: Session, { profile, ui, world }: About): void {
  ui.say(`${printable(profile, 60)}: renewed, ${sayDuration(expiration - world.now() / 1000)} left`);
}

/** What a program is told that asks for a session that has ended; botocore shows it to its user. */
export function saidToClient(trouble: unknown, about: About): Unavailable {
  const name = printable(about.profile, 60);
  if (needsCode(trouble)) {
    return new Unavailable(
      'code-needed',
      `The session of ${name} has ended and an MFA code is needed. Run in a terminal: ${about.login}`,
    );
  }
  const { code, message } = described(trouble);
  return new Unavailable(code, `The session of ${name} has ended and could not be renewed: ${message}`);
}

function needsCode(trouble: unknown): boolean {
  return trouble instanceof UserError && trouble.exit === Exit.cannotAsk;
}

function described(trouble: unknown): Pick<UserError, 'code' | 'message' | 'hint'> {
  if (trouble instanceof UserError) return trouble;
  return { code: 'unexpected', message: printable(String(trouble), 200), hint: undefined };
}
