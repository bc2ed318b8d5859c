import { Exit, UserError } from './errors.ts';
import { printable } from './printable.ts';
import type { World } from './world.ts';

/** How an error is shown. */
export interface Style {
  /** As one JSON object. */
  readonly json?: boolean | undefined;
  /** Message and hint in one line: those who call `process` show one line at best. */
  readonly oneLine?: boolean | undefined;
  /** With the stack of an error that nobody expected. */
  readonly debug?: boolean | undefined;
}

/** Says an error on stderr: what and why in one line, what to do in another. Returns the exit status. */
export function complain(error: unknown, { json, oneLine, debug }: Style, world: World): number {
  const known = error instanceof UserError ? error : unexpected(error);
  const { code, message, hint } = known;
  if (json) world.say(JSON.stringify({ error: { code, message, hint } }));
  else if (oneLine) {
    // What AWS said ends in a period, and what awsmfa says does not.
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

/** A bug of ours, or a fault of the system that nobody thought of. */
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
