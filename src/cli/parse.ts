import {
  type CommandName,
  commandNames,
  type Flags,
  type Invocation,
  optionRows,
  positional,
  takes,
} from './options.ts';

/**
 * The quick parser, for a command line that is right: undefined for any that is not plain, and then `explain.ts`
 * (yargs, 20 ms to load) reads it or says what is wrong. Both work from the one table of options; `util.parseArgs`
 * would cost half a millisecond of the four that this program may take.
 */
export function parse(argv: readonly string[]): Invocation | undefined {
  const words: string[] = [];
  const flags: Record<string, string | boolean | readonly string[]> = {};
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    // Alone it is a word: `use -` goes back, as in `cd -`.
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const [, name = '', value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const option = byName.get(name);
    if (!option || (word.startsWith('--') ? name.length === 1 : name.length > 1)) return undefined;
    if (option.type === 'boolean') {
      if (value !== undefined) return undefined;
      flags[option.name] = true;
      continue;
    }
    const given = value ?? argv[++index];
    // A value that looks like an option is more likely one that was forgotten; a lone dash stands for stdin.
    if (!given || (value === undefined && given.startsWith('-') && given !== '-')) return undefined;
    const before = flags[option.name];
    flags[option.name] =
      option.type === 'strings' ? [...(Array.isArray(before) ? before : []), given] : given;
  }
  return invocation(words, flags as Flags);
}

/** The command line as every stage sees it; undefined when a word or an option does not belong to the command. */
export function invocation(words: readonly string[], flags: Flags): Invocation | undefined {
  const [first, argument, ...rest] = words;
  if (first !== undefined && !isCommand(first)) return undefined;
  if (rest.length > 0 || (argument === '-' && first !== 'use')) return undefined;
  if (first !== undefined && argument !== undefined && positional[first] === undefined) return undefined;
  for (const [name] of optionRows) {
    if (flags[name] !== undefined && !takes(first ?? 'use', name)) return undefined;
  }
  return { command: first, argument, flags };
}

function isCommand(word: string): word is CommandName {
  return (commandNames as readonly string[]).includes(word);
}

const byName = new Map(
  optionRows.flatMap(([name, { type, alias }]) =>
    [name, ...(alias ? [alias] : [])].map((word) => [word, { name, type }] as const),
  ),
);
