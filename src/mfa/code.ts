import { Exit, UserError } from '../errors.ts';

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
