import { Exit, UserError } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import type { CodeRequest } from '../request.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';

/** The device whose code is needed, and for which profile. */
export interface Question {
  readonly profile: string;
  readonly serialNumber: string;
  /** Why another code is needed; undefined the first time. */
  readonly problem: string | undefined;
}

/** The question as a person reads it. */
export function codeQuestion({ profile, serialNumber }: Question): string {
  const device = printable(serialNumber.replace(/^arn:.*:mfa\//, ''), 60);
  return `MFA code for ${printable(profile, 60)} (${device}):`;
}

/** Where a token code comes from. */
export interface TokenSource {
  /** For the middle of a sentence: `the terminal`. */
  readonly name: string;
  /** A person can give another code at once, a program in the next 30 seconds, a fixed value never. */
  readonly kind: 'person' | 'program' | 'fixed';
  /** @throws UserError */
  read(question: Question): Promise<string>;
}

/** What a source is made from. */
export interface Asking {
  readonly code: CodeRequest;
  readonly ui: Ui;
  readonly world: World;
  /** The profile that was named. Settings may come from its source profile. */
  readonly profile: Profile;
}

/** @param why for the middle of a sentence: `there is no terminal to ask on` */
export function cannotAsk(why: string): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `An MFA code is needed, and ${why}`,
    'Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.',
  );
}

/** Six ASCII digits (API reference of GetSessionToken, `TokenCode`). */
export function isCode(text: string): boolean {
  return /^[0-9]{6}$/.test(text);
}

/** Removes blanks: authenticators show `123 456`. */
export function compact(text: string): string {
  return text.replace(/\s/g, '');
}

/**
 * The code if it has six digits. An error never shows it.
 *
 * @param name the name of the source
 * @throws UserError refused
 */
export function checkedCode(code: string, name: string): string {
  if (isCode(code)) return code;
  throw new UserError(
    Exit.refused,
    'bad-code',
    `The MFA code from ${name} is not six digits (${sizeOf(code)})`,
    'Nothing was sent. Take the six digits your authenticator shows now.',
  );
}

/** The kind and length of a text that is not a code: `7 digits`. */
export function sizeOf(text: string): string {
  const what = /^\d*$/.test(text) ? 'digit' : 'character';
  return `${text.length} ${what}${text.length === 1 ? '' : 's'}`;
}
