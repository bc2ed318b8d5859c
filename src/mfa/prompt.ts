import input from '@inquirer/input';
import password from '@inquirer/password';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { World } from '../world.ts';
import type { Question } from './code.ts';
import { isCode } from './code.ts';
import { checkedSerial } from './device.ts';

/** Asks for six digits; blanks among them are fine, authenticators show `123 456`. */
export async function askCode(world: World, { profile, serialNumber, refusal }: Question): Promise<string> {
  if (refusal) world.say(refusal);
  const device = printable(serialNumber.replace(/^arn:.*:mfa\//, ''), 60);
  const answer = await onTerminal(world, (context) =>
    password(
      {
        message: `for ${printable(profile, 60)} (${device}):`,
        mask: '*',
        validate: (text) => isCode(compact(text)) || 'Six digits, please',
        theme: { prefix: 'MFA code' },
      },
      context,
    ),
  );
  return compact(answer);
}

/** Asks for the MFA device; an empty answer means that the user has none. */
export async function askDevice(world: World, profile: string): Promise<string> {
  return onTerminal(world, async (context) => {
    const answer = await input(
      {
        message: `of ${printable(profile, 60)} (ARN or serial number, empty for none):`,
        validate: (text) => text.trim() === '' || problem(text),
        theme: { prefix: 'MFA device' },
      },
      context,
    );
    return answer.trim();
  });
}

type Context = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream };

/** The library draws on stdout unless told otherwise, and stdout is evaluated by a shell. */
async function onTerminal<T>(world: World, ask: (context: Context) => Promise<T>): Promise<T> {
  const terminal = world.openTerminal();
  if (!terminal) {
    throw new UserError(Exit.cannotAsk, 'cannot-ask', 'The terminal went away before it could be asked');
  }
  try {
    return await ask({ input: terminal.input, output: terminal.output });
  } catch (error) {
    // Ctrl-C, Ctrl-D, and a terminal that was closed.
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError|CancelPromptError)$/.test(error.name)) {
      throw new UserError(Exit.interrupted, 'interrupted', 'Cancelled');
    }
    throw error;
  } finally {
    terminal.close();
  }
}

function compact(text: string): string {
  return text.replace(/\s/g, '');
}

function problem(text: string): true | string {
  try {
    checkedSerial({ value: text, by: 'That' });
    return true;
  } catch (error) {
    return error instanceof UserError ? error.message : String(error);
  }
}
