import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandNames, commands, type OptionName, optionRows, takes } from '../../src/cli/commands.ts';
import { usageError } from '../../src/cli/explain.ts';
import { readCommandLine } from '../../src/cli/parse.ts';
import { runs } from '../support/matrix.ts';

const parse = (argv: readonly string[]) => readCommandLine(argv).invocation;
const explain = (argv: readonly string[]) => usageError(readCommandLine(argv));

/** What people call profiles, regions and files, and what a parser may take for something else. */
const value = fc.oneof(
  fc.constantFrom(
    'work',
    'eu-west-1',
    '12h',
    '123456',
    '000042',
    '1e3',
    '1.0',
    '0x10',
    '.5',
    'true',
    'false',
  ),
  fc.constantFrom(
    'a=b',
    'K=V',
    '"q"',
    "'q'",
    "a b'c",
    '$(touch x)',
    'a.b',
    '[x]',
    'ключ',
    '@file',
    'env',
    'use',
  ),
  fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.startsWith('-')),
);

type Row = (typeof optionRows)[number];

/** One option, in one of the ways to write it. */
function optionOf(rows: readonly Row[]): fc.Arbitrary<string[]> {
  return fc
    .tuple(fc.constantFrom(...rows), value, fc.boolean(), fc.boolean())
    .map(([[name, row], text, joined, short]) => {
      const word = short && row.alias ? row.alias : name;
      const dashes = word.length === 1 ? '-' : '--';
      if (row.type === 'boolean') return [dashes + word];
      return joined && dashes === '--' ? [`--${word}=${text}`] : [dashes + word, text];
    });
}

/** Command lines that are right, options before, between and after the words. */
const commandLine = fc.constantFrom(undefined, ...commandNames).chain((command) => {
  const rows = optionRows.filter(([name]) => takes(command ?? 'use', name));
  const hasArgument = command !== undefined && commands[command].argument !== undefined;
  const argument = hasArgument ? fc.option(value, { nil: undefined }) : fc.constant(undefined);
  const options = fc.array(optionOf(rows), { maxLength: 4 });
  return fc
    .tuple(options, options, options, argument)
    .map(([before, between, after, word]) => [
      ...before.flat(),
      ...(command === undefined ? [] : [command]),
      ...between.flat(),
      ...(command === 'keys' ? ['store'] : []),
      ...(word === undefined ? [] : [word]),
      ...after.flat(),
    ]);
});

test('the parser reads everything that is right by the table', () => {
  fc.assert(
    fc.property(commandLine, (argv) => {
      expect(parse(argv)).toBeDefined();
    }),
    { numRuns: runs(400, 2000) },
  );
});

describe('what may be taken for something else', () => {
  const names = ['1e3', '1.0', '0x10', '000042', '"q"', "'q'", 'true', '12345678901234567890'];

  test.for(names)('a profile called %s', (name) => {
    expect(parse(['env', '--', name])).toEqual({ command: 'env', argument: name, flags: {} });
    expect(parse(['env', '--refresh', name, '--'])).toEqual({
      command: 'env',
      argument: name,
      flags: { refresh: true },
    });
  });

  test('words after -- are no options', () => {
    expect(parse(['env', '--', '--help'])).toEqual({ command: 'env', argument: '--help', flags: {} });
  });

  test('an option that may be repeated keeps all, any other the last', () => {
    const argv = ['--tag', 'A=1', 'env', '--tag=B=2', '--profile', 'a', '--profile', 'b'];
    expect(parse(argv)?.flags).toEqual({ tag: ['A=1', 'B=2'], profile: 'b' });
  });
});

test('what is wrong is refused, and explained', () => {
  const unknown = fc.constantFrom(
    '--nonsense',
    '--profil',
    '-x',
    '--tokenCode=1',
    '--no-quiet',
    '--profile.x=y',
  );
  fc.assert(
    fc.property(commandLine, unknown, (argv, option) => {
      fc.pre(!argv.some((word) => ['--help', '-h', '--version'].includes(word)));
      // What exec runs may have any options.
      fc.pre(parse(argv)?.rest === undefined);
      expect(parse([...argv, option])).toBeUndefined();
      expect(explain([...argv, option])).toMatchObject({ exit: 2, code: 'usage' });
    }),
    { numRuns: 200 },
  );
});

test('an option that belongs to another command is refused, and explained', () => {
  for (const command of commandNames) {
    const foreign = optionRows.filter(([name]) => !takes(command, name as OptionName));
    for (const [name, { type }] of foreign) {
      const argv = [command, type === 'boolean' ? `--${name}` : `--${name}=x`];
      expect([argv, parse(argv)]).toEqual([argv, undefined]);
      expect(explain(argv), argv.join(' ')).toMatchObject({ exit: 2 });
    }
  }
});
