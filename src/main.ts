import { readCommandLine } from './cli/parse.ts';
import { run } from './cli/run.ts';
import { dropOrder, failureOf } from './commands/dialect.ts';
import { Exit, UserError } from './errors.ts';
import { cancelled, untilCtrlC } from './system/signals.ts';
import { printable } from './text.ts';
import { createUi, silent } from './ui.ts';
import type { Outcome, World } from './world.ts';

/**
 * One command line, from its arguments to what is written to stdout and the exit status. Only
 * `complain` writes errors to stderr.
 */
export async function main(outside: World): Promise<Outcome> {
  const line = readCommandLine(outside.argv);
  const { command, flags, invocation } = line;
  const ui = createUi({ ...flags, noPrompt: flags['no-prompt'] }, outside);
  // Programs that a setting names are given the terminal too, and ask there.
  const world = { ...outside, openTerminal: ui.terminal };
  const failed = (error: unknown): Outcome => {
    const { json, debug } = flags;
    const exit = complain(error, { json, debug, oneLine: command === 'process' }, world);
    return { stdout: failureOf(command, flags, json ? silent(ui) : ui, world), exit };
  };
  try {
    if (flags.help || flags.version)
      return await (await import('./cli/explain.ts')).help(command, flags, world);
    if (!invocation) throw (await import('./cli/explain.ts')).usageError(line);
    if (command !== 'use' || !flags.shell) return await run(invocation, ui, world);
    // At Ctrl-C the shell is told, because the session that it holds may have ended.
    const work = run(invocation, ui, world);
    const outcome = outside.env.AWSMFA_RENEWAL ? renewSoon(work, outside) : work;
    return (await untilCtrlC(outcome)) ?? givenUp(failed(cancelled()));
  } catch (error) {
    return failed(error);
  }
}

/**
 * The prompt hooks of the shells renew a session (`AWSMFA_AUTO=renew`), and the prompt waits for that: after a second it is
 * said why, and after five the renewal is given up. The session that is there stays valid.
 */
async function renewSoon(work: Promise<Outcome>, { openTerminal }: World): Promise<Outcome> {
  const say = () => {
    const terminal = openTerminal();
    terminal?.output.write('awsmfa: renewing the session …\n');
    terminal?.close();
  };
  const timer = setTimeout(say, 1000);
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    limit = setTimeout(
      () => resolve({ stdout: '', exit: Exit.unreachable, givenUp: { bySignal: false } }),
      5000,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    clearTimeout(limit);
  }
}

/**
 * After Ctrl-C the signal ends awsmfa, so that a script ends as well. An interactive bash would give up its function too,
 * before that has read the order on stdout.
 */
function givenUp(outcome: Outcome): Outcome {
  return { ...outcome, givenUp: { bySignal: outcome.stdout !== dropOrder } };
}

/** How an error is shown. */
export interface Style {
  /** As one JSON object. */
  readonly json?: boolean | undefined;
  /** Message and hint in one line: programs that call `process` show one line at best. */
  readonly oneLine?: boolean | undefined;
  /** With the stack of an unexpected error. */
  readonly debug?: boolean | undefined;
}

/** Writes an error to stderr: what and why in one line, what to do in another. Returns the exit status. */
export function complain(error: unknown, { json, oneLine, debug }: Style, world: World): number {
  const known = error instanceof UserError ? error : unexpected(error);
  const { code, message, hint } = known;
  if (json) world.say(JSON.stringify({ error: { code, message, hint } }));
  else if (oneLine) {
    // AWS's messages end in a period, and awsmfa's do not.
    const line = hint ? `${message.replace(/\.$/, '')}. ${hint}` : message;
    world.say(`${red('awsmfa:', world)} ${line}`);
  } else {
    world.say(`${red('awsmfa:', world)} ${message}`);
    if (hint) world.say(`  ${hint}`);
  }
  if (debug && error instanceof Error && known !== error) {
    for (const line of (error.stack ?? '').split('\n').slice(1)) world.say(printable(line, 1000));
  }
  return known.exit;
}

/** A bug of awsmfa, or an error of the system that awsmfa does not know. */
function unexpected(error: unknown): UserError {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new UserError(
    Exit.failed,
    'unexpected',
    `That should not have happened: ${printable(text, 200)}`,
    'Run it again with --debug and report what it says; it holds no secrets.',
  );
}

function red(text: string, { env, stderrIsTerminal }: World): string {
  return env.NO_COLOR || !stderrIsTerminal() ? text : `\u001b[31m${text}\u001b[39m`;
}
