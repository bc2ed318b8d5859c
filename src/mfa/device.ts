import { deviceOfUser } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { type Profile, type Setting, sourceOf } from '../profile/profile.ts';
import { printable } from '../text.ts';

/** The serial number or ARN of an MFA device, in a form that STS accepts. */
export type SerialNumber = string;

/**
 * The configured MFA device: the option, else `mfa_serial` of the profile or of its source profiles, else aws-mfa's
 * `aws_mfa_device`. Undefined without any of them, and `''` where an empty `mfa_serial` says that the profile needs no
 * MFA.
 *
 * @throws UserError for a device that STS cannot use
 */
export function configuredDevice(
  asked: Setting | undefined,
  profile: Profile,
): SerialNumber | '' | undefined {
  const named = namedDevice(asked, profile);
  return named?.value === '' ? '' : named && checkedSerial(named);
}

/** The same, not checked. */
export function namedDevice(asked: Setting | undefined, profile: Profile): Setting | undefined {
  return asked ?? ofProfile(profile, 'mfa_serial') ?? ofProfile(profile, 'aws_mfa_device');
}

export interface KnownDevice {
  /** Undefined: no MFA. */
  readonly serialNumber: SerialNumber | undefined;
}

/**
 * The device that is known without a question to AWS or the user: the configured one, else the last one of this access
 * key. Undefined when awsmfa has to find it.
 *
 * @param remembered the device of an access key; `''` for none, undefined when nothing is known
 * @throws UserError configuration for a device that STS cannot use
 */
export function knownDevice(
  asked: Setting | undefined,
  profile: Profile,
  remembered: (accessKeyId: string) => string | undefined,
): KnownDevice | undefined {
  const configured = configuredDevice(asked, profile);
  const source = sourceOf(profile);
  if (configured !== undefined || source.kind !== 'long-term')
    return { serialNumber: configured || undefined };
  const last = remembered(source.keys.accessKeyId);
  if (last !== undefined) return { serialNumber: last || undefined };
  // The AWS CLI assumes a role without a device when none is configured. Only a session needs a search.
  return profile.kind === 'role' ? { serialNumber: undefined } : undefined;
}

/** A setting of the profile, else of its source, and so on. */
export function ofProfile(profile: Profile, key: string): Setting | undefined {
  for (let at = profile; ; at = at.source) {
    const setting = at.setting(key);
    if (setting || at.kind !== 'role') return setting;
  }
}

/**
 * Checks a serial number. STS takes 9 to 256 characters of `[\w+=/:,.@-]` (API reference of GetSessionToken,
 * `SerialNumber`). The other checks are for common mistakes.
 */
export function checkedSerial({ value, by }: Setting): SerialNumber {
  const serial = value.trim();
  const device = deviceOfUser(serial);
  if (device) {
    throw badDevice(
      `${by}: ${printable(serial, 100)} is a user, not an MFA device`,
      `Its device is most likely ${printable(device, 100)}`,
    );
  }
  if (/:u2f\//.test(serial)) {
    throw badDevice(
      `${by}: ${printable(serial, 100)} is a security key or passkey; STS accepts codes only`,
      'Register an authenticator app as a second device, and name that one. With a passkey alone sign in by browser: aws login',
    );
  }
  if (/^[\w+=/:,.@-]{9,256}$/.test(serial)) return serial;
  throw badDevice(
    `${by}: "${printable(serial, 100)}" is no serial number of an MFA device`,
    'It looks like arn:aws:iam::123456789012:mfa/NAME, or is the number on a hardware token.',
  );
}

function badDevice(message: string, hint: string): UserError {
  return new UserError(Exit.configuration, 'bad-device', message, hint);
}
