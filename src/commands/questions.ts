import { confirm, input, password, select } from '@inquirer/prompts';
import { onTerminal } from '../mfa/prompt.ts';
import type { Ui } from '../ui.ts';

export interface TextQuestion {
  readonly message: string;
  /** The answer of a bare Enter. */
  readonly suggestion?: string | undefined;
  /** What is wrong with an answer; undefined for nothing. */
  readonly problem?: (text: string) => string | undefined;
}

export function askText({ message, suggestion, problem }: TextQuestion, ui: Ui): Promise<string> {
  const validate = (text: string) => problem?.(text) ?? true;
  return onTerminal(ui, (context) =>
    input({ message, validate, ...(suggestion === undefined ? {} : { default: suggestion }) }, context),
  );
}

/** Nothing of it is shown but one star for each character: who pastes sees that something came. */
export function askSecret(message: string, ui: Ui): Promise<string> {
  return onTerminal(ui, (context) => password({ message, mask: '*' }, context));
}

export function askYes(message: string, suggestion: boolean, ui: Ui): Promise<boolean> {
  return onTerminal(ui, (context) => confirm({ message, default: suggestion }, context));
}

export interface Offer<T> {
  readonly name: string;
  readonly value: T;
}

export function askOne<T>(message: string, offers: readonly Offer<T>[], ui: Ui): Promise<T> {
  return onTerminal(ui, (context) =>
    select({ message, choices: offers, loop: false, pageSize: 12 }, context),
  );
}
