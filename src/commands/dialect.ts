import { sayDuration } from '../duration.ts';
import { Exit, UserError, usage } from '../errors.ts';
import type { Dialect } from '../export/dialect.ts';
import { formats, runningShell, shellCalled, shells } from '../export/dialects.ts';
import { integrations, rcLine } from '../export/integration.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Environment, World } from '../world.ts';

/** Tells a shell function whose call has failed to drop a session that has ended. */
export const dropOrder = 'false expired\n';

/** What a command line says about the dialect. */
export interface Wanted {
  readonly shell?: string | undefined;
  readonly format?: string | undefined;
}

/**
 * The dialect that a command's code is written in: `--format`, `--shell`, else that of the shell that runs awsmfa.
 *
 * @throws UserError usage for an unknown one; failed when `use` or `clear` is not called by the integration, because
 * a process cannot change the shell that started it
 */
export function chooseDialect(
  command: 'env' | 'use' | 'clear' | 'serve',
  { shell, format }: Wanted,
  world: World,
): Dialect {
  if (shell !== undefined && format !== undefined) {
    throw usage('--shell and --format exclude each other', 'A format is its own dialect: leave --shell out.');
  }
  if (format !== undefined) return known(formats, format, '--format');
  if (shell !== undefined) return known(shells, shellCalled(shell) ?? shell, '--shell');
  return shellsOwn(command, world);
}

/** The dialect of the shell that runs awsmfa. Code for another shell would fail there, or do something else. */
function shellsOwn(command: string, world: World): Dialect {
  const running = runningShell(world);
  // On Windows the parent may be unknown, or there are signs of several shells.
  if (running === undefined) {
    throw new UserError(
      Exit.usage,
      'unknown-shell',
      `awsmfa ${command}: which shell runs it cannot be seen here`,
      'Name it: --shell cmd, --shell powershell, --shell bash.',
    );
  }
  const name = shellCalled(running);
  const prints = command === 'env' || command === 'serve';
  if (name === undefined) {
    throw new UserError(
      Exit.usage,
      'unsupported-shell',
      `awsmfa does not write code for ${printable(running, 40)}, the shell that runs it`,
      prints
        ? `Name another with --shell (${Object.keys(shells).join(', ')}), or take data: --format json.`
        : `Use awsmfa exec PROFILE -- COMMAND, or data: awsmfa env --format json`,
    );
  }
  if (prints) return shells[name];
  const integration = integrations.find((shell) => shell.name === name);
  throw new UserError(
    Exit.failed,
    'not-integrated',
    `awsmfa ${command} changed nothing: it was not called through the shell function`,
    integration
      ? `If this shell has none, run awsmfa setup, or add to ${integration.rcFile}: ${rcLine(integration, world.shellDirectory)}`
      : `There is none for this shell. Use: ${shells[name].apply('awsmfa env')}`,
  );
}

/**
 * What goes to stdout when a command fails, so that `eval "$(awsmfa env)"` fails with it. Empty when stdout is a
 * terminal, or no shell would read it. Says on stderr what the shell still holds; the shell functions take
 * `false expired` for the order to drop a session that has ended.
 *
 * @param command undefined where the command line names none
 */
export function failureOf(
  command: string | undefined,
  { shell, format }: Wanted,
  ui: Ui,
  world: World,
): string {
  const { env, stdoutIsTerminal, now } = world;
  const isUse = command === 'use' && shell !== undefined;
  const isCode =
    isUse || command === 'env' || command === 'serve' || (shell !== undefined && command === 'clear');
  if (!isCode || stdoutIsTerminal()) return '';
  const left = isUse || command === 'env' ? leftInShell(env, now() / 1000) : undefined;
  if (left && (isUse || !left.isExpired)) ui.say(left.line);
  if (isUse && left?.isExpired) return dropOrder;
  if (format !== undefined && Object.hasOwn(formats, format)) return formats[format as 'env'].failure;
  const name = shellCalled(shell ?? '') ?? shellCalled(runningShell(world) ?? '');
  return name === undefined && world.platform === 'win32' ? '' : shells[name ?? 'sh'].failure;
}

/**
 * A command that fails leaves a living session where it is. The shell functions keep the keys from the program, so
 * this goes by what says when they end.
 *
 * @param now epoch seconds
 * @returns undefined where nothing says that the shell holds a session
 */
function leftInShell(
  env: Environment,
  now: number,
): { readonly line: string; readonly isExpired: boolean } | undefined {
  const expiration = exportedExpiration(env) ?? ownExpiration(env);
  const isLongTerm = env.AWS_ACCESS_KEY_ID && !env.AWS_SESSION_TOKEN && !env.AWS_SECURITY_TOKEN;
  if (expiration === undefined || isLongTerm) return undefined;
  // If another tool has put its own session there, our name is still set.
  const { AWSMFA_PROFILE: profile } = env;
  const name = profile && ownExpiration(env) === expiration ? printable(profile, 60) : undefined;
  const left = sayDuration(expiration - now);
  const isExpired = expiration <= now;
  const line = isExpired
    ? `The session of ${name ?? 'another tool'} in this shell has ended and was taken out`
    : `This shell still holds ${name ?? 'the session of another tool'}, ${left} left`;
  return { line, isExpired };
}

/** Other tools replace it together with the keys too. */
export function exportedExpiration(env: Environment): number | undefined {
  const time = Date.parse(env.AWS_CREDENTIAL_EXPIRATION || '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

export function ownExpiration({ AWSMFA_EXPIRES_AT: text = '' }: Environment): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function known(list: Readonly<Record<string, Dialect>>, name: string, option: string): Dialect {
  if (Object.hasOwn(list, name)) return list[name] as Dialect;
  throw usage(
    `${option}: there is no "${printable(name, 40)}"`,
    `Use one of ${Object.keys(list).join(', ')}.`,
  );
}
