import { confirm, input, password, select } from '@inquirer/prompts';
import { onTerminal } from '../../mfa/prompt.ts';
import type { World } from '../../world.ts';

export interface TextQuestion {
  readonly message: string;
  /** The answer of a bare Enter. */
  readonly suggestion?: string | undefined;
  /** What is wrong with an answer; undefined for nothing. */
  readonly problem?: (text: string) => string | undefined;
}

export function askText({ message, suggestion, problem }: TextQuestion, world: World): Promise<string> {
  const validate = (text: string) => problem?.(text) ?? true;
  return onTerminal(world, (context) =>
    input({ message, validate, ...(suggestion === undefined ? {} : { default: suggestion }) }, context),
  );
}

/** Nothing of it is shown but one star for each character: who pastes sees that something came. */
export function askSecret(message: string, world: World): Promise<string> {
  return onTerminal(world, (context) => password({ message, mask: '*' }, context));
}

export function askYes(message: string, suggestion: boolean, world: World): Promise<boolean> {
  return onTerminal(world, (context) => confirm({ message, default: suggestion }, context));
}

export interface Offer<T> {
  readonly name: string;
  readonly value: T;
}

export function askOne<T>(message: string, offers: readonly Offer<T>[], world: World): Promise<T> {
  return onTerminal(world, (context) =>
    select({ message, choices: offers, loop: false, pageSize: 12 }, context),
  );
}
