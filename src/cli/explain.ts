import yargs from 'yargs';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Outcome, World } from '../world.ts';
import {
  type CommandName,
  commandNames,
  commands,
  type Flags,
  type Invocation,
  optionRows,
  positional,
  takes,
} from './options.ts';
import { invocation } from './parse.ts';

/**
 * Reads a command line that the quick parser would not, with yargs, over the same table.
 *
 * @throws UserError usage, with what is wrong
 */
export function explain(argv: readonly string[]): Invocation {
  const command = commandNames.find((name) => argv.find((word) => !word.startsWith('-')) === name);
  let problem: string | undefined;
  const parser = build(command)
    .strictOptions()
    .exitProcess(false)
    .fail((message, error) => {
      problem = message || error?.message;
    });
  const { _: words, $0: _name, ...values } = parser.parseSync([...argv]);
  const flags = Object.fromEntries(
    optionRows.flatMap(([name]) => (values[name] === undefined ? [] : [[name, values[name]]])),
  ) as Flags;
  const read = invocation(words.map(String), flags);
  if (flags.help || flags.version) return { command, argument: undefined, flags };
  if (read && !problem) return read;
  throw new UserError(
    Exit.usage,
    'usage',
    printable(
      problem?.replace(/^Unknown arguments?: /, 'There is no option ') ?? misplaced(words.map(String)),
    ),
    `See: awsmfa ${command ? `${command} ` : ''}--help`,
  );
}

/**
 * The help of a command, or of all. For the commands whose stdout is evaluated it goes to stderr: prose must never
 * reach `eval`.
 */
export async function help({ command, flags }: Invocation, world: World): Promise<Outcome> {
  const text = flags.version ? VERSION : await helpText(command);
  if (command === undefined ? flags.shell === undefined : !['env', 'use', 'clear'].includes(command)) {
    return { stdout: `${text}\n`, exit: Exit.ok };
  }
  world.say(text);
  return { stdout: '', exit: Exit.ok };
}

/** Set by the build, from package.json. */
declare const VERSION: string;

function misplaced(words: readonly string[]): string {
  const [first, ...rest] = words;
  if (first !== undefined && !(commandNames as readonly string[]).includes(first)) {
    return `There is no command "${first}"; a profile is named after the command: awsmfa use ${first}`;
  }
  return `Too many arguments: ${rest.join(' ')}`;
}

function empty() {
  return yargs([])
    .scriptName('awsmfa')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'duplicate-arguments-array': false,
    })
    .help(false)
    .version(false);
}

/** A parser of the options of a command. */
function build(command: CommandName | undefined) {
  const parser = empty();
  for (const [name, row] of optionRows) {
    if (!takes(command ?? 'use', name)) continue;
    parser.option(name, {
      type: row.type === 'strings' ? 'string' : row.type,
      ...(row.type === 'strings' ? { array: true, nargs: 1 } : {}),
      ...(row.alias ? { alias: row.alias } : {}),
      ...(row.type === 'boolean' ? {} : { requiresArg: true }),
    });
  }
  return parser;
}

/** yargs draws it. The options have no type here, because it would be drawn, and their value is part of the name. */
function helpText(command: CommandName | undefined): Promise<string> {
  const page = empty().wrap(Math.min(100, process.stderr.columns ?? 100));
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
