import { usage } from '../errors.ts';
import * as fish from '../export/dialects/fish.ts';
import * as posix from '../export/dialects/posix.ts';
import { formats, shells } from '../export/dialects.ts';
import { integrations } from '../export/integration.ts';
import { readText } from '../files/disk.ts';
import { regions } from '../profile/region.ts';
import { stores } from '../stores/stores.ts';
import { printable } from '../text.ts';
import type { Outcome, World } from '../world.ts';
import { type CommandName, commandNames, commands, type OptionName, optionRows, takes } from './commands.ts';
import { keyActions } from './parse.ts';
import { scopes } from './scope.ts';

/** The shells with a completion. The code lies beside the integration, and the table below goes before it. */
const completed = ['zsh', 'bash', 'fish', 'powershell'] as const;

/** `awsmfa completion SHELL`: the completion script, whole, for people who load it themselves. */
export async function completion(argument: string | undefined, world: World): Promise<Outcome> {
  const shell = integrations.find(({ name }) => name === argument && completed.some((word) => word === name));
  if (!shell) {
    throw usage(
      argument === undefined
        ? 'completion: for which shell?'
        : `completion: there is none for "${printable(argument, 40)}"`,
      `Name one of ${completed.join(', ')}. The line of awsmfa init loads the completion too.`,
    );
  }
  const code = readText(`${world.shellDirectory}/${shell.file.replace('awsmfa', 'completion')}`);
  const table = completionTable()
    .map((row) => row.join('\t'))
    .join('\n');
  return { stdout: `${heads[shell.name as Completed](table)}\n${code}`, exit: 0 };
}

type Completed = (typeof completed)[number];

/** The first lines of each script, which set the table. */
const heads: Readonly<Record<Completed, (table: string) => string>> = {
  // zsh finds the function that a file in fpath has by this first line.
  zsh: (table) => `#compdef awsmfa\n_awsmfa_table=${posix.quote(table)}`,
  bash: (table) => `_awsmfa_table=${posix.quote(table)}`,
  fish: (table) => `set -g _awsmfa_table ${fish.quote(table)}`,
  // In ASCII, because 5.1 reads a script by the code page. The quote of the dialect would make a thousand terms of it.
  powershell: (table) =>
    `$global:_awsmfa_table = '${table.replaceAll("'", "''").replaceAll('\u2026', '...')}'`,
};

/**
 * What the completion knows, one row a line: `command NAME KIND DESCRIPTION`, `option --NAME KIND COMMANDS DESCRIPTION`,
 * `alias --NAME KIND`, `values KIND WORD…`. KIND is what follows: a profile, a region, a file, one of the values, `text`
 * for what cannot be completed, `-` for nothing.
 */
export function completionTable(): readonly (readonly string[])[] {
  return [
    ...commandNames.map((name) => [
      'command',
      name,
      argumentKind(name),
      commands[name].describe.replace(' (needs the shell integration)', ''),
    ]),
    ...optionRows.flatMap(([name, row]) => {
      const kind = row.type === 'boolean' ? '-' : valueKind(name);
      const on = row.on === 'all' ? commandNames : commandNames.filter((command) => takes(command, name));
      const alias = row.alias && row.alias.length > 1 ? [['alias', `--${row.alias}`, kind]] : [];
      return [['option', `--${name}`, kind, on.join(' '), row.describe], ...alias];
    }),
    ...Object.entries(values).map(([kind, words]) => ['values', kind, words.join(' ')]),
  ];
}

const values: Readonly<Record<string, readonly string[]>> = {
  region: regions,
  shell: Object.keys(shells),
  integration: integrations.map(({ name }) => name),
  completion: completed,
  command: commandNames,
  action: [...keyActions],
  format: Object.keys(formats),
  time: ['15m', '1h', '4h', '8h', '12h', '36h'],
  store: stores.map(({ name }) => name),
  scope: [...Object.keys(scopes), 'none'],
  level: ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
};

function argumentKind(name: CommandName): string {
  if (name === 'init') return 'integration';
  if (name === 'completion') return 'completion';
  if (name === 'help') return 'command';
  // An action of `keys` comes first, which the shells know.
  return commands[name].argument?.includes('[profile]') ? 'profile' : '-';
}

/** By the option's name: what stands for the value in the help is for people. */
function valueKind(name: OptionName): string {
  const kinds: { readonly [Name in OptionName]?: string } = {
    profile: 'profile',
    also: 'profile',
    region: 'region',
    'sts-region': 'region',
    shell: 'shell',
    format: 'format',
    duration: 'time',
    'min-ttl': 'time',
    policy: 'file',
    csv: 'file',
    'rc-file': 'file',
    'log-level': 'level',
    store: 'store',
    scope: 'scope',
  };
  return kinds[name] ?? 'text';
}
