import type { Device, User } from './directory.ts';
import { mfaBadCode, mfaBadSerial, mfaHalfGiven, type Refusal } from './refusals.ts';
import { base32Decode, totp, windowAt } from './totp.ts';

/** The windows whose code each device (by serial number) has already spent: AWS takes a code once. */
export type SpentCodes = Map<string, Set<number>>;

export type MfaOutcome = { readonly ok: true; readonly mfa: boolean } | Refusal;

/**
 * Checks a serial number and a token code for this user, and spends the code. Neither given is no MFA and no
 * error; the code before and the one after the present one are good too, as clocks of devices drift.
 */
export function checkMfa(
  spent: SpentCodes,
  user: User | undefined,
  given: { readonly serial: string | undefined; readonly code: string | undefined },
  now: number,
): MfaOutcome {
  const { serial, code } = given;
  if (serial === undefined && code === undefined) return { ok: true, mfa: false };
  if (serial === undefined || code === undefined) return mfaHalfGiven;
  const device = user?.devices?.find((candidate) => candidate.serial === serial);
  if (device?.secret === undefined) return mfaBadSerial;
  const window = openWindows(spent, device, now).find((candidate) => codeOf(device, candidate) === code);
  if (window === undefined) return mfaBadCode;
  spent.set(serial, new Set(spent.get(serial)).add(window));
  return { ok: true, mfa: true };
}

/**
 * The windows whose code this device may still use, the best first: the present one, then the next, which
 * stays good longest, then the one before, which may be over by the time it arrives.
 */
export function openWindows(spent: SpentCodes, device: Device, now: number): readonly number[] {
  const present = windowAt(now);
  return [present, present + 1, present - 1].filter(
    (window) => spent.get(device.serial)?.has(window) !== true,
  );
}

/** The code the device shows in that window. Throws for a device that shows none. */
export function codeOf(device: Device, window: number): string {
  if (device.secret === undefined) throw new Error(`${device.serial} shows no codes`);
  return totp(base32Decode(device.secret), window);
}
