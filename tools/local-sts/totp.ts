import { createHmac } from 'node:crypto';

/** AWS's virtual devices: a new code every 30 seconds. */
export const stepMs = 30_000;

/**
 * The time-based one-time password of RFC 6238 (HMAC-SHA-1, 30 s) for a window of `windowAt`. AWS's devices
 * show six digits.
 */
export function totp(secret: Uint8Array, window: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(window));
  const mac = createHmac('sha1', secret).update(counter).digest();
  // RFC 4226: the last nibble says where to take the 31 bits from.
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The number of the 30 s window that holds this instant, given in epoch milliseconds. */
export function windowAt(time: number): number {
  return Math.floor(time / stepMs);
}

/**
 * RFC 4648 base32, the form in which AWS shows the secret of a virtual MFA device; lower case, blanks and
 * missing padding are taken as authenticator apps take them. Throws on any other character.
 */
export function base32Decode(text: string): Uint8Array {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const character of text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()) {
    const value = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(character);
    if (value === -1) throw new RangeError(`not base32: ${JSON.stringify(character)}`);
    buffer = ((buffer << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 0xff);
    }
  }
  return Uint8Array.from(bytes);
}
