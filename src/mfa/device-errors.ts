import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { KeysProfile } from '../profile/profile.ts';
import type { Discovery } from './discover.ts';

export function onlyUnusable(name: string, unusable: readonly string[]): UserError {
  const devices = `${unusable.length === 1 ? 'is a security key or passkey' : 'are security keys or passkeys'}, and STS takes codes only`;
  return new UserError(
    Exit.configuration,
    'bad-device',
    `The MFA device${unusable.length === 1 ? '' : 's'} of "${name}" ${devices}: ${listed(unusable)}`,
    'Register an authenticator app as one more device (IAM, Users, Security credentials), and try again. With a passkey alone sign in by browser: aws login',
  );
}

/** A code can be had without asking, and the device is not known. @param why nobody can be asked */
export function cannotAskForDevice(
  root: KeysProfile,
  { usable, guess }: Pick<Discovery, 'usable' | 'guess'>,
  why: string,
): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `${namesNone(root, usable)}, and ${why}`,
    `${root.file ? 'Add mfa_serial to the profile' : 'Export AWS_MFA_SERIAL'}, or give --serial-number: ${hint(usable, guess)}`,
  );
}

/** Reports the missing code and the missing device in one error. */
export function neither(
  noCode: UserError,
  root: KeysProfile,
  { usable, guess }: Pick<Discovery, 'usable' | 'guess'>,
): UserError {
  const isSilent = usable.length === 0 && guess === undefined;
  return new UserError(
    noCode.exit,
    noCode.code,
    `${noCode.message}; ${namesNone(root, usable).replace(/^P/, 'p')}${isSilent ? ', and AWS did not tell one in time' : ''}`,
    `${noCode.hint} The device: ${root.file ? 'mfa_serial in the profile' : 'AWS_MFA_SERIAL'}, or --serial-number; ${hint(usable, guess)}`,
  );
}

function namesNone({ name }: KeysProfile, usable: readonly string[]): string {
  const several = usable.length > 0 ? `, its user has ${usable.length}` : '';
  return `Profile "${printable(name, 60)}" names no MFA device${several}`;
}

function hint(usable: readonly string[], guess: string | undefined): string {
  if (usable.length > 0) return `${listed(usable)}.`;
  return guess ? `most likely ${printable(guess, 256)}.` : 'it looks like arn:aws:iam::ACCOUNT:mfa/NAME.';
}

function listed(serials: readonly string[]): string {
  return serials.map((serial) => printable(serial, 256)).join(', ');
}
