import yargs from 'yargs';
import { Exit, type UserError, usage } from '../errors.ts';
import { formats, shells } from '../export/dialects.ts';
import { closestNames, printable, profileWord } from '../text.ts';
import type { Outcome, World } from '../world.ts';
import {
  type CommandName,
  commandNames,
  commands,
  type Flags,
  type OptionName,
  optionRows,
  takes,
} from './commands.ts';
import { type CommandLine, isCommand, keyActions } from './parse.ts';

/** Says what is wrong with a command line that the parser refuses. */
export function usageError({ command, words, flags, problem }: CommandLine): UserError {
  const program = flags['aws-mfa'] ? 'aws-mfa' : `awsmfa${command ? ` ${command}` : ''}`;
  return usage(
    printable(problem ? aboutOption(problem) : aboutWords(words, flags)),
    `See: ${program} --help${command === 'exec' ? behindDashes : ''}`,
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
    return noCommand(first);
  }
  const foreign = optionRows.find(([name]) => flags[name] !== undefined && !takes(first ?? 'use', name));
  if (foreign) return `awsmfa ${first ?? 'use'} has no option --${foreign[0]}`;
  if (first === 'keys' && !keyActions.has(rest[0] ?? '')) {
    return `awsmfa keys needs one of: ${[...keyActions].join(', ')}`;
  }
  return `Too many arguments: ${rest.slice(first === 'keys' ? 1 : 0).join(' ')}`;
}

function noCommand(word: string): string {
  const [close] = closestNames(word, commandNames, 1);
  return `There is no command "${word}"${close ? `; did you mean ${close}?` : `; a profile is named after the command: awsmfa use ${profileWord(word)}`}`;
}

/**
 * The help of a command, or of all. A shell evaluates what is printed for `--shell`: there it goes to stderr, because
 * prose must never reach `eval`.
 */
export async function help(command: string | undefined, flags: Flags, world: World): Promise<Outcome> {
  if (command !== undefined && !isCommand(command)) throw unknownCommand(command);
  const text = flags.version ? VERSION : await helpText(command, flags['aws-mfa'] ?? false);
  if (flags.shell === undefined || command === 'setup') return { stdout: `${text}\n`, exit: Exit.ok };
  world.say(text);
  return { stdout: '', exit: Exit.ok };
}

function unknownCommand(word: string): UserError {
  return usage(printable(noCommand(word)), 'See: awsmfa --help');
}

/** Set by the build, from package.json. */
declare const VERSION: string;

/** yargs draws it. The options have no type here, because it would be drawn, and their value is part of the name. */
function helpText(command: CommandName | undefined, isAwsMfa: boolean): Promise<string> {
  const page = yargs([])
    .scriptName(isAwsMfa ? 'aws-mfa' : 'awsmfa')
    .locale('en')
    .help(false)
    .version(false)
    .wrap(Math.min(100, process.stderr.columns ?? 100));
  if (isAwsMfa) {
    page.usage(
      'Usage: aws-mfa [options]\n\nGets an MFA session and puts it into [NAME] of the credentials file; the keys are in\n[NAME-long-term]. This aws-mfa is awsmfa: see also awsmfa --help.',
    );
    for (const line of ['$0 --profile work', '$0 --profile work --duration 43200 --force']) {
      page.example(line, '');
    }
  } else if (command === undefined) {
    page.usage(
      'Usage: awsmfa [command] [options]\n\nPuts MFA-backed AWS sessions where tools look for them. Begin with: awsmfa setup',
    );
    for (const name of commandNames)
      page.command([name, commands[name].argument].filter(Boolean).join(' '), commands[name].describe);
    page.epilogue('A bare `awsmfa` is `awsmfa use`. The options of a command: awsmfa COMMAND --help');
  } else {
    const { argument, describe } = commands[command];
    const words = ['awsmfa', command, argument, '[options]'].filter(Boolean);
    page.usage(`Usage: ${words.join(' ')}\n\n${sentence(describe)}`);
    for (const [line, what] of examples[command] ?? []) page.example(line, what);
  }
  for (const [name, row] of optionRows) {
    if (isAwsMfa ? !ofAwsMfa.has(name) : command === undefined ? row.on !== 'all' : !takes(command, name)) {
      continue;
    }
    const shown = isAwsMfa && row.alias && aliasesOfAwsMfa.has(row.alias) ? row.alias : name;
    const values = valuesOf[name]?.() ?? [];
    page.option(row.value ? `${shown} ${row.value}` : shown, {
      describe: values.length > 0 ? `${row.describe}: ${values.join(', ')}` : row.describe,
      ...(row.alias && !isAwsMfa ? { alias: row.alias } : {}),
    });
  }
  return page.getHelp();
}

/** What an option takes, where that is a list. */
const valuesOf: Partial<Record<OptionName, () => readonly string[]>> = {
  shell: () => Object.keys(shells),
  format: () => Object.keys(formats),
  'log-level': () => ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
};

type Example = readonly [line: string, what: string];

const examples: Partial<Record<CommandName, readonly Example[]>> = {
  setup: [
    ['awsmfa setup', 'asks for what is missing'],
    ['awsmfa setup --csv key.csv --profile work --yes', 'with the file that the AWS console gave'],
  ],
  use: [
    ['awsmfa use work', 'this shell holds the session of work'],
    ['awsmfa use -', 'back to the profile before'],
    ['awsmfa use --pick', 'choose from a list'],
  ],
  env: [
    ['eval "$(awsmfa env work)"', 'the same without the shell integration'],
    ['awsmfa env work --format json', 'the session as JSON'],
  ],
  exec: [
    ['awsmfa exec work -- aws s3 ls', 'one command with the session'],
    ['awsmfa exec work', 'your shell with the session'],
  ],
  process: [['credential_process = awsmfa process work', 'a line for ~/.aws/config']],
  serve: [['eval "$(awsmfa serve work &)"', 'programs of this shell get fresh sessions from now on']],
  login: [['awsmfa login work', 'the code now, for what runs later']],
  logout: [
    ['awsmfa logout work', ''],
    ['awsmfa logout --all', ''],
  ],
  write: [
    ['awsmfa write work', 'the session in [work-mfa]'],
    ['awsmfa write --all', 'renew every section that is about to expire'],
  ],
  status: [['awsmfa status --verify', 'whose the keys are, as STS says']],
  list: [['awsmfa list prod', 'the profiles that have the word in them']],
  doctor: [['AWS_PROFILE=work awsmfa doctor', 'as it is for this profile']],
  init: [['awsmfa init zsh >> ~/.zshrc', '']],
  completion: [['awsmfa completion fish | source', '']],
  help: [['awsmfa help exec', '']],
};

/** The options that aws-mfa has too. */
const ofAwsMfa: ReadonlySet<OptionName> = new Set<OptionName>([
  'profile',
  'duration',
  'serial-number',
  'token-code',
  'role-arn',
  'role-session-name',
  'refresh',
  'setup',
  'long-term-suffix',
  'short-term-suffix',
  'log-level',
  'help',
]);

const aliasesOfAwsMfa: ReadonlySet<string> = new Set(['device', 'token', 'assume-role', 'force']);

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
