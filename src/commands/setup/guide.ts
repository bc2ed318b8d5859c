import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import { Exit, UserError } from '../../errors.ts';
import { withoutOurRegion } from '../../export/memory.ts';
import { configuredRegion } from '../../profile/choice.ts';
import type { SessionRequest } from '../../request.ts';
import type { Ui } from '../../ui.ts';
import type { Environment, World } from '../../world.ts';

/** What `setup` is asked for. */
export interface SetupOptions {
  readonly request: SessionRequest;
  /** The profile that the command line names. */
  readonly profile: string | undefined;
  /** The access key is in this file of the AWS console. */
  readonly csv: string | undefined;
  /** Replace the keys of a profile. */
  readonly overwrite: boolean;
  /** Write the rc file without asking, and take the guess for the MFA device. */
  readonly yes: boolean;
  readonly shell: string | undefined;
  readonly rcFile: string | undefined;
  readonly noRc: boolean;
  /** Add a profile that serves the session to SDKs. */
  readonly credentialProcess: boolean;
  /** Take the lines out of the rc files again; nothing else. */
  readonly remove: boolean;
}

/** What every step of `setup` works with. */
export interface Guide {
  readonly options: SetupOptions;
  readonly ui: Ui;
  readonly world: World;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  readonly files: SharedFiles;
  /** Whether there is somebody to ask. */
  readonly asks: boolean;
  /** Says what was written; an interruption later on recalls it. */
  wrote(line: string): void;
  readonly written: readonly string[];
  /** The error for an answer that is needed and cannot be asked for: exit 4, with the option that gives it. */
  unanswered(what: string, option: string): UserError;
}

export function guideOf(options: SetupOptions, ui: Ui, world: World): Guide {
  const files = loadSharedFiles(world);
  const written: string[] = [];
  return {
    options,
    ui,
    world,
    env: withoutOurRegion(world.env, configuredRegion(world.env.AWSMFA_PROFILE, files)),
    files,
    asks: ui.canAsk(),
    wrote: (line) => {
      written.push(line);
      ui.say(line);
    },
    written,
    unanswered: (what, option) =>
      new UserError(Exit.cannotAsk, 'cannot-ask', `${what}, and ${ui.whyNot}`, option),
  };
}
