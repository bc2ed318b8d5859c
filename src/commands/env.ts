import { loadSharedFiles } from '../config/files.ts';
import { sayDuration, sayTime } from '../duration.ts';
import { orUndefined } from '../errors.ts';
import type { Dialect, ShellDialect } from '../export/dialect.ts';
import { process as protocol } from '../export/dialects/data.ts';
import { type ShellName, shells } from '../export/dialects.ts';
import { apply, clear as cleared } from '../export/environment.ts';
import { integrations } from '../export/integration.ts';
import { configuredRegion } from '../profile/choice.ts';
import type { SessionRequest } from '../request.ts';
import { getSession, type Held } from '../session/get-session.ts';
import { printable, profileWord } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { beginToAnswer, listening } from './answer.ts';

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
    // Only code changes a shell, and has to look at its state.
    const before = dialect.kind === 'code' ? world.env : {};
    const stdout = dialect.render(apply(held.session, { ...held, keepProfile }, before));
    if (!heard.any()) {
      const words = sessionWords({ ...held, from: 'cache' }, world);
      answer?.keep(held, request.minTtl, stdout, request.command === 'use' ? words : undefined);
    }
    if (request.command === 'use') reportSession(held, ui, world);
    else {
      reportNew(held, ui, world);
      if (world.stdoutIsTerminal() && 'apply' in dialect) {
        const { name, by } = request.choice;
        const isNamed = by === 'the argument' || by === '--profile';
        const line = isNamed ? `awsmfa env ${profileWord(name)}` : 'awsmfa env';
        const isIntegrated = integrations.some(({ name }) => shells[name as ShellName] === dialect);
        const other = isIntegrated ? ', or load the shell integration (awsmfa init)' : '';
        ui.say(`Nothing is applied yet: run ${(dialect as ShellDialect).apply(line)}${other}`);
      }
    }
    return { stdout, exit: 0 };
  } finally {
    answer?.drop();
  }
}

/** `awsmfa process`: a `credential_process` (AWS SDKs and Tools reference guide, "Process credential provider"). */
export async function process(request: SessionRequest, ui: Ui, world: World): Promise<Outcome> {
  const held = await getSession(request, ui, world);
  const change = apply(held.session, { ...held, keepProfile: false }, {});
  return { stdout: protocol.render(change), exit: 0 };
}

/** `awsmfa clear`: the shell code that takes the session out of this shell again. */
export async function clear(dialect: Dialect, ui: Ui, world: World): Promise<Outcome> {
  const { env } = world;
  const held = env.AWSMFA_PROFILE;
  // Taking secrets out must not fail because a file cannot be read.
  const region = held && orUndefined(() => configuredRegion(held, loadSharedFiles(world)));
  const change = cleared(env, region || undefined);
  const whose = held ? `${printable(held, 60)}: ` : '';
  ui.say(change ? `${whose}taken out of this shell` : 'This shell holds no session');
  return { stdout: change ? dialect.render(change) : '', exit: 0 };
}

/** One line for people: for whom, until when. */
export function reportSession(held: Held, ui: Ui, world: World): void {
  ui.say(sessionWords(held, world).join(timeLeft(held.session.expiration, world)));
}

/** The same line, before and behind the time left. */
function sessionWords({ profile, from, session }: Held, world: World): readonly [string, string] {
  const what = from === 'sts' ? 'new session' : 'session';
  return [
    `${printable(profile, 60)}: ${what}, `,
    ` left (until ${sayTime(session.expiration, world.now())})`,
  ];
}

/** The same for commands that run often. It says nothing about a session from the cache. */
export function reportNew({ profile, from, session }: Held, ui: Ui, world: World): void {
  if (from !== 'sts') return;
  ui.say(`${printable(profile, 60)}: new session, ${timeLeft(session.expiration, world)} left`);
}

/** @param expiration epoch seconds */
function timeLeft(expiration: number, { now }: Pick<World, 'now'>): string {
  return sayDuration(expiration - now() / 1000);
}
