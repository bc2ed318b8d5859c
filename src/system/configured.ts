import { parseDuration, sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { needsShell, printable, splitWords } from '../text.ts';
import type { Environment, World } from '../world.ts';
import { type Program, type Ran, runProgram } from './program.ts';

/** A program that a setting names: `credential_process`, `mfa_process`. */
export interface ConfiguredProgram {
  /** The text of the setting. */
  readonly command: string;
  /** Begins every error: `The credential_process of profile "work"`. */
  readonly subject: string;
  /** The code word of its errors. */
  readonly code: string;
  /** Whether `/bin/sh` may read a command that is more than words. */
  readonly shell: boolean;
  /** Added to awsmfa's own environment. */
  readonly env: Environment;
}

/**
 * Runs the program and returns its output. Its stdin and stderr are the terminal, so that it can ask for a touch or a
 * password. It must end within `AWSMFA_PROCESS_TIMEOUT`. No error contains its output or its command line.
 *
 * @throws UserError configuration for an error in the setting, refused for a program that failed, interrupted
 */
export async function outputOf(program: ConfiguredProgram, world: World): Promise<string> {
  const { command, env } = program;
  const words = wordsOf(program, world.platform);
  const { ran, seconds } = await runOnTerminal({ words, command, env, most: 65_536 }, world);
  if (!ran.ok) throw failure(ran, words[0] ?? '', seconds, program);
  return ran.stdout;
}

/**
 * Runs a program with the terminal as its stdin and stderr, and with the time of `AWSMFA_PROCESS_TIMEOUT`.
 *
 * @param program its `env` is added to awsmfa's own, without the token code and temporary credentials
 * @throws UserError usage for a bad AWSMFA_PROCESS_TIMEOUT
 */
export async function runOnTerminal(
  program: Pick<Program, 'words' | 'command' | 'env' | 'most' | 'input' | 'direct'>,
  { env, platform, openTerminal }: Pick<World, 'env' | 'platform' | 'openTerminal'>,
): Promise<{ readonly ran: Ran; readonly seconds: number }> {
  const seconds = timeLimit(env);
  const terminal = openTerminal();
  try {
    // The token code is for this awsmfa, and not for the program.
    const all = { ...withoutTemporary(env), AWSMFA_TOKEN_CODE: undefined, ...program.env };
    return { seconds, ran: await runProgram({ ...program, env: all, platform, terminal, seconds }) };
  } finally {
    terminal?.close();
  }
}

function wordsOf(program: ConfiguredProgram, platform: string): readonly string[] {
  const { command, shell } = program;
  const words = splitWords(command);
  if (shell && platform !== 'win32' && needsShell(command)) return ['/bin/sh', '-c', command];
  if (words && words.length > 0) return words;
  throw failed(
    Exit.configuration,
    program,
    'has a quote that is not closed',
    'Close it, as in: "/path/to/the program" argument',
  );
}

/** `AWSMFA_PROCESS_TIMEOUT` in seconds; by default a minute, as in the AWS SDK for Go, the only SDK with a limit. */
function timeLimit({ AWSMFA_PROCESS_TIMEOUT: text }: Environment): number {
  if (!text) return 60;
  const seconds = parseDuration(text);
  if (seconds && seconds <= 86_400) return seconds;
  throw new UserError(
    Exit.usage,
    'bad-duration',
    `AWSMFA_PROCESS_TIMEOUT: "${printable(text, 40)}" is no time limit`,
    'Write seconds or units, up to a day: 60, 5m.',
  );
}

/** The environment without the temporary credentials that awsmfa put there: a program that calls AWS could use an expired session. */
function withoutTemporary(env: Environment): Environment {
  const temporary =
    env.AWS_SESSION_TOKEN || env.AWS_SECURITY_TOKEN || env.AWS_ACCESS_KEY_ID?.startsWith('ASIA');
  return temporary ? { ...env, ...noCredentials } : env;
}

const noCredentials: Environment = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_SECURITY_TOKEN: undefined,
  AWS_CREDENTIAL_EXPIRATION: undefined,
};

function failure(
  ran: Ran & { ok: false },
  file: string,
  seconds: number,
  program: ConfiguredProgram,
): UserError {
  const byHand = 'Run it by hand to see what it says; awsmfa shows nothing of it, as it may hold secrets.';
  switch (ran.reason) {
    case 'interrupted':
      return ran.why;
    case 'cannot-start':
      return failed(
        Exit.configuration,
        program,
        `cannot be started: ${printable(file, 100)}: ${startReasons[ran.code] ?? printable(ran.code, 40)}`,
        /[~$]/.test(file)
          ? 'As for the AWS CLI no shell reads it: write the path out, without ~ and variables.'
          : 'Give the whole path of the program; one with blanks in quotes.',
      );
    case 'too-slow':
      return failed(
        Exit.refused,
        program,
        `gave no answer in ${sayDuration(seconds)}, and was ended`,
        `${byHand} AWSMFA_PROCESS_TIMEOUT=5m gives it longer.`,
      );
    case 'too-much':
      return failed(Exit.configuration, program, 'printed more than 64 KiB, and was ended', byHand);
    case 'failed':
      return failed(
        Exit.refused,
        program,
        `failed: ${ran.status === undefined ? `ended by ${ran.signal}` : `exit status ${ran.status}`}`,
        byHand,
      );
  }
}

const startReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it may not be executed',
  ENOEXEC: 'it is no program',
};

/** An error of the program, or of its output. */
export function failed(
  exit: 3 | 5,
  { code, subject }: Pick<ConfiguredProgram, 'code' | 'subject'>,
  what: string,
  hint: string,
): UserError {
  return new UserError(exit, code, `${subject} ${what}`, hint);
}
