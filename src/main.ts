import { readCommandLine } from './cli/parse.ts';
import { run } from './cli/run.ts';
import { dropOrder, failureOf } from './commands/dialect.ts';
import { complain } from './complain.ts';
import { cancelled, untilCtrlC } from './system/signals.ts';
import { createUi, silent } from './ui.ts';
import type { Outcome, World } from './world.ts';

/**
 * One command line, from its arguments to what is written to stdout and the exit status. Errors are said on stderr, by
 * `complain` and nobody else.
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
    const outcome = run(invocation, ui, world);
    if (command !== 'use' || !flags.shell) return await outcome;
    // The shell is to hear of it: what it holds may have ended.
    return (await untilCtrlC(outcome)) ?? givenUp(failed(cancelled()));
  } catch (error) {
    return failed(error);
  }
}

/**
 * After Ctrl-C the signal ends awsmfa, so that a script ends as well. An interactive bash would give up its function too,
 * before that has read the order on stdout.
 */
function givenUp(outcome: Outcome): Outcome {
  return { ...outcome, givenUp: { bySignal: outcome.stdout !== dropOrder } };
}
