import input from '@inquirer/input';
import { UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { World } from '../world.ts';
import { checkedSerial } from './device.ts';
import { onTerminal } from './prompt.ts';

/** Asks for the MFA device; an empty answer means that the user has none. */
export async function askDevice(world: World, profile: string): Promise<string> {
  return onTerminal(world, async (context) => {
    const answer = await input(
      {
        message: `device of ${printable(profile, 60)} (ARN, empty for none):`,
        validate: (text) => text.trim() === '' || problem(text),
        theme: { prefix: 'MFA' },
      },
      context,
    );
    return answer.trim();
  });
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
