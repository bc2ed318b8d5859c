import { sayExpiration } from '../../config/session-section.ts';
import { sayDuration, sayTime } from '../../duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { shellWord } from '../../shell-word.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { outranking } from '../problems.ts';
import type { WriteOptions } from './options.ts';
import type { Place } from './place.ts';
import type { State } from './state.ts';

/** Messages about one section, on stderr. */
export interface Talk {
  /** Before anything is asked. */
  begin(state: State, isForced: boolean): void;
  /** Nothing has to be done until then, in epoch seconds. */
  valid(expiration: number): void;
  /** A session is in the section. */
  done(expiration: number, isNew: boolean): void;
}

/** @throws UserError usage for a log level that there is not */
export function talkOf(place: Place, options: WriteOptions, ui: Ui, world: World): Talk {
  const least = leastLevel(options);
  return least === undefined ? plainTalk(place, ui, world) : loggedTalk(place, least, ui, world);
}

/** One line: for whom, where, until when, and how to use it. */
function plainTalk({ named, section }: Place, ui: Ui, world: World): Talk {
  const say = (what: string, expiration: number) => {
    const left = sayDuration(expiration - world.now() / 1000);
    const until = sayTime(expiration, world.now());
    ui.say(`${shown(named)}: ${what} in [${shown(section)}], ${left} left (until ${until})${use()}`);
  };
  const use = () => {
    const isUsed = section === 'default' || world.env.AWS_PROFILE === section;
    const how = isUsed ? '' : `; use it with AWS_PROFILE=${shellWord(section)}`;
    const first = outranking(section, world.env);
    return first === undefined ? how : `${how}; ${first}`;
  };
  return {
    begin: () => {},
    valid: (expiration) => say('session', expiration),
    done: (expiration, isNew) => say(isNew ? 'new session' : 'session', expiration),
  };
}

/** What aws-mfa says, level by level, so that whoever filters its lines finds them. */
function loggedTalk({ section, role }: Place, least: number, ui: Ui, world: World): Talk {
  const log = (level: 'INFO' | 'WARNING', line: string) => {
    if (levels[level] >= least) ui.say(`${level} - ${printable(line, 2200)}`);
  };
  return {
    begin: (state, isForced) => {
      log(
        'INFO',
        `Validating credentials for profile: ${section} ${role ? `with assumed role: ${role.value}` : ''}`,
      );
      if (state.is === 'missing') {
        log('INFO', `Short term credentials section ${section} is missing, obtaining new credentials.`);
      } else if (isForced) log('INFO', 'Forcing refresh of credentials.');
      else if (state.is === 'invalid') {
        log('WARNING', 'Your existing credentials are missing or invalid, obtaining new credentials.');
      } else if (state.is === 'other') log('INFO', 'Obtaining credentials for a new role or profile.');
      else if (state.is === 'expired') log('INFO', 'Your credentials have expired, renewing.');
    },
    valid: (expiration) =>
      log(
        'INFO',
        `Your credentials are still valid for ${seconds(expiration, world)} seconds they will expire at ${sayExpiration(expiration)}`,
      ),
    done: (expiration) =>
      log(
        'INFO',
        `Success! Your credentials will expire in ${seconds(expiration, world)} seconds at: ${sayExpiration(expiration)}+00:00`,
      ),
  };
}

/** Python's levels. With NOTSET aws-mfa's logger has the level of the root logger. */
const levels = { DEBUG: 10, INFO: 20, WARNING: 30, NOTSET: 30, ERROR: 40, CRITICAL: 50 } as const;

/** Undefined where nobody wants to hear aws-mfa. */
function leastLevel({ logLevel, isAwsMfa }: WriteOptions): number | undefined {
  const level = logLevel ?? (isAwsMfa ? 'DEBUG' : undefined);
  if (level === undefined) return undefined;
  if (Object.hasOwn(levels, level)) return levels[level as keyof typeof levels];
  throw new UserError(
    Exit.usage,
    'usage',
    `There is no log level "${printable(level, 40)}"`,
    `Use one of ${Object.keys(levels).join(', ')}.`,
  );
}

function seconds(expiration: number, world: World): number {
  return Math.ceil(expiration - world.now() / 1000);
}

function shown(name: string): string {
  return printable(name, 60);
}
