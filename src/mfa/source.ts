import { Exit, UserError } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import type { CodeRequest } from '../request.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';

/** What a source is told about the question. */
export interface Question {
  readonly profile: string;
  readonly serialNumber: string;
  /** Why the code before was refused, or undefined the first time. */
  readonly refusal: string | undefined;
}

/** One way to a token code. */
export interface TokenSource {
  /** As it is called in the middle of a sentence. */
  readonly name: string;
  /** A person can give another code at once, a program when the next one has come, and what is fixed never. */
  readonly kind: 'person' | 'program' | 'fixed';
  /** @throws UserError */
  read(question: Question): Promise<string>;
}

/** What a source is looked for in. */
export interface Asking {
  readonly code: CodeRequest;
  readonly ui: Ui;
  readonly world: World;
  /** The profile that was named; what it does not say may be said by its source. */
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

/** Authenticators show `123 456`, and people type what they see. */
export function compact(text: string): string {
  return text.replace(/\s/g, '');
}

/**
 * The code, if it is one; it is never shown.
 *
 * @param name where it comes from
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

/** What it is instead of a code, as far as that may be said: `7 digits`. */
export function sizeOf(text: string): string {
  const what = /^\d*$/.test(text) ? 'digit' : 'character';
  return `${text.length} ${what}${text.length === 1 ? '' : 's'}`;
}
/** A device of AWS's shows a new code every 30 seconds (RFC 6238, by epoch time). */
const windowMs = 30_000;

/** The number of the window that holds this instant, in epoch milliseconds. */
export function windowAt(now: number): number {
  return Math.floor(now / windowMs);
}

/** When the next code comes, in epoch milliseconds. */
export function nextWindow(now: number): number {
  return (windowAt(now) + 1) * windowMs;
}

/** Whole seconds, and never 0 before it is over. */
export function secondsUntil(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}
