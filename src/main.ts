import { readCommandLine } from './cli/parse.ts';
import { run } from './cli/run.ts';
import { dropOrder, failureOf } from './commands/dialect.ts';
import { complain } from './complain.ts';
import { Exit } from './errors.ts';
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
    if (command !== 'use' || !flags.shell) return await run(invocation, ui, world);
    // The shell is to hear of it: what it holds may have ended.
    const work = run(invocation, ui, world);
    const outcome = outside.env.AWSMFA_RENEWAL ? renewSoon(work, outside) : work;
    return (await untilCtrlC(outcome)) ?? givenUp(failed(cancelled()));
  } catch (error) {
    return failed(error);
  }
}

/**
 * The prompt hooks of the shells renew a session (`AWSMFA_AUTO=renew`), and the prompt waits for that: after a second it is
 * said why, and after five it is given up. Then the session that is there is as good as before.
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
