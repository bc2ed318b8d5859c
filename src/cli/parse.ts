import { type CommandName, commandNames, commands, type Flags, optionRows, takes } from './commands.ts';

/** One parsed command line. Every stage after the parser reads options from here and nowhere else. */
export interface Invocation {
  /** Undefined for a bare `awsmfa`. */
  readonly command: CommandName | undefined;
  /** The profile argument, or the shell of `init`. */
  readonly argument: string | undefined;
  /** What `keys` is to do. */
  readonly action?: string;
  readonly flags: Flags;
  /** The command of `exec` with its arguments, none of which are options of awsmfa; the words of `list`. */
  readonly rest?: readonly string[];
}

/** What can be read of a command line. Later stages, errors included, use this and never read argv again. */
export interface CommandLine {
  /** The command as far as it is known, also where the line is wrong. */
  readonly command: CommandName | undefined;
  readonly words: readonly string[];
  readonly flags: Flags;
  /** The first option that cannot be read. */
  readonly problem:
    | { readonly option: string; readonly is: 'unknown' | 'without value' | 'with value' }
    | undefined;
  /** What `exec` is to run. */
  readonly rest?: readonly string[];
  /** Undefined when the line is wrong; then `explain.ts` says why. */
  readonly invocation: Invocation | undefined;
}

/**
 * Reads a command line by the table of options. A library would cost half a millisecond and more of the four that this
 * program may take. After an option that is wrong it reads on: `--json` and `--shell` shape the error too.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { words, flags, problem, rest } = scan(argv);
  const command = problem === undefined ? words.slice(0, 1).find(isCommand) : words.find(isCommand);
  return {
    command,
    words,
    flags,
    problem,
    ...(rest && { rest }),
    invocation: problem === undefined ? invocation(words, flags, rest) : undefined,
  };
}

type Scan = Pick<CommandLine, 'words' | 'flags' | 'problem' | 'rest'>;

function scan(argv: readonly string[]): Scan {
  const words: string[] = [];
  const flags: Record<string, string | boolean | readonly string[]> = {};
  let problem: Scan['problem'];
  const wrong = (option: string, is: NonNullable<Scan['problem']>['is']) => {
    problem ??= { option, is };
  };
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    const restAt = words[0] === 'exec' ? beginOfRest(word, index, words, flags) : undefined;
    if (restAt !== undefined) return { words, flags: flags as Flags, problem, rest: argv.slice(restAt) };
    if (word === '--') {
      words.push(...argv.slice(index + 1));
      break;
    }
    // Alone it is a word: `use -` goes back, as in `cd -`.
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const [, name = '', value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = byName.get(name);
    if (!option || word.startsWith('--') === (name.length === 1)) {
      wrong(word, 'unknown');
      continue;
    }
    if (option.type === 'boolean') {
      if (value !== undefined) wrong(`--${option.name}`, 'with value');
      else flags[option.name] = true;
      continue;
    }
    const given = value ?? argv[index + 1];
    // A value that looks like an option most likely means that the value is missing; a lone dash stands for stdin.
    if (!given || (value === undefined && given.startsWith('-') && given !== '-')) {
      wrong(`--${option.name}`, 'without value');
      // The option counts as given: `use --shell=` is still for a shell.
      flags[option.name] ??= '';
      continue;
    }
    if (value === undefined) index++;
    const before = flags[option.name];
    flags[option.name] =
      option.type === 'strings' ? [...(Array.isArray(before) ? before : []), given] : given;
  }
  return { words, flags: flags as Flags, problem };
}

/**
 * Where the command of `exec` begins: behind `--`, else with the first word after the profile, which is named by
 * `--profile` or by the word after `exec`. Undefined while this word is neither.
 */
function beginOfRest(
  word: string,
  index: number,
  words: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): number | undefined {
  if (word === '--') return index + 1;
  const named = words.length > 1 || flags.profile !== undefined;
  return named && !word.startsWith('-') ? index : undefined;
}

/** The command line as every stage sees it; undefined when a word or an option does not belong to the command. */
function invocation(
  words: readonly string[],
  flags: Flags,
  command?: readonly string[],
): Invocation | undefined {
  const [first, ...others] = words;
  if (first !== undefined && !isCommand(first)) return undefined;
  if (optionRows.some(([name]) => flags[name] !== undefined && !takes(first ?? 'use', name)))
    return undefined;
  if (first === 'list') {
    return others.includes('-') ? undefined : { command: first, argument: undefined, flags, rest: others };
  }
  // `keys store work`: what to do comes before the profile.
  const action = first === 'keys' ? others.shift() : undefined;
  if (first === 'keys' && !keyActions.has(action ?? '')) return undefined;
  const [argument, ...rest] = others;
  if (rest.length > 0 || (argument === '-' && first !== 'use')) return undefined;
  if (first !== undefined && argument !== undefined && commands[first].argument === undefined)
    return undefined;
  return {
    command: first,
    argument,
    flags,
    ...(action !== undefined && { action }),
    ...(command && { rest: command }),
  };
}

export const keyActions: ReadonlySet<string> = new Set(['store', 'rotate', 'remove']);

export function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && (commandNames as readonly string[]).includes(word);
}

const byName = new Map(
  optionRows.flatMap(([name, { type, alias }]) =>
    [name, ...(alias ? [alias] : [])].map((word) => [word, { name, type }] as const),
  ),
);
