import yargs from 'yargs';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { closestNames } from '../profile/closest.ts';
import type { Outcome, World } from '../world.ts';
import { type CommandName, commandNames, commands, positional } from './commands.ts';
import type { Flags } from './invocation.ts';
import { optionRows, takes } from './options.ts';
import { type CommandLine, isCommand } from './parse.ts';

/** Says what is wrong with a command line that the parser refuses. */
export function usageError({ command, words, flags, problem }: CommandLine): UserError {
  return new UserError(
    Exit.usage,
    'usage',
    printable(problem ? aboutOption(problem) : aboutWords(words, flags)),
    `See: awsmfa ${command ? `${command} ` : ''}--help${command === 'exec' ? behindDashes : ''}`,
  );
}

const behindDashes = '; a command and its options go behind --: awsmfa exec PROFILE -- COMMAND …';

function aboutOption({ option, is }: NonNullable<CommandLine['problem']>): string {
  if (is === 'without value') return `${option} needs a value`;
  if (is === 'with value') return `${option} takes no value`;
  const word = option.replace(/=.*$/s, '');
  const names = optionRows.flatMap(([name, { alias }]) =>
    alias && alias.length > 1 ? [name, alias] : [name],
  );
  const [close] = closestNames(word.replace(/^-+/, ''), names, 1);
  return `There is no option ${word}${close ? `; did you mean --${close}?` : ''}`;
}

function aboutWords([first, ...rest]: readonly string[], flags: Flags): string {
  if (first !== undefined && !isCommand(first)) {
    const [close] = closestNames(first, commandNames, 1);
    return `There is no command "${first}"${close ? `; did you mean ${close}?` : `; a profile is named after the command: awsmfa use ${first}`}`;
  }
  const foreign = optionRows.find(([name]) => flags[name] !== undefined && !takes(first ?? 'use', name));
  if (foreign) return `awsmfa ${first ?? 'use'} has no option --${foreign[0]}`;
  return `Too many arguments: ${rest.join(' ')}`;
}

/**
 * The help of a command, or of all. For the commands whose stdout is evaluated it goes to stderr: prose must never
 * reach `eval`.
 */
export async function help({ command, flags }: CommandLine, world: World): Promise<Outcome> {
  const text = flags.version ? VERSION : await helpText(command);
  if (
    command === undefined ? flags.shell === undefined : !['env', 'use', 'clear', 'serve'].includes(command)
  ) {
    return { stdout: `${text}\n`, exit: Exit.ok };
  }
  world.say(text);
  return { stdout: '', exit: Exit.ok };
}

/** Set by the build, from package.json. */
declare const VERSION: string;

/** yargs draws it. The options have no type here, because it would be drawn, and their value is part of the name. */
function helpText(command: CommandName | undefined): Promise<string> {
  const page = yargs([])
    .scriptName('awsmfa')
    .locale('en')
    .help(false)
    .version(false)
    .wrap(Math.min(100, process.stderr.columns ?? 100));
  if (command === undefined) {
    page.usage(
      'Usage: awsmfa [command] [options]\n\nPuts MFA-backed AWS sessions where tools look for them.',
    );
    for (const name of commandNames) page.command(`${name} ${positional[name] ?? ''}`.trim(), commands[name]);
    page.epilogue('A bare `awsmfa` is `awsmfa use`. The options of a command: awsmfa COMMAND --help');
  } else {
    const words = ['awsmfa', command, positional[command], '[options]'].filter(Boolean);
    page.usage(`Usage: ${words.join(' ')}\n\n${sentence(commands[command])}`);
  }
  for (const [name, row] of optionRows) {
    if (command === undefined ? row.on !== 'all' : !takes(command, name)) continue;
    page.option(row.value ? `${name} ${row.value}` : name, {
      describe: row.describe,
      ...(row.alias ? { alias: row.alias } : {}),
    });
  }
  return page.getHelp();
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
