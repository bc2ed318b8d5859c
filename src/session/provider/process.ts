import { parseDuration, sayDuration } from '../../config/duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { Environment } from '../../world.ts';
import { markedBy, refuseCircle } from './circle.ts';
import { found, type Raw } from './found.ts';
import { type Ran, runProgram } from './program.ts';
import { type Asking, named, type Provider } from './provider.ts';
import { splitWords } from './words.ts';

/**
 * `credential_process`: a program that prints credentials (AWS SDKs and Tools reference guide, "Process credential
 * provider"; botocore's ProcessProvider). Not by the SDK's `fromProcess`, which waits for ever, gives the program no
 * terminal to ask on, hides a request to touch a key, and puts command line and output into its errors.
 *
 * As for the AWS CLI, no shell reads the command.
 */
export const fromProcess: Provider = async (asking) => {
  const { profile, world } = asking;
  refuseCircle(profile, world.env);
  const command = profile.setting('credential_process')?.value ?? '';
  const words = splitWords(command);
  if (!words || words.length === 0) {
    throw failed(
      Exit.configuration,
      asking,
      'has a quote that is not closed',
      'Close it: credential_process = "/path/to/the program" argument.',
    );
  }
  const seconds = timeLimit(world.env);
  const terminal = world.openTerminal();
  try {
    const ran = await runProgram({
      words,
      command,
      env: { ...withoutTemporary(world.env), ...markedBy(profile.name, world.env) },
      platform: world.platform,
      terminal,
      seconds,
      most: 65_536,
    });
    if (!ran.ok) throw failure(ran, words[0] ?? '', seconds, asking);
    const gave = `The credential_process of ${named(asking)} gave`;
    return found(read(ran.stdout, asking), asking, gave, 'Log in again with that program.');
  } finally {
    terminal?.close();
  }
};

/** `AWSMFA_PROCESS_TIMEOUT`; a minute, as in the AWS SDK for Go, the only one with a limit. */
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

/** A program that calls AWS itself would be given yesterday's session, which awsmfa put there. */
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

/** Version 1 of the format. */
function read(stdout: string, asking: Asking): Raw {
  let answer: unknown;
  try {
    // Windows PowerShell begins what it prints with a byte order mark.
    answer = JSON.parse(stdout.replace(/^\ufeff/, ''));
  } catch {
    answer = undefined;
  }
  const fix = 'It must print JSON: {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …}, and nothing else.';
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    const what = stdout.trim() === '' ? 'printed nothing' : 'did not print JSON';
    throw failed(Exit.configuration, asking, what, fix);
  }
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer as Record<
    string,
    unknown
  >;
  if (Version !== 1) {
    const version = typeof Version === 'number' ? `Version ${Version}` : 'no Version';
    throw failed(Exit.configuration, asking, `printed ${version} of the format; there is Version 1`, fix);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    // Anything but a text becomes a time that is none, and is refused as such.
    expiration: Expiration ? new Date(typeof Expiration === 'string' ? Expiration : Number.NaN) : undefined,
  };
}

function failure(ran: Ran & { ok: false }, file: string, seconds: number, asking: Asking): UserError {
  const byHand = 'Run it by hand to see what it says; awsmfa shows nothing of it, as it may hold secrets.';
  switch (ran.reason) {
    case 'cannot-start':
      return failed(
        Exit.configuration,
        asking,
        `cannot be started: ${printable(file, 100)}: ${startReasons[ran.code] ?? printable(ran.code, 40)}`,
        /[~$]/.test(file)
          ? 'As for the AWS CLI no shell reads it: write the path out, without ~ and variables.'
          : 'Give the whole path of the program; one with blanks in quotes.',
      );
    case 'too-slow':
      return failed(
        Exit.refused,
        asking,
        `gave no answer in ${sayDuration(seconds)}, and was ended`,
        `${byHand} AWSMFA_PROCESS_TIMEOUT=5m gives it longer.`,
      );
    case 'too-much':
      return failed(Exit.configuration, asking, 'printed more than 64 KiB, and was ended', byHand);
    case 'failed':
      return failed(
        Exit.refused,
        asking,
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

function failed(exit: 3 | 5, asking: Asking, what: string, hint: string): UserError {
  return new UserError(
    exit,
    'credential-process',
    `The credential_process of ${named(asking)} ${what}`,
    hint,
  );
}
