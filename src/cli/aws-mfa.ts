import type { Environment } from '../world.ts';

/** Facts about the system that no variable has. */
export interface System {
  /** The name of the user; empty if there is none. */
  readonly user: string;
  /** Whether stdin is a pipe or a file. */
  readonly isPiped: boolean;
}

/**
 * Translates aws-mfa's command line into one of `awsmfa write`. It adds what aws-mfa takes from the environment or assumes, and
 * `write` does not: the keys are in `[NAME-long-term]`, the profile is that of `AWS_PROFILE`, the duration of the variable is
 * for roles too, a role session has the name of the user, and the code comes from stdin, because many users pipe it
 * (`op item get aws --otp | aws-mfa`). An option with an empty value counts as not given.
 */
export function translated(argv: readonly string[], env: Environment, { user, isPiped }: System): string[] {
  const words = argv.flatMap((word, index) => {
    if (isEmpty(argv, index)) return [];
    return isValue(argv, index) ? word : translatedWord(word);
  });
  const has = (name: string) => words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const login = env.LOGNAME || env.USER || env.LNAME || env.USERNAME || user;
  const isCodeSaid = has('token') || has('token-code') || env.AWSMFA_TOKEN_CODE || env.AWSMFA_MFA_PROCESS;
  const assumed: readonly (readonly [string, string | undefined])[] = [
    ['profile', env.AWS_PROFILE || 'default'],
    ['duration', env.MFA_STS_DURATION],
    ['long-term-suffix', 'long-term'],
    ['role-session-name', login],
    ['token-code', isPiped && !isCodeSaid ? '-' : undefined],
  ];
  return [
    'write',
    '--aws-mfa',
    ...assumed.flatMap(([name, value]) => (value && !has(name) ? [`--${name}=${value}`] : [])),
    ...words,
  ];
}

/** True for an empty value of one of aws-mfa's options, and for that option. */
function isEmpty(argv: readonly string[], index: number): boolean {
  const [word = '', next] = argv.slice(index);
  if (isValue(argv, index)) return word === '';
  if (isValue(argv, index + 1)) return next === '';
  return word.endsWith('=') && word.startsWith('--') && fullName(word.slice(2, -1)) !== undefined;
}

/** True for the word after an option that takes a value. */
function isValue(argv: readonly string[], index: number): boolean {
  const before = argv[index - 1];
  if (!before?.startsWith('--') || before.includes('=') || isValue(argv, index - 1)) return false;
  const name = fullName(before.slice(2));
  return name !== undefined && !alone.has(name);
}

function translatedWord(word: string): string {
  const [, name = '', rest = ''] = /^--([^=]+)(.*)$/s.exec(word) ?? [];
  const full = fullName(name);
  return full === undefined ? word : `--${full}${rest}`;
}

/** Python's argparse takes the first letters of an option for the option, as long as there is no other one. */
function fullName(word: string): string | undefined {
  const exact = names.get(word);
  if (exact !== undefined || word === '') return exact;
  const meant = new Set([...names].flatMap(([name, full]) => (name.startsWith(word) ? [full] : [])));
  return meant.size === 1 ? [...meant][0] : undefined;
}

/** aws-mfa's options by their names in `write`. */
const names: ReadonlyMap<string, string> = new Map([
  ...['device', 'duration', 'profile', 'assume-role', 'role-session-name', 'log-level'].map(twice),
  ...['long-term-suffix', 'short-term-suffix', 'force', 'setup', 'help'].map(twice),
  ['long-suffix', 'long-term-suffix'],
  ['short-suffix', 'short-term-suffix'],
  ['assume', 'assume-role'],
]);

function twice(name: string): [string, string] {
  return [name, name];
}

const alone: ReadonlySet<string> = new Set(['force', 'setup', 'help']);
