import type { Environment } from '../world.ts';
import { quote as fishQuote } from './dialects/fish.ts';
import { quote } from './dialects/posix.ts';

/** An answer, and what has to be as it was for it to be given again. */
export interface KeptAnswer {
  /** What the shell asks: it sends this text, and compares it to the letter. */
  readonly question: string;
  /** All variables that the answer depends on. One that is not set is empty. */
  readonly variables: ReadonlyMap<string, string>;
  readonly files: readonly {
    readonly path: string;
    /** Epoch seconds of its last change, and files that were changed just before and after it; undefined for no file. */
    readonly changed?: { readonly seconds: number; readonly before: string; readonly after: string };
  }[];
  /** Epoch seconds: the answer is good from the first on, and before the second. */
  readonly since: number;
  readonly until: number;
  /** Epoch seconds of the session's end. */
  readonly expiration: number;
  /** Epoch seconds: the time of the file with the answer. */
  readonly begun: number;
  /** What the shell evaluates, or prints for `env`. */
  readonly code: string;
  /** The line for people, before and behind the time left; undefined where nothing is said. */
  readonly words: readonly [before: string, after: string] | undefined;
}

/** For each shell that keeps answers: the code that its function `_awsmfa_recall` evaluates, which fails or sets them. */
export const keepers: Readonly<Record<string, (answer: KeptAnswer) => string>> = {
  zsh: forPosix,
  bash: forPosix,
  fish: forFish,
};

/** The session itself, which is not asked for, and what the functions tell the program. */
const apart =
  'AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|CREDENTIAL_EXPIRATION)|AWSMFA_(?:EXPIRES_AT|AUTO|INTEGRATION|QUESTION)';

/** Whether a variable may change an answer: by its beginning, so that no list of names can be out of date. */
export function isAsked(name: string): boolean {
  return /^(?:AWS|MFA)/.test(name) && !new RegExp(`^(?:${apart})$`).test(name);
}

/**
 * The variables that an answer depends on, sorted.
 *
 * @returns undefined where one is a secret, which is in no answer, or has a name that no shell can write
 */
export function askedVariables(env: Environment): ReadonlyMap<string, string> | undefined {
  const names = Object.keys(env).filter((name) => env[name] !== undefined && isAsked(name));
  const isUnfit = (name: string) => /SECRET|TOKEN(?:_CODE)?$|PASSW|^AWS_ACCESS_KEY$|\W/.test(name);
  if (names.some(isUnfit)) return undefined;
  return new Map(['HOME', 'PATH', 'TZ', ...names.sort()].map((name) => [name, env[name] ?? '']));
}

/** With long-term keys in the environment the core decides. `_awsmfa_words` are set last: a file that was cut sets none. */
function forPosix(answer: KeptAnswer): string {
  const asked = ['$_awsmfa_question', ...[...answer.variables.keys()].map((name) => `\${${name}-}`)];
  const conditions = [
    `"${asked.join('\n')}" = ${quote(textOf(answer))}`,
    `"$_awsmfa_now" -ge ${answer.since}`,
    `"$_awsmfa_now" -lt ${answer.until}`,
    ...answer.files.flatMap(({ path, changed }) =>
      changed
        ? [`${quote(path)} -nt ${quote(changed.before)}`, `${quote(path)} -ot ${quote(changed.after)}`]
        : [`! -e ${quote(path)}`],
    ),
  ];
  return [
    `case \${AWS_ACCESS_KEY_ID-}\${AWS_SECRET_ACCESS_KEY:+1}:\${AWS_SESSION_TOKEN:+1}\${AWS_SECURITY_TOKEN:+1} in`,
    'AKIA????????????*:* | ?*:) \\builtin return 1 ;;',
    'esac',
    `${conditions.map((each) => `\\builtin [ ${each} ]`).join(' &&\n')} || \\builtin return 1`,
    `_awsmfa_code=${quote(answer.code)}`,
    ...(answer.words ? [`_awsmfa_span "$((${answer.expiration} - _awsmfa_now))"`] : []),
    `_awsmfa_words=${answer.words?.map(quote).join('$REPLY') ?? '-'}\n`,
  ].join('\n');
}

/**
 * fish knows whole seconds, its clock is how old a file is, and a command substitution costs as much as all the rest.
 * It says what is wrong in a file that was cut: its function looks for the end first.
 */
function forFish(answer: KeptAnswer): string {
  const asked = ['$_awsmfa_question', ...[...answer.variables.keys()].map((name) => `$${name}`)];
  const paths = answer.files.map(({ path }) => fishQuote(path)).join(' ');
  const times = answer.files.flatMap(({ changed }) => (changed ? [changed.seconds] : []));
  const names = [...answer.variables.keys()].filter(isAsked);
  return [
    `set -l _awsmfa_seen (builtin path mtime -R -- $_awsmfa_path; builtin path mtime -- ${paths}; set -nx | string match -r '^(?!(?:${apart})$)(?:AWS|MFA).*')`,
    `test ${asked.map((each) => `"${each}"`).join('\\n')} = ${fishQuote(textOf(answer))}`,
    `and test "$_awsmfa_seen[2..]" = '${[...times, ...names].join(' ')}'`,
    `and test $_awsmfa_seen[1] -ge ${answer.since - answer.begun}; and test $_awsmfa_seen[1] -lt ${answer.until - answer.begun}`,
    `and test -n "$AWS_SESSION_TOKEN$AWS_SECURITY_TOKEN" -o -z "$AWS_ACCESS_KEY_ID$AWS_SECRET_ACCESS_KEY"`,
    `and not string match -qr '^AKIA.{12}' -- "$AWS_ACCESS_KEY_ID"`,
    ...(answer.words
      ? [
          `and _awsmfa_measure ${answer.expiration} ${answer.begun} $_awsmfa_seen[1]`,
          `and set _awsmfa_words ${answer.words.map(fishQuote).join('$_awsmfa_time')}`,
        ]
      : []),
    `and set _awsmfa_code ${fishQuote(answer.code)}`,
    '# end\n',
  ].join('\n');
}

/** Each part is one line, or the question three, so that two texts are the same only where all parts are. */
function textOf({ question, variables }: KeptAnswer): string {
  return [question, ...variables.values()].join('\n');
}
