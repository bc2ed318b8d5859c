import { expected, UserError, usage } from '../errors.ts';
import { plain } from '../export/dialect.ts';
import { fishLocally } from '../export/dialects/fish.ts';
import { shells } from '../export/dialects.ts';
import { apply, type Change } from '../export/environment.ts';
import { markerName } from '../export/names.ts';
import type { SessionRequest } from '../request.ts';
import type { Place } from '../serve/server.ts';
import { type Chosen, chooseFor, getSession } from '../session/get-session.ts';
import { type Command, findCommand, isCommand, runCommand } from '../system/command.ts';
import { printable, shellWord } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Environment, Outcome, World } from '../world.ts';
import { beginToAnswer, listening } from './answer.ts';
import { reportNew, reportSession } from './env.ts';

export interface ExecOptions {
  readonly request: SessionRequest;
  /** The profile argument, which may have been meant as the command. */
  readonly argument: string | undefined;
  /** The command with its arguments; empty for the user's shell. */
  readonly command: readonly string[];
  readonly keepProfile: boolean;
  /** Where to listen; undefined to put the session itself into the environment. */
  readonly serve: Place | undefined;
}

/** The shell function tells awsmfa about itself with it. The command has no such function. */
const ofTheShell = 'AWSMFA_INTEGRATION';

/**
 * `awsmfa exec`: the session in the environment of a command, or of the user's shell. stdin, stdout, stderr and the
 * terminal are the command's alone from then on.
 */
export async function exec(options: ExecOptions, ui: Ui, world: World): Promise<Outcome> {
  const { request, keepProfile, serve } = options;
  const isShell = options.command.length === 0;
  // A copy, because the AWS SDK gets variables of its own later, which are not for the command.
  const { [ofTheShell]: _, AWSMFA_TOKEN_CODE: _spent, ...before }: Environment = world.env;
  const answer = serve === undefined && !isShell ? beginToAnswer(world) : undefined;
  try {
    const heard = listening(ui);
    const chosen = chosenFor(options, ui, world);
    const command = commandOf(options, world);
    // Nothing that serves is loaded without --serve.
    const serving =
      serve && (await (await import('./serve.ts')).servingCommand(request, serve, chosen, ui, world));
    const held = serving?.held ?? (await getSession(request, heard.ui, world, chosen));
    (isShell ? reportSession : reportNew)(held, ui, world);
    const outer = before[markerName];
    if (outer) {
      const [around, inside] = [outer, held.profile].map((name) => printable(name, 60));
      ui.say(`Inside awsmfa exec of ${around}: the command gets ${inside}`);
    }
    const change = serving?.change ?? apply(held.session, { ...held, keepProfile }, before);
    const all = [...change, { set: markerName, value: held.profile }];
    if (answer && !heard.any() && !outer) {
      const code = answer.shell === 'fish' ? fishLocally(all) : shells[answer.shell].render(all);
      answer.keep(held, request.minTtl, code);
    }
    // The command may take the place of this process.
    answer?.drop();
    const env = withChange(before, all, world.platform);
    try {
      const exit = await runCommand(command, options.command.slice(1), env, serving === undefined);
      return { stdout: '', exit };
    } finally {
      await serving?.close();
    }
  } finally {
    answer?.drop();
  }
}

/** An environment after a change: what a shell would have that did what the change says. */
function withChange(env: Environment, change: Change, platform: string): Environment {
  const after: Record<string, string | undefined> = { ...env };
  // Names of variables have no case on Windows.
  const plainName = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  for (const step of change) {
    if ('set' in step) after[step.set] = plain(step.value);
    else for (const name of Object.keys(after)) if (step.unset.includes(plainName(name))) delete after[name];
  }
  return after;
}

/** `awsmfa exec aws s3 ls` takes `aws` for the profile: the error says how to write the command. */
function chosenFor({ request, argument }: ExecOptions, ui: Ui, world: World): Chosen {
  try {
    return chooseFor(request, ui, world);
  } catch (error) {
    const isUnknown = error instanceof UserError && error.code === 'no-such-profile';
    if (!isUnknown || argument === undefined || !isCommand(argument, world)) throw error;
    const hint = `If it is the command, write: awsmfa exec -- ${shellWord(argument)} …`;
    throw error.with({ hint: error.hint ? `${error.hint} ${hint}` : hint });
  }
}

/** The command, or the user's shell. It is looked for before a code is asked for: a code would be spent in vain. */
function commandOf({ command: [program, ...args] }: ExecOptions, world: World): Command {
  // On Windows SHELL is a path of Git Bash, which it leaves to other shells too.
  const shell = world.platform === 'win32' ? world.env.ComSpec : world.env.SHELL;
  const name = program ?? (shell || undefined);
  if (name === undefined) {
    throw usage(
      'exec has no command to run, and SHELL names no shell to start instead',
      'Write the command behind the profile: awsmfa exec PROFILE -- COMMAND …',
    );
  }
  try {
    return findCommand(name, world);
  } catch (thrown) {
    const error = expected(thrown);
    if (program === undefined) {
      const hint = 'That is what SHELL names. Correct it, or write the command behind the profile.';
      throw error.with({ hint });
    }
    const words = program.trim();
    if (args.length > 0 || !/\s/.test(words)) throw error;
    throw error.with({ hint: `Give its words one by one: awsmfa exec … -- ${printable(words, 100)}` });
  }
}
