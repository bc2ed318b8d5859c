import type { Dialect, ShellDialect } from '../export/dialect.ts';
import { apply } from '../export/environment.ts';
import type { SessionRequest } from '../request.ts';
import { getSession } from '../session/get-session.ts';
import { profileWord } from '../shell-word.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { beginToAnswer, listening } from './answer.ts';
import { reportNew, reportSession, sessionWords } from './report.ts';

export interface EnvOptions {
  readonly request: SessionRequest;
  readonly dialect: Dialect;
  /** Leave AWS_PROFILE set. */
  readonly keepProfile: boolean;
}

/** `awsmfa env` and `awsmfa use`: the session as shell code, or in a format, for `eval "$(awsmfa env)"`. */
export async function env(
  { request, dialect, keepProfile }: EnvOptions,
  ui: Ui,
  world: World,
): Promise<Outcome> {
  const answer = beginToAnswer(world);
  try {
    const heard = listening(ui);
    const held = await getSession(request, heard.ui, world);
    // Data says what the session is; only code has a shell's state to keep.
    const before = dialect.kind === 'code' ? world.env : {};
    const stdout = dialect.render(apply(held.session, { ...held, keepProfile }, before));
    if (!heard.any()) {
      const words = sessionWords({ ...held, from: 'cache' }, world);
      answer?.keep(held, request.minTtl, stdout, request.command === 'use' ? words : undefined);
    }
    if (request.command === 'use') reportSession(held, ui, world);
    else {
      reportNew(held, ui, world);
      if (world.stdoutIsTerminal()) {
        const { name, by } = request.choice;
        const words = by === 'the argument' || by === '--profile' ? `env ${profileWord(name)}` : 'env';
        const run =
          'apply' in dialect
            ? (dialect as ShellDialect).apply(`awsmfa ${words}`)
            : `eval "$(awsmfa ${words})"`;
        ui.say(`Nothing is applied yet: run ${run}, or load the shell integration (awsmfa init)`);
      }
    }
    return { stdout, exit: 0 };
  } finally {
    answer?.drop();
  }
}
