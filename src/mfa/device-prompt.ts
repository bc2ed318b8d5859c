import { confirm, input, select } from '@inquirer/prompts';
import { deviceOfUser } from '../credentials.ts';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Ui } from '../ui.ts';
import { checkedSerial, type SerialNumber } from './device.ts';
import { onTerminal } from './prompt.ts';

/**
 * Asks for the MFA device, undefined when the user has none. A user's ARN is a slip that is asked about.
 *
 * @param guess what Enter stands for
 */
export async function askDevice(
  ui: Ui,
  profile: string,
  guess: SerialNumber | undefined,
): Promise<SerialNumber | undefined> {
  for (;;) {
    const answer = await onTerminal(ui, (context) =>
      input(
        {
          message: `device of ${printable(profile, 60)} (ARN, or ${guess ? 'none' : 'nothing'} for a session without MFA):`,
          ...(guess === undefined ? {} : { default: guess }),
          validate: (text) => isNone(text) || deviceOfUser(text.trim()) !== undefined || problem(text),
          theme: { prefix: 'MFA' },
        },
        context,
      ),
    );
    const serial = answer.trim();
    const device = deviceOfUser(serial);
    if (device === undefined) return isNone(serial) ? undefined : serial;
    if (await agree(ui, insteadOf(serial, device))) return device;
  }
}

/** Asks which of several it is. */
export async function chooseDevice(
  ui: Ui,
  profile: string,
  serials: readonly SerialNumber[],
): Promise<SerialNumber> {
  const choices = serials.map((value) => ({ value, name: printable(value, 256) }));
  const theme = { prefix: 'MFA' };
  const message = `device of ${printable(profile, 60)}:`;
  return onTerminal(ui, (context) => select({ message, choices, theme, loop: false }, context));
}

/** @param suggestion what Enter says */
export async function agree(ui: Ui, question: string, suggestion = true): Promise<boolean> {
  // What the library would put before it is a sign; the first word does as well.
  const [prefix = '', ...rest] = question.split(' ');
  return onTerminal(ui, (context) =>
    confirm({ message: rest.join(' '), default: suggestion, theme: { prefix } }, context),
  );
}

export function insteadOf(user: string, device: SerialNumber): string {
  return `${printable(user, 256)} is a user. Use its device ${printable(device, 256)} instead?`;
}

function isNone(text: string): boolean {
  return /^(?:none)?$/i.test(text.trim());
}

function problem(text: string): true | string {
  try {
    checkedSerial({ value: text, by: '' });
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${error.message.replace(/^: /, '')}. ${error.hint ?? ''}`.trim();
  }
}
