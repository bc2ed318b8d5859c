import { type CommandName, commandNames, positional } from './commands.ts';
import type { Flags, Invocation } from './invocation.ts';
import { optionRows, takes } from './options.ts';

/**
 * A command line by the table of options; undefined when it is not right, and then `explain.ts` says why. A library
 * would cost half a millisecond and more of the four that this program may take.
 */
export function parse(argv: readonly string[]): Invocation | undefined {
  const { words, flags, problem, rest } = scan(argv);
  return problem === undefined ? invocation(words, flags, rest) : undefined;
}

/** A command line without the command that `exec` is to run: options in that are not for awsmfa. */
export function ownWords(argv: readonly string[]): readonly string[] {
  const { rest } = scan(argv);
  return rest ? argv.slice(0, argv.length - rest.length) : argv;
}

/** The words and options of a command line, up to the first that cannot be read. */
export interface Scan {
  readonly words: readonly string[];
  readonly flags: Flags;
  /** What is wrong with the option at which the scan ended. */
  readonly problem:
    | { readonly option: string; readonly is: 'unknown' | 'without value' | 'with value' }
    | undefined;
  /** What `exec` is to run. */
  readonly rest?: readonly string[];
}

export function scan(argv: readonly string[]): Scan {
  const words: string[] = [];
  const flags: Record<string, string | boolean | readonly string[]> = {};
  const stop = (option: string, is: NonNullable<Scan['problem']>['is']): Scan => {
    return { words, flags: flags as Flags, problem: { option, is } };
  };
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    const restAt = words[0] === 'exec' ? beginOfRest(word, index, words, flags) : undefined;
    if (restAt !== undefined) {
      return { words, flags: flags as Flags, problem: undefined, rest: argv.slice(restAt) };
    }
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
    if (!option || word.startsWith('--') === (name.length === 1)) return stop(word, 'unknown');
    if (option.type === 'boolean') {
      if (value !== undefined) return stop(`--${option.name}`, 'with value');
      flags[option.name] = true;
      continue;
    }
    const given = value ?? argv[++index];
    // A value that looks like an option is more likely one that was forgotten; a lone dash stands for stdin.
    if (!given || (value === undefined && given.startsWith('-') && given !== '-')) {
      return stop(`--${option.name}`, 'without value');
    }
    const before = flags[option.name];
    flags[option.name] =
      option.type === 'strings' ? [...(Array.isArray(before) ? before : []), given] : given;
  }
  return { words, flags: flags as Flags, problem: undefined };
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
export function invocation(
  words: readonly string[],
  flags: Flags,
  command?: readonly string[],
): Invocation | undefined {
  const [first, argument, ...rest] = words;
  if (first !== undefined && !isCommand(first)) return undefined;
  if (rest.length > 0 || (argument === '-' && first !== 'use')) return undefined;
  if (first !== undefined && argument !== undefined && positional[first] === undefined) return undefined;
  for (const [name] of optionRows) {
    if (flags[name] !== undefined && !takes(first ?? 'use', name)) return undefined;
  }
  return { command: first, argument, flags, ...(command && { rest: command }) };
}

export function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && (commandNames as readonly string[]).includes(word);
}

const byName = new Map(
  optionRows.flatMap(([name, { type, alias }]) =>
    [name, ...(alias ? [alias] : [])].map((word) => [word, { name, type }] as const),
  ),
);
