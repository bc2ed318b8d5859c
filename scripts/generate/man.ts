import { commandNames, commands, type OptionName, optionRows } from '../../src/cli/commands.ts';

/** The man page `awsmfa(1)` in the macros of man(7). */
export function manPage(version: string): string {
  return [
    `.TH AWSMFA 1 "" "awsmfa ${version}" "User Commands"`,
    '.SH NAME',
    'awsmfa \\- puts MFA-backed AWS sessions where tools look for them',
    '.SH SYNOPSIS',
    '.B awsmfa',
    '[\\fIcommand\\fR] [\\fIprofile\\fR] [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    ...paragraphs(description),
    '.SH COMMANDS',
    'Without a command,',
    '.B awsmfa',
    'does what',
    '.B awsmfa use',
    'does.',
    ...commandNames.flatMap((name) => [
      '.TP',
      `.B awsmfa ${roff([name, commands[name].argument].filter(Boolean).join(' '))}`,
      roff(sentence(commands[name].describe)),
    ]),
    '.SH OPTIONS',
    ...optionRows.flatMap((row) => option(...row)),
    '.SH EXIT STATUS',
    ...exits.flatMap(([status, meaning]) => ['.TP', `.B ${status}`, roff(meaning)]),
    '.SH FILES',
    ...files.flatMap(([path, meaning]) => ['.TP', `.I ${roff(path)}`, roff(meaning)]),
    '.SH EXAMPLES',
    ...examples.flatMap(([line, meaning]) => ['.TP', `.B ${roff(line)}`, roff(meaning)]),
    '.SH SEE ALSO',
    '.BR aws (1)',
    '',
  ].join('\n');
}

type Row = (typeof optionRows)[number][1];

function option(name: OptionName, { alias, value, describe, on }: Row): readonly string[] {
  const words = [`--${name}`, ...(alias ? [alias.length === 1 ? `-${alias}` : `--${alias}`] : [])];
  const heads = words.map((word) => `\\fB${roff(word)}\\fR${value ? ` \\fI${roff(value)}\\fR` : ''}`);
  const where = on === 'all' ? 'Every command.' : `Commands: ${on.join(', ')}.`;
  return ['.TP', heads.join(', '), roff(sentence(describe)), roff(where)];
}

const description: readonly string[] = [
  'awsmfa gets a session from AWS STS with your long-term access keys and one code of your MFA device. Until the ' +
    'session ends, every other profile, role, shell and tool that needs it gets it without another code.',
  'The shell integration (awsmfa init) makes awsmfa a shell function, so that use and clear can change the shell. ' +
    'Without it: eval "$(awsmfa env)".',
  'The profile is the argument, or --profile, AWS_PROFILE, AWS_DEFAULT_PROFILE, the profile that the shell holds, ' +
    'or default, in this order.',
];

const exits = [
  ['0', 'Done.'],
  ['1', 'Failed for another reason.'],
  ['2', 'Wrong usage.'],
  ['3', 'Configuration: profile, file or device.'],
  ['4', 'An answer was needed and could not be asked for.'],
  ['5', 'Refused: MFA code, keys or permission.'],
  ['6', 'STS could not be reached.'],
  ['126, 127', 'exec: the command cannot be run, or cannot be found.'],
  ['129, 130, 143', 'The terminal went away; interrupted; terminated.'],
] as const;

const files = [
  [
    '~/.aws/config, ~/.aws/credentials',
    'The profiles. AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name others.',
  ],
  ['~/.aws/awsmfa', 'Cached sessions, for the user alone. AWSMFA_CACHE_DIR names another directory.'],
] as const;

const examples = [
  ['awsmfa use work', 'Get a session and put it into this shell.'],
  ['awsmfa exec work -- terraform plan', 'Run one command with the session.'],
  ['eval "$(awsmfa env work)"', 'The same as use, without the shell integration.'],
] as const;

function paragraphs(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, index) => (index === 0 ? [roff(text)] : ['.PP', roff(text)]));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Text for roff: a backslash, a hyphen that must stay one, and a dot or apostrophe that would begin a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replace(/^([.'])/, '\\&$1');
}
