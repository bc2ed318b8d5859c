import type { Flags, Invocation } from '../../cli/invocation.ts';
import { type OptionName, options, takes } from '../../cli/options.ts';
import type { Session } from '../../credentials.ts';
import { sayDuration } from '../../duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { Unavailable } from '../../serve/answer.ts';
import type { World } from '../../world.ts';

/** The session that could not be renewed. */
export interface About {
  readonly profile: string;
  readonly invocation: Invocation;
  readonly world: World;
}

/** Waiting does not help: somebody has to give a code, or to mend something. */
export function needsPerson(trouble: unknown): boolean {
  return trouble instanceof UserError && trouble.exit !== Exit.unreachable;
}

/** In the terminal of the server: what is wrong, and what to do; nobody is asked there, programs are waiting. */
export function sayTrouble(trouble: unknown, secondsLeft: number, about: About): void {
  const { profile, invocation, world } = about;
  const name = printable(profile, 60);
  const left = secondsLeft > 0 ? `, ${sayDuration(secondsLeft)} left` : '';
  if (needsCode(trouble)) {
    world.say(`${name}: an MFA code is needed${left}; in any terminal: ${loginLine(about)}`);
    return;
  }
  const { message, hint } = described(trouble);
  world.say(`${name}: not renewed${left}: ${message}`);
  if (hint && !invocation.flags.quiet) world.say(`  ${hint}`);
}

export function sayMended({ expiration }: Session, { profile, invocation, world }: About): void {
  if (invocation.flags.quiet) return;
  world.say(`${printable(profile, 60)}: renewed, ${sayDuration(expiration - world.now() / 1000)} left`);
}

/** What a program is told that asks for a session that has ended; botocore shows it to its user. */
export function saidToClient(trouble: unknown, about: About): Unavailable {
  const name = printable(about.profile, 60);
  if (needsCode(trouble)) {
    return new Unavailable(
      'code-needed',
      `The session of ${name} has ended and an MFA code is needed. Run in a terminal: ${loginLine(about)}`,
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

/** The command that gets the very session: what shapes it stands there too. */
function loginLine({ profile, invocation: { flags } }: About): string {
  const shaping = (Object.keys(flags) as OptionName[]).filter(
    (name) =>
      takes('login', name) &&
      !['profile', 'token-code', 'refresh'].includes(name) &&
      options[name].on !== 'all',
  );
  const words = shaping.flatMap((name) => wordsOf(name, flags));
  return ['awsmfa login', quoted(profile), ...words].join(' ');
}

function wordsOf(name: OptionName, flags: Flags): readonly string[] {
  const value = flags[name];
  if (value === true) return name === 'no-prompt' ? [] : [`--${name}`];
  const values = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  return values.map((each) => `--${name}=${quoted(each)}`);
}

/** As a person would type it. */
function quoted(text: string): string {
  const shown = printable(text, 200);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
