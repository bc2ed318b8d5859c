import { parseArgs } from 'node:util';
import { type CommandName, commandNames, type Flags, type Invocation, optionRows, takes } from './options.ts';

/**
 * The quick parser, for a command line that is right: undefined for any that is not, or that asks for help, and
 * then `explain.ts` (yargs, 20 ms slower to load) says what is wrong. Both read the one table of options.
 */
export function parse(argv: readonly string[]): Invocation | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: spec,
      allowPositionals: true,
      strict: true,
    });
    const flags = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [canonical.get(name) ?? name, value]),
    ) as Flags;
    return invocation(positionals, flags);
  } catch {
    return undefined;
  }
}

/** The command line as every stage sees it; undefined when a word or an option does not belong to the command. */
export function invocation(words: readonly string[], flags: Flags): Invocation | undefined {
  const [first, argument, ...rest] = words;
  if (first !== undefined && !isCommand(first)) return undefined;
  if (rest.length > 0 || (first === 'clear' && argument !== undefined)) return undefined;
  for (const [name] of optionRows) {
    if (flags[name] !== undefined && !takes(first ?? 'use', name)) return undefined;
  }
  return { command: first, argument, flags };
}

function isCommand(word: string): word is CommandName {
  return (commandNames as readonly string[]).includes(word);
}

const canonical = new Map(
  optionRows.flatMap(([name, row]) => (row.alias !== undefined ? [[row.alias, name] as const] : [])),
);

const spec = Object.fromEntries(
  optionRows.flatMap(([name, { type, alias }]) => {
    if (alias === undefined) return [[name, { type }]];
    return alias.length === 1
      ? [[name, { type, short: alias }]]
      : [
          [name, { type }],
          [alias, { type }],
        ];
  }),
) as Record<string, { type: 'string' | 'boolean'; short?: string }>;
