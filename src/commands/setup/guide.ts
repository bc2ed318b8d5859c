import type { Invocation } from '../../cli/invocation.ts';
import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { Exit, UserError } from '../../errors.ts';
import { withoutOurRegion } from '../../export/environment.ts';
import { configuredRegion } from '../../profile/profile.ts';
import type { Environment, World } from '../../world.ts';
import { canAsk } from '../device/remember.ts';

/** What every step of `setup` works with. */
export interface Guide {
  readonly flags: Invocation['flags'];
  readonly world: World;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  readonly files: SharedFiles;
  /** Whether there is somebody to ask. */
  readonly asks: boolean;
  /** A line for people, unless `--quiet`. */
  say(line: string): void;
  /** The same for something that was written; an interruption later on recalls it. */
  wrote(line: string): void;
  /** What was written so far. */
  readonly written: readonly string[];
  /** The error for an answer that is needed and cannot be asked for: exit 4, with the option that gives it. */
  unanswered(what: string, option: string): UserError;
}

export function guideOf({ flags }: Invocation, world: World): Guide {
  const files = loadSharedFiles(world);
  const asks = canAsk({ flags, world });
  const written: string[] = [];
  const say = (line: string) => flags.quiet || world.say(line);
  const why = flags['no-prompt'] ? '--no-prompt forbids asking' : 'there is no terminal to ask on';
  return {
    flags,
    world,
    env: withoutOurRegion(world.env, configuredRegion(world.env.AWSMFA_PROFILE, files)),
    files,
    asks,
    say,
    wrote: (line) => {
      written.push(line);
      say(line);
    },
    written,
    unanswered: (what, option) => new UserError(Exit.cannotAsk, 'cannot-ask', `${what}, and ${why}`, option),
  };
}
